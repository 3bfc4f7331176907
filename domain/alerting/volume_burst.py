"""Detecting that much more is traded than usual."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.alerting.windows import ENOUGH, Windows
from domain.event import Event
from domain.market.trade import TradeExecuted
from domain.values import EXACT, ZERO, quotient

_HUNDRED = Decimal(100)


class VolumeBurstDetector:
    """Compares the volume of the last window, in the base currency, with the mean of the windows before it.

    A burst is reported once: then it must have shrunk to half the threshold before the next. Trades that were fetched
    afterwards are counted in what is usual, but show nothing.
    """

    def __init__(self, threshold_pct: Decimal, window: timedelta) -> None:
        self._threshold = threshold_pct
        self._windows = Windows(window)
        self._quiet = False

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a trade."""
        if not isinstance(event, TradeExecuted):
            return None
        is_recent = self._windows.add(event.occurred_at, event.volume, event.price)
        if not (is_recent and timely):
            return None
        last, before = self._windows.last(), self._windows.before()
        if len(before) < ENOUGH:
            return None
        total = sum((window.total for window in before), ZERO)
        # As products, as in price_move.py: `excess` and `limit` are both in hundredths of all the windows' volume.
        excess = EXACT.multiply(EXACT.subtract(EXACT.multiply(last.total, len(before)), total), _HUNDRED)
        limit = EXACT.multiply(self._threshold, total)
        if self._quiet:
            self._quiet = EXACT.multiply(excess, 2) > limit
            return None
        if excess <= limit:
            return None
        self._quiet = True
        return Sighting(
            trigger=event.event_id, pct_change=quotient(excess, total), price=event.price,
            reference_price=last.opened_at or event.price, observed=last.total,
            usual=quotient(total, Decimal(len(before))),
            occurred_at=event.occurred_at, recorded_at=event.recorded_at, origin=event.origin,
        )  # fmt: skip

    def again(self) -> None:
        """It is not quiet."""
        self._quiet = False

    def memory(self) -> Any:
        """All that was counted."""
        return {"quiet": self._quiet, "windows": self._windows.memory()}

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._quiet = memory["quiet"]
        self._windows.remember(memory["windows"])
