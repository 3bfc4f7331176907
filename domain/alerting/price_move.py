"""Detecting a move of the price of more than a threshold within a window of event time."""

from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.event import Event
from domain.market.trade import TradeExecuted
from domain.values import EXACT, percent_change

_times, _minus = EXACT.multiply, EXACT.subtract
_TWO, _HUNDRED = Decimal(2), Decimal(100)


class PriceMoveDetector:
    """Watches one pair for one rule, and reports a move once.

    A rise is measured from the lowest price of the window (the last `window` of event time), a fall from the highest.
    A direction that was reported stays quiet until its move has shrunk to half the threshold: so one move is one alert
    however long it lasts, and prices that play around the threshold make no storm. `memory` is which directions are
    quiet; the rest is rebuilt from the window's trades.
    """

    def __init__(self, threshold_pct: Decimal, window: timedelta) -> None:
        self._threshold = threshold_pct
        self._window = window
        self._quiet: set[str] = set()
        self._reported: list[str] = []
        self._lows: deque[tuple[datetime, Decimal]] = deque()
        self._highs: deque[tuple[datetime, Decimal]] = deque()
        self._latest: datetime | None = None

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a trade. Those older than the window, or fetched afterwards, are ignored."""
        if not timely or not isinstance(event, TradeExecuted):
            return None
        at, price = event.occurred_at, event.price
        latest = self._latest
        if latest is None or at > latest:
            self._latest = latest = at
        elif at < latest - self._window:
            return None
        self._admit(latest, price)
        low, high = self._lows[0][1], self._highs[0][1]
        # Compared as products: a quotient for each trade would cost more than all the rest.
        rise, rise_limit = _times(_minus(price, low), _HUNDRED), _times(self._threshold, low)
        fall, fall_limit = _times(_minus(high, price), _HUNDRED), _times(self._threshold, high)
        if self._quiet:
            if _times(rise, _TWO) <= rise_limit:
                self._quiet.discard("up")
            if _times(fall, _TWO) <= fall_limit:
                self._quiet.discard("down")
        moves = {}
        if rise > rise_limit and "up" not in self._quiet:
            moves["up"] = low
        if fall > fall_limit and "down" not in self._quiet:
            moves["down"] = high
        if not moves:
            return None
        self._quiet.update(moves)
        self._reported = list(moves)
        return _larger(event, list(moves.values()))

    def again(self) -> None:
        """The directions of the last sighting are not quiet."""
        self._quiet.difference_update(self._reported)

    def memory(self) -> Any:
        """The quiet directions."""
        return sorted(self._quiet) or None

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._quiet = set(memory)

    def _admit(self, now: datetime, price: Decimal) -> None:
        # Monotonic queues: the front is the window's extreme, and each price enters and leaves once.
        while self._lows and self._lows[-1][1] >= price:
            self._lows.pop()
        self._lows.append((now, price))
        while self._highs and self._highs[-1][1] <= price:
            self._highs.pop()
        self._highs.append((now, price))
        oldest = now - self._window
        while self._lows[0][0] < oldest:
            self._lows.popleft()
        while self._highs[0][0] < oldest:
            self._highs.popleft()


def _larger(trade: TradeExecuted, references: list[Decimal]) -> Sighting:
    """The larger of the moves that a trade ends."""
    pct_change, reference = max(
        ((percent_change(reference, trade.price), reference) for reference in references), key=lambda move: abs(move[0])
    )
    return Sighting(
        trigger=trade.event_id, pct_change=pct_change, price=trade.price, reference_price=reference,
        occurred_at=trade.occurred_at, recorded_at=trade.recorded_at, origin=trade.origin,
    )  # fmt: skip
