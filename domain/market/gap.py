"""Stretches in which trades were missed: a pure fold of the gap events of one pair."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.event import Event
from domain.market.continuity import Run, without
from domain.market.feed import TradeGapDetected, TradeGapFilled
from domain.values import Origin


class GapState(StrEnum):
    """Whether all of a gap's trades are here by now."""

    MISSING = "missing"
    BACKFILLED = "backfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeGap:
    """Trades `first` to `last`, both inclusive, did not reach us. `start` and `end` are the times of the known trades
    on either side of them; those in `open_runs` are missing still. `recorded_at` is when this last changed.
    """

    first: int
    last: int
    start: datetime
    end: datetime
    open_runs: tuple[Run, ...]
    recorded_at: datetime
    origin: Origin

    @property
    def trades(self) -> int:
        """How many trades it took."""
        return self.last - self.first + 1

    @property
    def missing(self) -> int:
        """How many of them are missing still."""
        return sum(last - first + 1 for first, last in self.open_runs)

    @property
    def state(self) -> GapState:
        """`missing` until the last of its trades has been fetched."""
        return GapState.MISSING if self.open_runs else GapState.BACKFILLED


def gaps_of(events: Iterable[Event]) -> list[TradeGap]:
    """The gaps that one pair's events tell of, in the order in which they were found. Others than gap events are passed
    over, and so are trades of a requested history: nobody had missed them.
    """
    gaps: dict[Run, TradeGap] = {}
    for event in events:
        if isinstance(event, TradeGapDetected):
            run = (event.first, event.last)
            known = gaps.get(run)
            if known is None or known.state is GapState.BACKFILLED:  # fetched once, and lost since
                gaps[run] = _found(event)
        elif isinstance(event, TradeGapFilled):
            for run, gap in gaps.items():
                left = without(gap.open_runs, (event.first, event.last))
                if left != gap.open_runs:
                    gaps[run] = replace(gap, open_runs=left, recorded_at=event.recorded_at)
    return list(gaps.values())


def _found(event: TradeGapDetected) -> TradeGap:
    return TradeGap(
        first=event.first,
        last=event.last,
        start=event.since,
        end=event.until,
        open_runs=((event.first, event.last),),
        recorded_at=event.recorded_at,
        origin=event.origin,
    )
