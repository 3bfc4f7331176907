"""What is collected, as people configured it: an event-sourced aggregate over the settings. Who says nothing, keeps these."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from domain.errors import InvalidValue, NotAllowed
from domain.event import Event
from domain.numbering import cannot_follow, must_follow
from domain.values import Origin, Pair

MOST_PAIRS = 50
MOST_FEEDS = 50
_LONGEST_NAME = 60
_LONGEST_URL = 2_000
_PAIR = re.compile(r"\s*\w{1,15}[/-]\w{1,15}\s*")


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """A news feed and where it is read."""

    name: str
    url: str

    def check(self) -> None:
        """Raises InvalidValue for what people cannot configure, in the words of a list of feeds."""
        if not 1 <= len(self.name.strip()) <= _LONGEST_NAME or not self.name.isprintable():
            raise InvalidValue("feeds", f"a feed's name must have 1 to {_LONGEST_NAME} printable characters")
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or len(self.url) > _LONGEST_URL or not self.url.isprintable() or " " in self.url:
            raise InvalidValue(
                "feeds", f"the address of the feed '{self.name}' is not one: expected http://… or https://…"
            )
        if "@" in parts.netloc:
            raise InvalidValue(
                "feeds",
                f"the address of the feed '{self.name}' holds a user name or password, which would stay in the record of "
                "changes: give such feeds in CRYPTOVIZ_FEEDS",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesEvent(Event):
    """The `sequence`th thing (from 1) that was decided on what is collected; `by` is who did."""

    sequence: int
    by: str

    @property
    def event_id(self) -> str:
        """`sources:7`."""
        return f"sources:{self.sequence}"

    @property
    def key(self) -> str:
        """In order."""
        return "sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesConfigured(SourcesEvent):
    """These pairs and news feeds are to be collected; None: what the settings say."""

    name: ClassVar[str] = "sources-configured"
    pairs: tuple[Pair, ...] | None
    feeds: tuple[NewsFeed, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPaused(SourcesEvent):
    """Nothing is to be collected of this pair or news feed for now."""

    name: ClassVar[str] = "feed-paused"
    feed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResumed(SourcesEvent):
    """It is to be collected again."""

    name: ClassVar[str] = "feed-resumed"
    feed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillAsked(SourcesEvent):
    """What is missing of a pair is to be asked for again, and its history from `since` on, where that is given."""

    name: ClassVar[str] = "backfill-asked"
    feed: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was decided so far. `paused` tells by feed who paused it, `asked` each pair's latest wish for a backfill."""

    pairs: tuple[Pair, ...] | None = None
    feeds: tuple[NewsFeed, ...] | None = None
    paused: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, BackfillAsked] = field(default_factory=dict)
    version: int = 0
    changed_at: datetime | None = None

    def configure(
        self, pairs: Sequence[Pair] | None, feeds: Sequence[NewsFeed] | None, *, by: str, now: datetime
    ) -> list[Event]:
        """Collect these; nothing happens where that is so already. Raises InvalidValue, naming the field."""
        if pairs is not None and not 1 <= len(set(pairs)) <= MOST_PAIRS:
            raise InvalidValue("pairs", f"expected 1 to {MOST_PAIRS} pairs, such as BTC/USD")
        for feed in feeds or ():
            feed.check()
        names = [feed.name for feed in feeds or ()]
        if len(names) > MOST_FEEDS:
            raise InvalidValue("feeds", f"expected {MOST_FEEDS} news feeds at most")
        for feed_name in names:
            if names.count(feed_name) > 1:
                raise InvalidValue("feeds", f"the feed name '{feed_name}' stands twice: names must differ")
            if _PAIR.fullmatch(feed_name):
                raise InvalidValue("feeds", f"the feed name '{feed_name}' has a pair's form: choose another")
        wanted = None if pairs is None else tuple(dict.fromkeys(pairs)), None if feeds is None else tuple(feeds)
        if wanted == (self.pairs, self.feeds):
            return []
        return [
            SourcesConfigured(
                sequence=self.version + 1, by=by, pairs=wanted[0], feeds=wanted[1],
                occurred_at=now, recorded_at=now, origin=Origin.LIVE,
            )
        ]  # fmt: skip

    def pause(self, feed: str, *, by: str, now: datetime) -> list[Event]:
        """Collect nothing of it for now. Raises NotAllowed where that is so already."""
        if feed in self.paused:
            raise NotAllowed(f"{feed} is paused already, by {self.paused[feed]}")
        return [
            FeedPaused(
                sequence=self.version + 1, by=by, feed=feed, occurred_at=now, recorded_at=now, origin=Origin.LIVE
            )
        ]

    def resume(self, feed: str, *, by: str, now: datetime) -> list[Event]:
        """Collect it again. Raises NotAllowed for one that is not paused."""
        if feed not in self.paused:
            raise NotAllowed(f"{feed} is not paused")
        return [
            FeedResumed(
                sequence=self.version + 1, by=by, feed=feed, occurred_at=now, recorded_at=now, origin=Origin.LIVE
            )
        ]

    def ask_backfill(self, feed: str, since: datetime | None, *, by: str, now: datetime) -> list[Event]:
        """Ask again for what is missing of a pair. Raises NotAllowed for a paused one, InvalidValue for a time to come."""
        if feed in self.paused:
            raise NotAllowed(f"{feed} is paused by {self.paused[feed]}: resume it, and what was missed is fetched")
        if since is not None and since >= now:
            raise InvalidValue("start", "start is not in the past")
        return [
            BackfillAsked(
                sequence=self.version + 1, by=by, feed=feed, since=since,
                occurred_at=now, recorded_at=now, origin=Origin.LIVE,
            )
        ]  # fmt: skip


def fold_sources(events: Iterable[Event]) -> Sources:
    """What the events come to."""
    sources = Sources()
    for event in events:
        sources = evolve_sources(sources, event)
    return sources


def evolve_sources(sources: Sources, event: Event) -> Sources:
    """Fold one event in. Raises BrokenStream for an event that does not come next."""
    if isinstance(event, SourcesEvent):
        must_follow(event.name, event.sequence, "sources", sources.version)
    match event:
        case SourcesConfigured():
            sources = replace(sources, pairs=event.pairs, feeds=event.feeds, changed_at=event.recorded_at)
        case FeedPaused():
            sources = replace(sources, paused={**sources.paused, event.feed: event.by})
        case FeedResumed():
            left = {feed: by for feed, by in sources.paused.items() if feed != event.feed}
            sources = replace(sources, paused=left)
        case BackfillAsked():
            sources = replace(sources, asked={**sources.asked, event.feed: event})
        case _:
            raise cannot_follow(event.name, "sources", sources.version)
    return replace(sources, version=sources.version + 1)
