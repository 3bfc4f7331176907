"""A feed's bytes -> text: as the document declares, else as it looks; a bad byte costs its own character only."""

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_BEGINNINGS = (  # XML 1.0, appendix F.1: how "<" and what follows it look
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0<\0."), "utf-16-be"),
    (re.compile(rb"<\0.\0"), "utf-16-le"),
    (re.compile(rb"Lo\xa7\x94"), "cp037"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I)
_SUPERSETS = {  # as the WHATWG's encoding standard reads these names
    "ascii": "utf-8", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "shift_jis": "cp932", "tis-620": "cp874",
}  # fmt: skip
_NOT_FOR_DOCUMENTS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_FEW = 2


def decoded(document: bytes, content_type: str | None = None) -> str:
    """The document's text, without its byte order mark. The content decides; the Content-Type header is a hint."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if document.startswith(mark):
            return document[len(mark) :].decode(encoding, "replace")
    for beginning, looks_like in _BEGINNINGS:
        if beginning.match(document):
            return _with_own_encoding(document, looks_like)
    declared = _DECLARED.search(document[:1_000])
    named = _CHARSET.search(content_type or "")
    if not declared and _is_utf8(document):
        return document.decode()
    for name in (declared and declared[1].decode(), named and named[1]):
        known = _known(name) if name else None
        if known and not known.startswith(("utf-16", "utf-32")):  # the declaration can be read, so it is neither
            return _as_declared(document, known)
    return _as_declared(document, "utf-8")


def _with_own_encoding(document: bytes, encoding: str) -> str:
    text = document.decode(encoding, "replace")
    if encoding == "cp037":
        named = _DECLARED.search(text[:1_000].encode("ascii", "replace"))
        text = document.decode((named and _known(named[1].decode())) or encoding, "replace")
    return text


def _as_declared(document: bytes, encoding: str) -> str:
    if encoding == "utf-8" and _is_windows_1252(document):
        encoding = "cp1252"
    return document.decode(encoding, "replace")


def _is_utf8(document: bytes) -> bool:
    try:
        document.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_windows_1252(document: bytes) -> bool:
    """Whether a document said to be UTF-8 holds single high bytes, more than a few, and not one UTF-8 character."""
    if document.isascii() or _MULTIBYTE.search(document):
        return False
    runs = _HIGH.findall(document)
    return len(runs) > _FEW and sum(len(run) == 1 for run in runs) * 2 > len(runs)


def _known(name: str) -> str | None:
    """Python's codec for a declared encoding, or for what the Web takes it to be."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # bytes to text, not hex or rot13
    except (LookupError, UnicodeError):
        return None
    if found.name in _NOT_FOR_DOCUMENTS:
        return None
    return _SUPERSETS.get(found.name, found.name)
