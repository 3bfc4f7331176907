"""Trade ids are contiguous within a pair: what is new, what was seen before, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class Seen(Enum):
    """What a trade id means to those seen before it."""

    NEW = "new"
    DUPLICATE = "duplicate"
    FILLS_GAP = "fills-gap"
    EARLIER = "earlier"  # before the first id we ever saw: history, neither a duplicate nor a gap
    CONFLICT = "conflict"  # an id of another trade, see numbering.py


Run = tuple[int, int]  # first and last id, both inclusive


@dataclass(slots=True)
class TradeContinuity:
    """Which ids of one pair were seen: all from `first` to `last` but those in `missing`.

    `missing` is kept sorted and disjoint, so its size is that of the gaps, not of the trades.
    """

    first: int | None = None
    last: int | None = None
    missing: list[Run] = field(default_factory=list)

    def observe(self, trade_id: int) -> tuple[Seen, Run | None]:
        """Take note of an id. The second value is the gap that it revealed, if it did."""
        if self.last is None or self.first is None:
            self.first = self.last = trade_id
            return Seen.NEW, None
        if trade_id == self.last + 1:
            self.last = trade_id
            return Seen.NEW, None
        if trade_id > self.last:
            gap = (self.last + 1, trade_id - 1)
            self.missing.append(gap)
            self.last = trade_id
            return Seen.NEW, gap
        if self._close(trade_id):
            return Seen.FILLS_GAP, None
        return (Seen.EARLIER if trade_id < self.first else Seen.DUPLICATE), None

    def covers(self, trade_id: int) -> bool:
        """Whether an id lies between the first and the last that were seen."""
        return self.first is not None and self.last is not None and self.first <= trade_id <= self.last

    def is_missing(self, trade_id: int) -> bool:
        """Whether an id is one of those that are missing."""
        return any(first <= trade_id <= last for first, last in self.missing)

    def meets(self, first: int, last: int) -> bool:
        """Whether any id seen or missing lies within `first`..`last`."""
        return self.first is not None and self.last is not None and self.first <= last and first <= self.last

    def expect_from(self, first: int) -> Run | None:
        """History from `first` on is to be fetched. Returns the run that is missing now; None if nothing is."""
        if self.first is None or first >= self.first:
            return None
        history = (first, self.first - 1)
        self.missing.insert(0, history)
        self.first = first
        return history

    def lose(self, run: Run) -> bool:
        """Ids seen before are missing after all. Return whether that is news: none of them was known to be missing."""
        first, last = run
        if self.first is None or self.last is None or first <= self.first or last >= self.last:
            return False
        if any(start <= last and first <= end for start, end in self.missing):
            return False
        self.missing = sorted([*self.missing, run])
        return True

    def _close(self, trade_id: int) -> bool:
        for index, (first, last) in enumerate(self.missing):
            if first <= trade_id <= last:
                rest = [(first, trade_id - 1), (trade_id + 1, last)]
                self.missing[index : index + 1] = [run for run in rest if run[0] <= run[1]]
                return True
        return False


def runs(ids: Iterable[int]) -> list[Run]:
    """Join ids into sorted, disjoint, inclusive runs: 1 2 3 7 -> (1, 3), (7, 7)."""
    joined: list[Run] = []
    for trade_id in sorted(set(ids)):
        if joined and joined[-1][1] == trade_id - 1:
            joined[-1] = (joined[-1][0], trade_id)
        else:
            joined.append((trade_id, trade_id))
    return joined


def without(among: tuple[Run, ...], filled: Run) -> tuple[Run, ...]:
    """The ids of `among` that are not in `filled`."""
    rest: list[Run] = []
    for first, last in among:
        rest += [
            run for run in ((first, min(last, filled[0] - 1)), (max(first, filled[1] + 1), last)) if run[0] <= run[1]
        ]
    return tuple(rest)
