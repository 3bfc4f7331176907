"""The mid price of every pair at any time: a pure function of seed and time.

At each full minute the log price is the pair's level plus fractal noise plus what is left of recent moves. Between two
minutes a Brownian bridge joins them, one knot a second. Times here are minutes or seconds since MARKET_OPEN.
"""

import math
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import NamedTuple

from adapters.simulator.noise import bits, fractal_noise, key_of, value_noise
from adapters.simulator.pairs import LISTINGS, Listing

MARKET_OPEN = datetime(2020, 1, 1, tzinfo=UTC)
"""The first trade of every pair. Far enough back for any history, recent enough for trade ids below 2**31."""

_OCTAVES = 8  # from 1 minute to 4**7 minutes (11 days)
_QUICK = 3  # of them: those that come and go with the market's mood
_MOOD_MINUTES = 45
_RAMP_S = 18
_REVERT_S = 3600
_SHIFT = 64  # minutes in which each pair makes its `moves`; a power of two
_SYMBOLS = tuple(symbol for symbol, listing in LISTINGS.items() for _ in range(listing.moves))
_PLACES = {symbol: [place for place, one in enumerate(_SYMBOLS) if one == symbol] for symbol in LISTINGS}
_MOVES, _NOISE, _BRIDGE, _MOOD = 1, 2, 3, 4  # which random stream a key is for


class Move(NamedTuple):
    """One scheduled move: `size` is a log return, reached within 18 s from `start_s` (seconds since MARKET_OPEN)."""

    symbol: str
    start_s: float
    size: float

    def share_at(self, second: float) -> float:
        """How much of the move is there, 0..1, at a second since MARKET_OPEN."""
        elapsed = second - self.start_s
        if elapsed <= 0 or elapsed >= _REVERT_S:
            return 0.0
        if elapsed < _RAMP_S:
            return _smoothstep(elapsed / _RAMP_S)
        return 1.0 - _smoothstep((elapsed - _RAMP_S) / (_REVERT_S - _RAMP_S))


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
        self._mood_keys = {symbol: key_of(seed, _MOOD, listing.number) for symbol, listing in LISTINGS.items()}
        self.move_in = lru_cache(maxsize=16_384)(self._move_in)

    def mover(self, minute: int) -> str:
        """The pair whose scheduled move starts in a minute."""
        return _SYMBOLS[minute % _SHIFT ^ self._turn(minute // _SHIFT)]

    def _turn(self, shift: int) -> int:
        """How the minutes of a shift change places, so that no pair's come at regular times."""
        return bits(self._moves_key, -shift) % _SHIFT

    def _move_in(self, minute: int) -> Move:
        """The scheduled move of a minute: its pair goes 1.4 to 2.2 % up or down, then reverts within an hour."""
        random = bits(self._moves_key, minute)
        sign = 1 if random >> 8 & 1 else -1
        size = 0.014 + 0.008 * (random >> 16 & 0xFFFF) / 0x10000
        start_s = 60 * minute + 10 * (random >> 32 & 0xFFFF) / 0x10000
        return Move(self.mover(minute), start_s, math.log1p(sign * size))

    def log_price(self, symbol: str, minute: int) -> float:
        """Log of the mid price at the start of a minute."""
        listing, keys, now = LISTINGS[symbol], self._noise_keys[symbol], 60.0 * minute
        minute_sigma = listing.daily_volatility / math.sqrt(1440)
        mood = 1.5 + value_noise(self._mood_keys[symbol], _MOOD_MINUTES, minute)
        total = math.log(listing.price)
        total += minute_sigma * mood * fractal_noise(keys[:_QUICK], minute)
        total += minute_sigma * fractal_noise(keys[_QUICK:], minute, octave=_QUICK)
        oldest = minute - _REVERT_S // 60
        for shift in range(oldest // _SHIFT, minute // _SHIFT + 1):
            turn, first = self._turn(shift), shift * _SHIFT
            for place in _PLACES[symbol]:
                if oldest <= first + (place ^ turn) < minute:
                    move = self.move_in(first + (place ^ turn))
                    total += move.size * move.share_at(now)
        return total

    def minute_mid(self, symbol: str, minute: int) -> float:
        """Mid price in USD at the start of a minute."""
        return math.exp(self.log_price(symbol, minute))

    def knots(self, symbol: str, minute: int) -> list[float]:
        """The 61 mid prices at the seconds of a minute; the last is the next minute's first."""
        start, end = self.log_price(symbol, minute), self.log_price(symbol, minute + 1)
        move, began = self.move_in(minute), 60 * minute
        size = move.size if move.symbol == symbol else 0.0
        drift = (end - size * move.share_at(began + 60) - start) / 60
        listing: Listing = LISTINGS[symbol]
        sigma = listing.daily_volatility / math.sqrt(86_400) * math.sqrt(12)  # of a uniform step a second
        draw = Random(key_of(self._seed, _BRIDGE, listing.number, minute)).random  # noqa: S311 - a market, not a secret
        walk = [0.0]
        for _ in range(60):
            walk.append(walk[-1] + (draw() - 0.5) * sigma)
        tilt = walk[60] / 60
        exp, share = math.exp, move.share_at
        if size:
            return [exp(start + drift * s + walk[s] - tilt * s + size * share(began + s)) for s in range(61)]
        return [exp(start + drift * s + walk[s] - tilt * s) for s in range(61)]
