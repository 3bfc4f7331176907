"""The watchlist: an event-sourced aggregate, the pairs somebody wants to see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.event import Event
from domain.numbering import cannot_follow, must_follow
from domain.values import Origin, Pair

WATCHLIST_ID = "watchlist:main"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistEvent(Event):
    """A pair came onto the list or left it."""

    sequence: int
    pair: Pair

    @property
    def event_id(self) -> str:
        """`watchlist:main:4`."""
        return f"{WATCHLIST_ID}:{self.sequence}"

    @property
    def key(self) -> str:
        """In order within the list."""
        return WATCHLIST_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWatched(WatchlistEvent):
    """The pair is on the list."""

    name: ClassVar[str] = "pair-watched"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairUnwatched(WatchlistEvent):
    """The pair is no longer on the list."""

    name: ClassVar[str] = "pair-unwatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPair:
    """A pair on the list, and since when."""

    pair: Pair
    recorded_at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """The list in the order in which pairs were added; `version` counts its events."""

    pairs: tuple[WatchedPair, ...] = ()
    version: int = 0

    def __contains__(self, pair: object) -> bool:
        return any(watched.pair == pair for watched in self.pairs)

    def watch(self, pair: Pair, *, now: datetime, origin: Origin) -> list[Event]:
        """Put a pair onto the list; one that is there stays where it is."""
        if pair in self:
            return []
        return [PairWatched(sequence=self.version + 1, pair=pair, occurred_at=now, recorded_at=now, origin=origin)]

    def unwatch(self, pair: Pair, *, now: datetime, origin: Origin) -> list[Event]:
        """Take a pair off the list; one that is not there changes nothing."""
        if pair not in self:
            return []
        return [PairUnwatched(sequence=self.version + 1, pair=pair, occurred_at=now, recorded_at=now, origin=origin)]


def evolve_watchlist(watchlist: Watchlist, event: Event) -> Watchlist:
    """Fold one event into the list. Raises BrokenStream for an event that does not come next."""
    if isinstance(event, WatchlistEvent):
        must_follow(event.name, event.sequence, WATCHLIST_ID, watchlist.version)
    match event:
        case PairWatched():
            watched = WatchedPair(pair=event.pair, recorded_at=event.recorded_at, origin=event.origin)
            return replace(watchlist, pairs=(*watchlist.pairs, watched), version=watchlist.version + 1)
        case PairUnwatched():
            rest = tuple(watched for watched in watchlist.pairs if watched.pair != event.pair)
            return replace(watchlist, pairs=rest, version=watchlist.version + 1)
    raise cannot_follow(event.name, WATCHLIST_ID, watchlist.version)


def fold_watchlist(events: Iterable[Event]) -> Watchlist:
    """The list after all of its events."""
    watchlist = Watchlist()
    for event in events:
        watchlist = evolve_watchlist(watchlist, event)
    return watchlist
