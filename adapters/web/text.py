"""Plain text out of what strangers write: no markup, no control characters, bounded."""

import html
import re

import nh3

from adapters.web.markup import only_markup, unwrapped

_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"  # invisible, or turning the direction of what follows
    "\ud800-\udfff]"  # halves of characters, which no encoding can write
)
_LINE_ENDS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]")
_BREAKS = re.compile(
    r"(?=</?(?:p|br|div|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|section|article|figure|figcaption|pre|hr)\b)", re.I
)
_ANY_TAG = re.compile(r"<[^<>]{0,1000}>")
_SILENT = {"script", "style", "noscript", "template", "iframe", "object", "svg", "math", "textarea", "title", "head"}
_MOST_TAGS = 10_000  # nh3 takes quadratic time over deeply nested ones


def plain_text(source: str, limit: int, *, is_prose: bool = True, is_escaped: bool = True) -> str:
    """The text of a piece of HTML, each block on a line of its own, at most `limit` characters.

    Character references are resolved once. Only HTML's own elements are removed: what merely has angle brackets is text.
    `is_prose`: a description or an article, not a headline. `is_escaped`: the HTML may have been escaped once too often,
    so elements that appear when the references are resolved are removed too.
    """
    text = unwrapped(_UNWANTED.sub("", source[: limit * 10]))
    text = _without_markup(text, is_prose) if "<" in text else html.unescape(text)
    if is_escaped and "<" in text:
        text = _without_markup(text.replace("&", "&amp;"), is_prose)
    return tidy(text, limit)


def tidy(text: str, limit: int) -> str:
    """Text with single spaces, without empty lines or control characters, at most `limit` characters."""
    text = _UNWANTED.sub("", text)
    lines = (" ".join(line.split()) for line in _LINE_ENDS.split(text))
    return shortened("\n".join(line for line in lines if line), limit)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis showing that something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _without_markup(text: str, is_prose: bool) -> str:
    if text.count("<") > _MOST_TAGS:
        text = _ANY_TAG.sub(" ", text)
    text = text.replace("<", "&lt;") if text.count("<") > _MOST_TAGS else only_markup(text, is_prose=is_prose)
    return html.unescape(nh3.clean(_BREAKS.sub("\n", text), tags=set(), clean_content_tags=_SILENT))
