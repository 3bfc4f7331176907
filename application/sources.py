"""Deciding what is collected. It outlives sessions, so it is kept in the house's event store."""

from collections.abc import Callable, Sequence
from datetime import datetime

from application.ports.alert_reads import AlertReads
from application.ports.clock import Clock
from application.ports.store import Store
from application.streams import folded
from domain.errors import ConcurrencyError
from domain.event import Event
from domain.sources import NewsFeed, Sources, evolve_sources, fold_sources
from domain.values import Pair

_STREAM = "sources"


class SourceCommands:
    """Every change is an event; whoever collects looks at the present state about once a second."""

    def __init__(self, store: Store, streams: AlertReads, clock: Clock) -> None:
        self._store = store
        self._streams = streams
        self._clock = clock

    def present(self) -> Sources:
        """What was decided so far; what the settings say where that cannot be read. Raises StoreUnavailable."""
        return next(iter(folded(self._streams.streams(_STREAM), fold_sources)), Sources())

    def configure(
        self,
        pairs: Sequence[Pair] | None,
        feeds: Sequence[NewsFeed] | None,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Sources:
        """Collect these; None: what the settings say.

        Raises InvalidValue, and ConcurrencyError where somebody else decided since `expected_version`.
        """

        def decide(sources: Sources) -> list[Event]:
            if expected_version is not None and expected_version != sources.version:
                raise ConcurrencyError("somebody else has changed what is collected: look at it again")
            return sources.configure(pairs, feeds, by=by, now=self._clock.now())

        return self._on(decide)

    def pause(self, feed: str, *, by: str) -> Sources:
        """Raises NotAllowed."""
        return self._on(lambda sources: sources.pause(feed, by=by, now=self._clock.now()))

    def resume(self, feed: str, *, by: str) -> Sources:
        """Raises NotAllowed."""
        return self._on(lambda sources: sources.resume(feed, by=by, now=self._clock.now()))

    def ask_backfill(self, feed: str, since: datetime | None, *, by: str) -> Sources:
        """Raises NotAllowed, InvalidValue."""
        return self._on(lambda sources: sources.ask_backfill(feed, since, by=by, now=self._clock.now()))

    def _on(self, decide: Callable[[Sources], list[Event]]) -> Sources:
        with self._store.begin() as tx:
            sources = fold_sources(tx.load(_STREAM))
            events = decide(sources)
            if events:
                tx.append(_STREAM, events, expected_version=sources.version)
        for event in events:
            sources = evolve_sources(sources, event)
        return sources
