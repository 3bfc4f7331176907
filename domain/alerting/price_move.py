"""Detecting a move of the price of more than a threshold within a window of event time."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from domain.values import EXACT, percent_change

_times, _minus = EXACT.multiply, EXACT.subtract
_TWO, _HUNDRED = Decimal(2), Decimal(100)


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
        low, high = self._lows[0][1], self._highs[0][1]
        # Compared as products: a quotient for each trade would cost more than all the rest.
        rise, rise_limit = _times(_minus(price, low), _HUNDRED), _times(self.threshold_pct, low)
        fall, fall_limit = _times(_minus(high, price), _HUNDRED), _times(self.threshold_pct, high)
        if self.quiet:
            if _times(rise, _TWO) <= rise_limit:
                self.quiet.discard("up")
            if _times(fall, _TWO) <= fall_limit:
                self.quiet.discard("down")
        moves = []
        if rise > rise_limit and "up" not in self.quiet:
            self.quiet.add("up")
            moves.append(Move(percent_change(low, price), price, low))
        if fall > fall_limit and "down" not in self.quiet:
            self.quiet.add("down")
            moves.append(Move(percent_change(high, price), price, high))
        return max(moves, key=lambda move: abs(move.pct_change), default=None)

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
