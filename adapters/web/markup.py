"""Telling HTML from text that only looks like it: `if a<b then c>d`, `<ADA>`, "the <video> tag"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+(?:[:-][a-zA-Z0-9]++)*+)"
    r"(?P<attributes>(?:(?:\s++|(?<=[\"']))[^\s\"'<>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>=`]++))?+)*+)"
    r"\s*+(?P<closed>/?)>"
)
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>=`]++)")

_EMPTY = frozenset({"br", "hr", "wbr"})
_EMPTY_WITH_ATTRIBUTES = frozenset({
    "area", "base", "col", "embed", "img", "input", "link", "meta", "param", "source", "track", "frame", "basefont",
})  # fmt: skip
_WITHOUT_END = frozenset({
    "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "colgroup", "option", "optgroup", "html", "head", "body",
})  # fmt: skip
_OTHERS = frozenset({
    "a", "abbr", "acronym", "address", "applet", "article", "aside", "audio", "b", "bdi", "bdo", "big", "blockquote",
    "button", "canvas", "caption", "center", "cite", "code", "data", "datalist", "del", "details", "dfn", "dialog", "dir",
    "div", "dl", "em", "fieldset", "figcaption", "figure", "font", "footer", "form", "frameset", "g", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hgroup", "i", "iframe", "ins", "kbd", "label", "legend", "main", "map", "mark", "marquee", "math",
    "menu", "meter", "nav", "nobr", "noframes", "noscript", "object", "ol", "output", "path", "picture", "pre", "progress",
    "q", "rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select", "slot", "small", "span", "strike",
    "strong", "style", "sub", "summary", "sup", "svg", "table", "template", "textarea", "time", "title", "tt", "u", "ul",
    "var", "video",
})  # fmt: skip
_ELEMENTS = _EMPTY | _EMPTY_WITH_ATTRIBUTES | _WITHOUT_END | _OTHERS
_BLOCKS = frozenset({
    "article", "aside", "blockquote", "center", "div", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "main",
    "ol", "pre", "section", "table", "ul",
})  # fmt: skip
_BARE = frozenset({
    "allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default", "defer", "disabled", "download",
    "hidden", "inert", "ismap", "itemscope", "loop", "multiple", "muted", "nomodule", "noshade", "novalidate", "nowrap",
    "open", "playsinline", "readonly", "required", "reversed", "selected",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    end: int
    name: str
    closing: bool
    closed: bool
    attributes: bool


def only_markup(text: str, *, is_prose: bool) -> str:
    """The text with each `<` that begins no HTML as `&lt;`, so that an HTML parser takes it for what it is.

    A tag is HTML when its element is one of HTML's, its attributes have values (or are HTML's own without), and what
    must be closed is closed. Once one is, the others need not be closed: markup may be cut off. `is_prose`: paragraphs
    may begin without an end, as they may in HTML; in a headline they do not.
    """
    others, tags = _found(text)
    last_end = {tag.name: tag.start for tag in tags if tag.closing}
    certain = [tag for tag in tags if _is_certain(tag, last_end, is_prose)]
    opens = bool(is_prose and tags and not text[: tags[0].start].strip() and tags[0].name in _BLOCKS)
    is_html = bool(certain or others or opens)
    starts = {*others, *(tag.start for tag in certain)}
    if is_html:
        starts |= {tag.start for tag in tags if _is_possible(tag)}
    pieces: list[str] = []
    place = 0
    while (at := text.find("<", place)) >= 0:
        pieces += text[place:at], "<" if at in starts else "&lt;"
        place = at + 1
    return "".join([*pieces, text[place:]])


def _found(text: str) -> tuple[set[int], list[_Tag]]:
    """Where comments and declarations begin, and all that has the form of a tag."""
    others: set[int] = set()
    tags: list[_Tag] = []
    ends = {"<!--": "-->", "<?": "?>", "<!doctype": ">"}
    last = {end: text.rfind(end) for end in ends.values()}
    place = 0
    while (at := text.find("<", place)) >= 0:
        place = at + 1
        opening = next((opening for opening in ends if text[at : at + len(opening)].lower() == opening), None)
        if opening is not None:
            if last[ends[opening]] >= at + len(opening):
                others.add(at)
                place = text.index(ends[opening], at + len(opening))
        elif found := _TAG.match(text, at):
            attributes = found["attributes"]
            if _are_attributes(attributes):
                closing, closed = bool(found["end"]), bool(found["closed"])
                tags.append(_Tag(at, found.end(), found["name"].lower(), closing, closed, bool(attributes)))
                place = found.end()
    return others, tags


def _are_attributes(text: str) -> bool:
    bare = _QUOTED.sub("= ", text).split()
    return all(word.endswith("=") or word.lower() in _BARE or word.startswith(("data-", "v-")) for word in bare)


def _is_certain(tag: _Tag, last_end: dict[str, int], is_prose: bool) -> bool:
    if tag.closing:
        return is_prose and tag.name in _WITHOUT_END
    if tag.name in _EMPTY:
        return True
    if tag.name in _EMPTY_WITH_ATTRIBUTES:
        return tag.attributes
    if last_end.get(tag.name, -1) > tag.start:
        return tag.name in _ELEMENTS or tag.attributes or not tag.name.isalnum()
    return tag.name in _ELEMENTS and (tag.closed or (is_prose and tag.name in _WITHOUT_END))


def _is_possible(tag: _Tag) -> bool:
    """Within what is HTML for certain."""
    if tag.name in _EMPTY_WITH_ATTRIBUTES:
        return tag.attributes or tag.closing
    return tag.name in _ELEMENTS or tag.attributes or not tag.name.isalnum()


def unwrapped(text: str) -> str:
    """Without the marks of CDATA sections, which some publishers escape with the text."""
    return "".join(_unwrapped(text))


def _unwrapped(text: str) -> Iterator[str]:
    place = 0
    while (at := text.find("<![CDATA[", place)) >= 0 and (end := text.find("]]>", at)) >= 0:
        yield text[place:at]
        yield text[at + 9 : end]
        place = end + 3
    yield text[place:]
