"""A feed's text with what publishers get wrong put right, so that an XML parser reads it as they meant it."""

import re
from html.entities import html5

_XML_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos"})
_INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.I)
_ROOT = re.compile(r"<[A-Za-z_]")
_TOKEN = re.compile(
    r"<!\[CDATA\[|<!--|<\?"  # what ends at its own mark, wherever references or tags seem to stand in it
    r"|&(?:#(?P<decimal>[0-9]{1,8});|#[xX](?P<hex>[0-9A-Fa-f]{1,7});|(?P<name>[A-Za-z][A-Za-z0-9]{0,40});)?"
    r"|<(?![A-Za-z_/!?:])"
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}


def well_formed(text: str) -> str:
    """The document without its prolog, HTML's entities as characters, and stray `&` and `<` as references.

    The document type declaration is left out: nothing that it names is fetched, nothing that it defines is expanded.
    """
    text = _INVALID.sub("", text)
    text = text[_root(text) :]
    pieces: list[str] = []
    place = 0
    while token := _TOKEN.search(text, place):
        pieces.append(text[place : token.start()])
        place = token.end()
        if end := _ENDS.get(token[0]):
            stop = text.find(end, place)
            if stop < 0:  # cut off: what follows belongs to it
                pieces += token[0], text[place:], end
                place = len(text)
            else:
                pieces.append(text[token.start() : stop + len(end)])
                place = stop + len(end)
        else:
            pieces.append(_meant(token))
    return "".join([*pieces, text[place:]])


def _root(text: str) -> int:
    """Where the root element begins; behind the document type declaration, which may hold what looks like elements."""
    place = 0
    while found := re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.S).match(text, place):
        place = found.end()
    doctype = _DOCTYPE.search(text, place, place + 1_000)
    if doctype:
        first = _ROOT.search(text, place)
        if first and doctype.start() < first.start():
            place = _doctype_end(text, doctype.end())
    root = _ROOT.search(text, place)
    return root.start() if root else len(text)


def _doctype_end(text: str, place: int) -> int:
    subset, end = text.find("[", place), text.find(">", place)
    if 0 <= subset < end:
        closed = re.compile(r"\]\s*>").search(text, subset)
        return closed.end() if closed else len(text)
    return end + 1 if end >= 0 else len(text)


def _meant(token: re.Match[str]) -> str:
    written = token[0]
    if written == "<":
        return "&lt;"
    if token["name"]:
        if token["name"] in _XML_ENTITIES:
            return written
        characters = html5.get(f"{token['name']};")
        return _escaped(characters) if characters else f"&amp;{written[1:]}"
    if token["decimal"] or token["hex"]:
        number = int(token["decimal"]) if token["decimal"] else int(token["hex"], 16)
        if 0x80 <= number <= 0x9F:  # as HTML reads them: characters of Windows-1252
            return bytes([number]).decode("cp1252", "replace")
        return written if number <= 0x10FFFF and not _INVALID.match(chr(number)) else "\ufffd"
    return "&amp;"


def _escaped(characters: str) -> str:
    return characters.replace("&", "&amp;").replace("<", "&lt;")
