"""Feeds that are refused before any parser sees them: those that define entities ("billion laughs")."""

import re
from html.entities import html5

_SKIPPED = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.S)
_ENTITY = re.compile(r"<!ENTITY\b[^>]*>?", re.I)
# What some publishers add for the sake of HTML's entities: one of them by its character, or the W3C's own lists.
_OF_HTML = re.compile(
    r"""<!ENTITY\s+([A-Za-z][A-Za-z0-9]*)\s+(?:"(?:&#[xX]?[0-9A-Fa-f]+;|[^"&%<])"|'(?:&#[xX]?[0-9A-Fa-f]+;|[^'&%<])')\s*>"""
)
_LIST_OF_HTML = re.compile(
    r"""<!ENTITY\s+%\s+[A-Za-z0-9.\-]+\s+PUBLIC\s+["']-//W3C//ENTITIES [^"'<>]*["']\s+["'][^"'<>]*["']\s*>"""
)


def defines_entities(text: str) -> bool:
    """Whether a document type declaration before the root element declares entities other than HTML's."""
    place = 0
    while found := _SKIPPED.match(text, place):
        place = found.end()
    if text[place : place + 9].upper() != "<!DOCTYPE":
        return False
    root = re.compile(r"<[A-Za-z_]").search(text, place)
    declared = _ENTITY.finditer(text, place, root.start() if root else len(text))
    return not all(_is_of_html(declaration[0]) for declaration in declared)


def _is_of_html(declaration: str) -> bool:
    named = _OF_HTML.fullmatch(declaration)
    return f"{named[1]};" in html5 if named else _LIST_OF_HTML.fullmatch(declaration) is not None
