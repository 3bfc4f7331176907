"""What is to be collected now: the settings, and over them what people configured."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from application.market.pair_names import PairNames
from application.ports.store import StoreUnavailable
from application.sources import SourceCommands
from domain.sources import BackfillAsked, NewsFeed, Sources
from domain.values import Pair
from entrypoints.workers.turns import event_like

_FRESH_S = 0.5
_LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Plan:
    """Pairs and news feeds in their order, who paused which, and each pair's latest wish for a backfill.

    `chosen_at` is when people chose the pairs or feeds; None where the settings alone count.
    """

    pairs: tuple[Pair, ...]
    feeds: tuple[NewsFeed, ...]
    paused: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, BackfillAsked] = field(default_factory=dict)
    chosen_at: datetime | None = None

    @property
    def collected_pairs(self) -> tuple[Pair, ...]:
        """Those that are not paused."""
        return tuple(pair for pair in self.pairs if pair not in self.paused)

    @property
    def collected_feeds(self) -> tuple[NewsFeed, ...]:
        """Those that are not paused."""
        return tuple(feed for feed in self.feeds if feed.name not in self.paused)


class Plans:
    """The plan as it is at the moment; half a second old at most. Safe for several threads.

    `names` knows the pairs as the venue spells them. `sources` is None where the settings alone count: in a recording, which plays as it is.
    """

    def __init__(
        self,
        sources: SourceCommands | None,
        pairs: Sequence[Pair],
        feeds: Sequence[NewsFeed],
        names: PairNames | None = None,
    ) -> None:
        self._sources = sources
        self.names = names
        self._known: Mapping[str, Pair] | None = None
        self._settings = Plan(tuple(pairs), tuple(feeds))
        self._decided = Sources()
        self._plan = self._settings
        self._looked_at = float("-inf")

    @property
    def latest(self) -> Plan:
        """What was seen when somebody looked last, at once: for the event loop, which must not wait for a database."""
        return self._plan

    def present(self) -> Plan:
        """What was decided last; while the database cannot be reached, what was known before."""
        if self._sources is None or time.monotonic() - self._looked_at < _FRESH_S:
            return self._plan
        try:
            decided = self._sources.present()
        except StoreUnavailable:
            return self._plan
        self._looked_at = time.monotonic()
        known = self.names.known if self.names else self._known
        if decided != self._decided or known is not self._known:
            self._known = known
            said = self._settings
            pairs = said.pairs if decided.pairs is None else decided.pairs
            if self.names:
                pairs = tuple(dict.fromkeys(map(self.names.own, pairs)))
            feeds = said.feeds if decided.feeds is None else decided.feeds
            plan = Plan(pairs, feeds, decided.paused, decided.asked, decided.changed_at)
            self._decided = decided
            if plan != self._plan:  # whoever is told of another plan has something to do
                self._plan = plan
        return self._plan


@contextmanager
def until(stop: threading.Event, changed: Callable[[], bool]) -> Iterator[threading.Event]:
    """An event that is set when `stop` is, or when something has changed: for a job that is then begun anew."""
    over = event_like(stop)

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_S):
            if stop.is_set() or changed():
                over.set()

    watcher = threading.Thread(target=watch, name="plan-watch", daemon=True)
    watcher.start()
    try:
        yield over
    finally:
        over.set()
        watcher.join()
