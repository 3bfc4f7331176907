"""Feeds that are refused before any parser sees them: those that define entities ("billion laughs")."""

import contextlib
import re

_SKIPPED = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.S)
_NAMED_ENCODING = re.compile(rb"""^[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENTITY = re.compile(r"<!ENTITY\b", re.I)


def defines_entities(document: bytes) -> bool:
    """Whether a document type declaration stands before the root element and declares entities."""
    return any(_defines_entities(text) for text in _readings(document))


def _readings(document: bytes) -> list[str]:
    """The document as a parser might read it: in ASCII, in 16 or 32 bits, in EBCDIC, or as it says itself."""
    plain = document.replace(b"\0", b"")
    readings = [plain.decode("latin-1").lstrip("ÿþ\ufeffï»¿")]
    if document.startswith(b"Lo\xa7\x94"):
        readings.append(document.decode("cp037", "replace"))
    named = _NAMED_ENCODING.match(plain)
    if named:
        with contextlib.suppress(LookupError, ValueError):  # no such encoding of text: no parser can read it so, either
            readings.append(document.decode(named[1].decode(), "replace"))
    return readings


def _defines_entities(text: str) -> bool:
    place = 0
    while found := _SKIPPED.match(text, place):
        place = found.end()
    if text[place : place + 9].upper() != "<!DOCTYPE":
        return False
    root = re.compile(r"<[A-Za-z_]").search(text, place)
    return _ENTITY.search(text, place, root.start() if root else len(text)) is not None
