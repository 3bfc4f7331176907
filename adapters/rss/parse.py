"""RSS and Atom as publishers really write them -> entries in plain text."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from adapters.rss.dates import moment
from adapters.rss.decoding import decoded
from adapters.rss.refusal import defines_entities
from adapters.rss.tree import prepared
from adapters.rss.wellformed import well_formed
from adapters.web.text import plain_text, shortened, tidy
from application.ports.news_feed import FeedAnswer, FeedEntry, RefusedEntry

MOST_ENTRIES = 500
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_CONTENT = 1_000, 5_000, 100_000  # characters
_LONGEST_GUID = _LONGEST_URL = 2_000
_LONGEST_AUTHOR, _MOST_AUTHORS = 200, 20
_RAW_KEPT = 20_000
_TITLE_FROM_TEXT = 120
_OLDEST_YEAR = 1990  # before the web: a placeholder such as 1970-01-01, not a date
_IN_BRACKETS = re.compile(r"<[^<>]*>")  # an author's address
_LITERAL = "text/plain"


_NOT_A_FEED = "the answer is not a feed: expected RSS or Atom"


class NotAFeed(Exception):
    """The document is no feed, or one that must not be read; the message is for people."""


def parse_feed_json(document: bytes, url: str, content_type: str | None = None) -> bytes:
    """`parse_feed` as JSON, for the isolated process. A NotAFeed comes as `{"not_a_feed": reason}`."""
    try:
        return msgspec.json.encode(parse_feed(document, url, content_type))
    except NotAFeed as error:
        return msgspec.json.encode({"not_a_feed": str(error)})


def parse_feed(document: bytes, url: str, content_type: str | None = None) -> FeedAnswer:
    """Read a feed that was fetched from `url`. What is ill-formed is read as far as it goes. Raises NotAFeed.

    Of more entries than are read, the newest are.
    """
    text = decoded(document, content_type)
    if defines_entities(text):
        raise NotAFeed("the feed defines XML entities, which can be made to fill the memory: it is refused")
    tree = prepared(well_formed(text))
    if tree is None:
        raise NotAFeed(_NOT_A_FEED)
    feed = _parsed(tree.document)
    if not feed.get("version") and not feed.entries:
        raise NotAFeed(_NOT_A_FEED)
    entries: list[FeedEntry] = []
    refused: list[RefusedEntry] = []
    for raw in _newest(feed.entries):
        entry = _entry(raw, url, is_atom=tree.is_atom)
        if isinstance(entry, FeedEntry):
            entries.append(entry)
        else:
            refused.append(RefusedEntry(reason=entry, raw=_raw(raw)))
    return FeedAnswer(entries=tuple(entries), refused=tuple(refused), left_out=max(0, len(feed.entries) - MOST_ENTRIES))


def _parsed(document: bytes) -> Any:
    try:
        # A BytesIO, never the text itself: feedparser would fetch a text that looks like an address.
        return feedparser.parse(
            io.BytesIO(document),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,  # every text goes through nh3 here
            resolve_relative_uris=False,
        )
    except (LookupError, AttributeError, TypeError, ValueError) as error:  # an item within a link, and the like
        raise NotAFeed(f"{_NOT_A_FEED}, and its elements stand within each other in no order ({error!r})") from error


def _newest(entries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """All entries as they stand, or of too many the newest, newest first. One without a date is as old as its neighbour."""
    if len(entries) <= MOST_ENTRIES:
        return entries
    dates = [_published(entry) for entry in entries]
    known = [date for date in dates if date]
    if not known:
        return entries[:MOST_ENTRIES]
    at = known[0]
    dated = []
    for entry, date in zip(entries, dates, strict=True):
        at = date or at
        dated.append((at, entry))
    if known[0] < known[-1]:
        dated.reverse()  # oldest first: of entries of one time, the later ones are the newer
    return [entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)[:MOST_ENTRIES]]


def _entry(raw: dict[str, Any], feed_url: str, *, is_atom: bool) -> FeedEntry | str:
    """An entry, or why there is none."""
    # feedparser takes a guid for the link where there is none; that makes sense only for one that is an address.
    link = raw.get("link")
    url = "" if link == raw.get("id") and "://" not in _text(link) else _address(link, feed_url)
    guid = _line(raw.get("id"), _LONGEST_GUID + 1) or url
    parts = [_words(part, LONGEST_CONTENT, is_atom=is_atom) for part in raw.get("content") or ()]
    title = " ".join(_words(_detail(raw, "title"), LONGEST_TITLE, is_atom=is_atom, is_prose=False).split())
    summary = _words(_detail(raw, "summary"), LONGEST_SUMMARY, is_atom=is_atom)
    content = max(parts, key=len, default="")
    if not guid:
        return "the entry has neither a guid nor a link that could identify it"
    if len(guid) > _LONGEST_GUID:
        return f"the entry's guid is longer than {_LONGEST_GUID:,} characters"
    title = title or shortened(" ".join((summary or content).split()), _TITLE_FROM_TEXT) or url
    if not title:
        return "the entry has neither title nor text nor a link"
    return FeedEntry(
        guid=guid, url=url, title=title, summary=summary, content=content,
        authors=_authors(raw), published_at=_published(raw),
    )  # fmt: skip


def _address(link: object, feed_url: str) -> str:
    """An http(s) address, made absolute; empty for anything else: a `javascript:` link must not reach a page."""
    text = _line(link, _LONGEST_URL + 1)
    if not text:
        return ""
    try:
        url = urljoin(urljoin(feed_url, urlsplit(feed_url).path), text)  # the feed's query may be its key
        fetchable = urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    except ValueError:
        return ""
    return url if fetchable and len(url) <= _LONGEST_URL else ""


def _authors(raw: Mapping[str, Any]) -> tuple[str, ...]:
    people = [person.get("name") or person.get("email") for person in raw.get("authors") or ()]
    names = (
        " ".join(_IN_BRACKETS.sub(" ", plain_text(_text(name), _LONGEST_AUTHOR)).split())
        for name in people or [raw.get("author")]
    )
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_AUTHORS]


def _published(raw: dict[str, Any]) -> datetime | None:
    """When it was published; where the feed does not say so, when it was last changed."""
    for name in ("published", "updated"):
        at = moment(_text(dict.get(raw, name)))  # not raw.get: feedparser gives one date for the other
        if at and at.year >= _OLDEST_YEAR:
            return at.replace(microsecond=0)
    return None


def _detail(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """A text with its media type. feedparser takes the content for a summary that is not there, without its type."""
    value = raw.get(name)
    contents: Sequence[dict[str, Any]] = raw.get("content") or ()
    typed = [raw.get(f"{name}_detail"), *(part for part in contents if part["value"] == value)]
    return {"type": next((part.get("type") for part in typed if part), None), "value": value}


def _words(part: Mapping[str, Any], limit: int, *, is_atom: bool, is_prose: bool = True) -> str:
    """Plain text of a text construct. In Atom, text is text; in RSS nobody can say, and it may be escaped twice."""
    value = _text(part.get("value"))
    if is_atom and part.get("type") == _LITERAL:
        return tidy(value, limit)
    return plain_text(value, limit, is_prose=is_prose, is_escaped=not is_atom)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object, limit: int) -> str:
    """One line, taken as it is: an id or an address is not HTML."""
    return "".join(char for char in _text(value).strip()[:limit] if char.isprintable())


def _raw(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, default=str, ensure_ascii=False).encode(errors="replace")[:_RAW_KEPT]
