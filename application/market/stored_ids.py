"""Comparing the ids of the stored trades with their number: a trade that the tables lost is missing, and told as such."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from application.market.collect import MarketCollector
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from domain.market.continuity import Run
from domain.values import Pair

log = structlog.get_logger(__name__)

_CONFIRM_AFTER_S = 15.0  # in the cluster a gap's event and its trades reach the tables by different ways
_EVERY_S = 600.0
_ALL_EVERY_S = 86_400.0
_LONGEST_HOLE = 10_000_000  # more than a month of the busiest pair: ids that jump so far were numbered anew


@dataclass(slots=True)
class _Looked:
    """What is known of a pair: its ids are whole up to `whole_to`; `suspected` were missing at the last look."""

    next_at: float = float("-inf")
    all_at: float = float("-inf")
    whole_to: int | None = None
    suspected: frozenset[Run] = frozenset()


class StoredIds:
    """Looks at one pair at a time: at once, then every ten minutes at what came since, and once a day at all its trades.

    What is missing twice in a row becomes a gap of the collector, which the backfill then fills. A hole is told once:
    a trade that the venue or the tables refuse for ever is not asked for again and again. For one thread.
    """

    def __init__(self, reads: MarketReads, collector: MarketCollector, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock
        self._collector = collector
        self._looked: dict[Pair, _Looked] = {}
        self._told: set[tuple[Pair, Run]] = set()

    def look(self, pairs: Sequence[Pair], now: float) -> None:
        """Look at the pair that is due longest, if any is. `now` is in seconds of a clock that never goes back."""
        due = [pair for pair in pairs if self._of(pair).next_at <= now]
        if not due:
            return
        pair = min(due, key=lambda one: self._of(one).next_at)
        looked = self._of(pair)
        if now - looked.all_at >= _ALL_EVERY_S:
            looked.all_at, looked.whole_to = now, None
        missing, last = self._missing(pair, looked.whole_to)
        self._tell(pair, missing & looked.suspected)
        looked.suspected = missing - looked.suspected
        looked.next_at = now + (_CONFIRM_AFTER_S if looked.suspected else _EVERY_S)
        if not missing:
            looked.whole_to = last

    def look_at_once(self, pair: Pair) -> None:
        """Tell what is missing now: for whoever knows that the tables have all that the log has."""
        missing, _ = self._missing(pair, None)
        self._tell(pair, missing)

    def _missing(self, pair: Pair, above: int | None) -> tuple[frozenset[Run], int | None]:
        stored = self._reads.stored_ids(pair, above=above)
        known = {*self._collector.open_runs(pair)}
        found = frozenset(
            run
            for run in stored.missing
            if (pair, run) not in self._told
            and run[1] - run[0] < _LONGEST_HOLE
            and not any(first <= run[1] and run[0] <= last for first, last in known)
        )
        return found, stored.last

    def _tell(self, pair: Pair, missing: frozenset[Run]) -> None:
        for run in sorted(missing):
            before, after = self._reads.trade_before(pair, run[0]), self._reads.trade_before(pair, run[1] + 2)
            if before is None or after is None:
                continue  # retention has taken the trades beside it: nothing is missing any more
            self._told.add((pair, run))
            self._collector.lost(run, before, after, self._clock.now())
            log.warning(
                "stored trades are missing from the tables, and are fetched again", pair=pair, first=run[0], last=run[1]
            )

    def _of(self, pair: Pair) -> _Looked:
        return self._looked.setdefault(pair, _Looked())
