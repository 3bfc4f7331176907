"""Detecting a move of the price of more than a threshold within a window of event time."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from domain.values import percent_change


@dataclass(frozen=True, slots=True)
class Move:
    """From the window's extreme `reference_price` to `price`: signed, in percent."""

    pct_change: Decimal
    price: Decimal
    reference_price: Decimal


@dataclass(slots=True)
class PriceMoveDetector:
    """Watches one pair for one rule, and reports a move once.

    A rise is measured from the lowest price of the window (the last `window` of event time), a fall from the highest.
    A direction that was reported stays quiet until its move has shrunk to half the threshold: so one move is one alert
    however long it lasts, and prices that play around the threshold make no storm. `quiet` is all the state that
    cannot be rebuilt from the window's trades.
    """

    threshold_pct: Decimal
    window: timedelta
    quiet: set[str] = field(default_factory=set)
    _lows: deque[tuple[datetime, Decimal]] = field(default_factory=deque)
    _highs: deque[tuple[datetime, Decimal]] = field(default_factory=deque)
    _latest: datetime | None = None

    def observe(self, at: datetime, price: Decimal) -> Move | None:
        """Take note of a trade at `at` (its event time). Trades older than the window are ignored."""
        latest = self._latest
        if latest is None or at > latest:
            self._latest = latest = at
        elif at < latest - self.window:
            return None
        self._admit(latest, price)
        rise = percent_change(self._lows[0][1], price)
        fall = percent_change(self._highs[0][1], price)
        move = None
        for direction, change, reference in (("up", rise, self._lows[0][1]), ("down", fall, self._highs[0][1])):
            size = abs(change)
            if direction in self.quiet:
                if size * 2 <= self.threshold_pct:
                    self.quiet.discard(direction)
            elif size > self.threshold_pct and (move is None or size > abs(move.pct_change)):
                move = Move(change, price, reference)
                self.quiet.add(direction)
        return move

    def _admit(self, now: datetime, price: Decimal) -> None:
        # Monotonic queues: the front is the window's extreme, and each price enters and leaves once.
        while self._lows and self._lows[-1][1] >= price:
            self._lows.pop()
        self._lows.append((now, price))
        while self._highs and self._highs[-1][1] <= price:
            self._highs.pop()
        self._highs.append((now, price))
        oldest = now - self.window
        while self._lows[0][0] < oldest:
            self._lows.popleft()
        while self._highs[0][0] < oldest:
            self._highs.popleft()
