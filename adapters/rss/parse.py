"""RSS and Atom as publishers really write them -> entries in plain text."""

import calendar
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from adapters.rss.refusal import defines_entities
from adapters.web.text import plain_text, shortened
from application.ports.news_feed import FeedAnswer, FeedEntry, RefusedEntry

MOST_ENTRIES = 500
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_CONTENT = 1_000, 5_000, 100_000  # characters
_LONGEST_GUID = _LONGEST_URL = 2_000
_LONGEST_AUTHOR, _MOST_AUTHORS = 200, 20
_RAW_KEPT = 20_000
_TITLE_FROM_TEXT = 120
_OLDEST_YEAR = 1990  # before the web: a placeholder such as 1970-01-01, not a date

# feedparser 6.0.14 lets an empty <dc:description/> overwrite the <description> before it, as CoinDesk's feed has it.
_EMPTY_NAMESAKES = re.compile(
    rb"<([A-Za-z_][\w.-]{0,40}:(?:title|description|summary|encoded|creator|date))(?:\s*/>|>\s*</\1\s*>)"
)


class NotAFeed(Exception):
    """The document is no feed, or one that must not be read; the message is for people."""


def parse_feed_json(document: bytes, url: str, content_type: str | None = None) -> bytes:
    """`parse_feed` as JSON, for the isolated process. A NotAFeed comes as `{"not_a_feed": reason}`."""
    try:
        return msgspec.json.encode(parse_feed(document, url, content_type))
    except NotAFeed as error:
        return msgspec.json.encode({"not_a_feed": str(error)})


def parse_feed(document: bytes, url: str, content_type: str | None = None) -> FeedAnswer:
    """Read a feed that was fetched from `url`. What is ill-formed is read as far as it goes. Raises NotAFeed."""
    if defines_entities(document):
        raise NotAFeed("the feed defines XML entities, which can be made to fill the memory: it is refused")
    # A BytesIO, never the text itself: feedparser would fetch a text that looks like an address.
    feed = feedparser.parse(
        io.BytesIO(_EMPTY_NAMESAKES.sub(b"", document)),
        response_headers={"content-type": content_type} if content_type else {},
        sanitize_html=False,  # every text goes through nh3 here
        resolve_relative_uris=False,
    )
    if not feed.get("version") and not feed.entries:
        raise NotAFeed("the answer is not a feed: expected RSS or Atom")
    entries: list[FeedEntry] = []
    refused: list[RefusedEntry] = []
    for raw in feed.entries[:MOST_ENTRIES]:
        entry = _entry(raw, url)
        if isinstance(entry, FeedEntry):
            entries.append(entry)
        else:
            refused.append(RefusedEntry(reason=entry, raw=_raw(raw)))
    return FeedAnswer(entries=tuple(entries), refused=tuple(refused), left_out=max(0, len(feed.entries) - MOST_ENTRIES))


def _entry(raw: dict[str, Any], feed_url: str) -> FeedEntry | str:
    """An entry, or why there is none."""
    # feedparser takes a guid for the link where there is none; that makes sense only for one that is an address.
    link = raw.get("link")
    url = "" if link == raw.get("id") and "://" not in _text(link) else _address(link, feed_url)
    guid = _line(raw.get("id"), _LONGEST_GUID + 1) or url
    title = " ".join(plain_text(_text(raw.get("title")), LONGEST_TITLE).split())
    summary = plain_text(_text(raw.get("summary")), LONGEST_SUMMARY)
    content = max(
        (plain_text(_text(part.get("value")), LONGEST_CONTENT) for part in raw.get("content") or ()),
        key=len, default="",
    )  # fmt: skip
    if not guid:
        return "the entry has neither a guid nor a link that could identify it"
    if len(guid) > _LONGEST_GUID:
        return f"the entry's guid is longer than {_LONGEST_GUID:,} characters"
    title = title or shortened(" ".join((summary or content).split()), _TITLE_FROM_TEXT) or url
    if not title:
        return "the entry has neither title nor text nor a link"
    return FeedEntry(
        guid=guid, url=url, title=title, summary=summary, content=content,
        authors=_authors(raw), published_at=_time(raw.get("published_parsed")) or _time(dict.get(raw, "updated_parsed")),
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
    names = (" ".join(plain_text(_text(name), _LONGEST_AUTHOR).split()) for name in people or [raw.get("author")])
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_AUTHORS]


def _time(parsed: object) -> datetime | None:
    """feedparser's struct_time, which is in UTC."""
    if not isinstance(parsed, tuple):
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year >= _OLDEST_YEAR else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object, limit: int) -> str:
    """One line, taken as it is: an id or an address is not HTML."""
    return "".join(char for char in _text(value).strip()[:limit] if char.isprintable())


def _raw(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, default=str, ensure_ascii=False).encode(errors="replace")[:_RAW_KEPT]
