"""Sums over the last window of event time, and over the windows before it: what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.values import EXACT, ZERO

SLOTS = 6  # a window slides in steps of a sixth of itself
BEFORE = 12  # windows before the last one that say what is usual
ENOUGH = 6  # of these must have something in them: before that nothing is usual
_KEPT = SLOTS * (1 + BEFORE)

_Slot = tuple[Decimal, int, Decimal | None]


@dataclass(frozen=True, slots=True)
class Sum:
    """Of some amounts: their total, how many they are, and the price at the first of them that had one."""

    total: Decimal = ZERO
    count: int = 0
    opened_at: Decimal | None = None

    @property
    def mean(self) -> Decimal:
        """Rounded to the context's 28 digits; only where there are amounts."""
        return self.total / self.count


class Windows:
    """Amounts by slots of event time, which begin at multiples of a sixth of the window since 1970 (UTC).

    What comes late is added where it belongs, as long as that is kept: one window, and twelve before it.
    """

    def __init__(self, window: timedelta) -> None:
        self._seconds = window.total_seconds()
        self._slots: dict[int, _Slot] = {}
        self._newest = 0
        self._rest: Sum | None = None  # of the last window without its newest slot, while no other slot changes
        self._before: list[Sum] = []

    def add(self, at: datetime, amount: Decimal, price: Decimal | None) -> bool:
        """Add an amount; tells whether it lies in the last window."""
        number = int(at.timestamp() * SLOTS // self._seconds)
        if not self._slots or number > self._newest:
            self._newest, self._rest = number, None
            self._slots = {old: slot for old, slot in self._slots.items() if old > number - _KEPT}
        elif number <= self._newest - _KEPT:
            return False
        elif number != self._newest:
            self._rest = None
        total, count, opened_at = self._slots.get(number, (ZERO, 0, None))
        self._slots[number] = (EXACT.add(total, amount), count + 1, price if opened_at is None else opened_at)
        return number > self._newest - SLOTS

    def last(self) -> Sum:
        """The last window, up to now."""
        rest = self._rest
        if rest is None:
            rest = self._rest = self._sum(self._newest - SLOTS + 1, self._newest)
            starts = range(self._newest - SLOTS * 2 + 1, self._newest - _KEPT, -SLOTS)
            self._before = [found for start in starts if (found := self._sum(start, start + SLOTS)).count]
        total, count, opened_at = self._slots.get(self._newest, (ZERO, 0, None))
        first = opened_at if rest.opened_at is None else rest.opened_at
        return Sum(EXACT.add(rest.total, total), rest.count + count, first)

    def before(self) -> Sequence[Sum]:
        """The windows before the last one that have amounts, newest first. Empty ones say nothing of what is usual:
        perhaps we were not there.
        """
        self.last()
        return self._before

    def memory(self) -> Any:
        """All of it, for JSON."""
        return [[number, str(total), count, _text(price)] for number, (total, count, price) in self._slots.items()]

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._slots = {
            number: (Decimal(total), count, None if price is None else Decimal(price))
            for number, total, count, price in memory
        }
        self._newest = max(self._slots, default=0)
        self._rest = None

    def _sum(self, start: int, end: int) -> Sum:
        total, count, opened_at = ZERO, 0, None
        for number in range(start, end):
            slot = self._slots.get(number)
            if slot:
                total, count = EXACT.add(total, slot[0]), count + slot[1]
                opened_at = slot[2] if opened_at is None else opened_at
        return Sum(total, count, opened_at)


def _text(price: Decimal | None) -> str | None:
    return None if price is None else str(price)
