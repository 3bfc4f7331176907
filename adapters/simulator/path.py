"""The mid price of every pair at any time: a pure function of seed and time.

At each full minute the log price is the pair's level plus fractal noise plus what is left of recent moves. Between two
minutes a Brownian bridge joins them, one knot a second. Times here are minutes or seconds since MARKET_OPEN.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random

from adapters.simulator.noise import bits, fractal_noise, key_of
from adapters.simulator.pairs import LISTINGS, Listing

MARKET_OPEN = datetime(2020, 1, 1, tzinfo=UTC)
"""The first trade of every pair. Far enough back for any history, recent enough for trade ids below 2**31."""

_OCTAVES = 8  # from 1 minute to 4**7 minutes (11 days)
_RAMP_S = 18
_REVERT_MINUTES = 15
_SYMBOLS = tuple(LISTINGS)
_MOVES, _NOISE, _BRIDGE = 1, 2, 3  # which random stream a key is for


@dataclass(frozen=True, slots=True)
class Move:
    """One scheduled move: `size` is a log return, reached within 18 s from `start_s` (seconds into its minute)."""

    symbol: str
    start_s: float
    size: float

    def share_at(self, second: float) -> float:
        """How much of the move is there, 0..1, `second` seconds after the start of the move's minute."""
        elapsed = second - self.start_s
        if elapsed <= 0:
            return 0.0
        if elapsed < _RAMP_S:
            return _smoothstep(elapsed / _RAMP_S)
        return 1.0 - _smoothstep(min(1.0, (elapsed - _RAMP_S) / (_REVERT_MINUTES * 60 - _RAMP_S - self.start_s)))


def _smoothstep(x: float) -> float:
    return x * x * (3.0 - 2.0 * x)


class PricePath:
    """Mid prices in USD (float: rounded to ticks once, where a trade is made)."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._moves_key = key_of(seed, _MOVES)
        self._noise_keys = {
            symbol: [key_of(seed, _NOISE, listing.number, octave) for octave in range(_OCTAVES)]
            for symbol, listing in LISTINGS.items()
        }
        self.mover = lru_cache(maxsize=16_384)(self._mover)

    def _mover(self, minute: int) -> str:
        """The pair, chosen by hash, whose scheduled move starts in a minute."""
        return _SYMBOLS[bits(self._moves_key, minute) % len(_SYMBOLS)]

    def move_in(self, minute: int) -> Move:
        """The scheduled move of a minute: its pair goes 1.25 to 2 % up or down, then slowly reverts."""
        random = bits(self._moves_key, minute)
        sign = 1 if random >> 8 & 1 else -1
        size = 0.0125 + 0.0075 * (random >> 16 & 0xFFFF) / 0x10000
        return Move(self.mover(minute), 10 * (random >> 32 & 0xFFFF) / 0x10000, math.log1p(sign * size))

    def log_price(self, symbol: str, minute: int) -> float:
        """Log of the mid price at the start of a minute."""
        listing = LISTINGS[symbol]
        minute_sigma = listing.daily_volatility / math.sqrt(1440)
        total = math.log(listing.price)
        total += minute_sigma * fractal_noise(self._noise_keys[symbol], minute)
        for before in range(1, _REVERT_MINUTES):
            if self.mover(minute - before) == symbol:
                move = self.move_in(minute - before)
                total += move.size * move.share_at(60.0 * before)
        return total

    def minute_mid(self, symbol: str, minute: int) -> float:
        """Mid price in USD at the start of a minute."""
        return math.exp(self.log_price(symbol, minute))

    def knots(self, symbol: str, minute: int) -> list[float]:
        """The 61 mid prices at the seconds of a minute; the last is the next minute's first."""
        start, end = self.log_price(symbol, minute), self.log_price(symbol, minute + 1)
        move = self.move_in(minute)
        size = move.size if move.symbol == symbol else 0.0
        drift = (end - size * move.share_at(60.0) - start) / 60
        listing: Listing = LISTINGS[symbol]
        sigma = listing.daily_volatility / math.sqrt(86_400) * math.sqrt(12)  # of a uniform step a second
        draw = Random(key_of(self._seed, _BRIDGE, listing.number, minute)).random  # noqa: S311 - a market, not a secret
        walk = [0.0]
        for _ in range(60):
            walk.append(walk[-1] + (draw() - 0.5) * sigma)
        tilt = walk[60] / 60
        exp, share = math.exp, move.share_at
        if size:
            return [exp(start + drift * s + walk[s] - tilt * s + size * share(s)) for s in range(61)]
        return [exp(start + drift * s + walk[s] - tilt * s) for s in range(61)]
