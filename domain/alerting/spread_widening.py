"""Detecting that buying and selling prices lie further apart than usual."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.alerting.windows import ENOUGH, Windows
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.values import ZERO, percent_change, quotient

_BASIS_POINTS = Decimal(10_000)


def spread_of(ticker: TickerUpdated) -> Decimal | None:
    """The spread relative to the mid price, in basis points, rounded to 10 places.

    None where one side of the book is empty, or it is crossed.
    """
    if not 0 < ticker.bid <= ticker.ask:
        return None
    return quotient((ticker.ask - ticker.bid) * 2 * _BASIS_POINTS, ticker.ask + ticker.bid)


class SpreadWideningDetector:
    """Compares the mean spread of the last window's tickers with the mean of the windows before it.

    A widening is reported once: then it must have shrunk to half the threshold before the next. Where the spread is
    usually zero there is nothing to compare with, and nothing is reported.
    """

    def __init__(self, threshold_pct: Decimal, window: timedelta) -> None:
        self._threshold = threshold_pct
        self._windows = Windows(window)
        self._quiet = False

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a ticker."""
        if not isinstance(event, TickerUpdated):
            return None
        spread = spread_of(event)
        if spread is None or not self._windows.add(event.occurred_at, spread, event.last) or not timely:
            return None
        last, before = self._windows.last(), self._windows.before()
        usual = quotient(sum((window.mean for window in before), ZERO), Decimal(len(before) or 1))
        if len(before) < ENOUGH or not usual:
            return None
        observed = quotient(last.total, Decimal(last.count))
        widened = percent_change(usual, observed)
        if self._quiet:
            self._quiet = widened * 2 > self._threshold
            return None
        if widened <= self._threshold:
            return None
        self._quiet = True
        return Sighting(
            trigger=event.event_id, pct_change=widened, price=event.last, reference_price=last.opened_at or event.last,
            observed=observed, usual=usual,
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
