"""Every trade of the simulated market: a pure function of (seed, time).

A pair makes a fixed number of trades a minute, so the id of a trade is `minute * trades_per_minute + position + 1`
(minutes since MARKET_OPEN): contiguous, and computable for any time without counting from the start. Times are integer
nanoseconds since the Unix epoch (UTC), prices integer ticks of the pair, quantities integer 10**-8 lots.
"""

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import NamedTuple

from adapters.simulator.noise import key_of, value_noise
from adapters.simulator.pairs import LISTINGS, QTY_DECIMALS
from adapters.simulator.path import MARKET_OPEN, PricePath

MINUTE_NS = 60 * 10**9
OPEN_NS = int(MARKET_OPEN.timestamp()) * 10**9
LOT = 10**QTY_DECIMALS
_SAME_TAKER = 0.15  # share of trades that are a further fill of the order before
_MAX_FILLS = 9  # fills are 100 ns apart, so an order's all lie in one microsecond
_TRADES, _ACTIVITY = 11, 12  # which random stream a key is for


class Trade(NamedTuple):
    """One fill."""

    trade_id: int
    time_ns: int
    price: int
    qty: int
    buy: bool
    market: bool


class Tape:
    """The trades. Safe to share between threads: it only ever caches what it would compute again."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.path = PricePath(seed)
        self._activity_keys = {name: key_of(seed, _ACTIVITY, listing.number) for name, listing in LISTINGS.items()}
        self.minute_trades = lru_cache(maxsize=256)(self.trades_in)
        self._knots = lru_cache(maxsize=64)(self.path.knots)

    def price(self, symbol: str, time_ns: int) -> Decimal:
        """The mid price in USD, at the pair's precision."""
        listing = LISTINGS[symbol]
        minute, rest = divmod(time_ns - OPEN_NS, MINUTE_NS)
        second, fraction = divmod(rest, 10**9)
        knots = self._knots(symbol, minute)
        mid = knots[second] + (knots[second + 1] - knots[second]) * (fraction / 1e9)
        return Decimal(round(mid * listing.scale)).scaleb(-listing.price_decimals)

    def trades_in(self, symbol: str, minute: int) -> tuple[Trade, ...]:
        """The trades of a minute, oldest first (`minute_trades` is the same, cached)."""
        if minute < 0:
            return ()
        listing = LISTINGS[symbol]
        count, scale = listing.trades_per_minute, listing.scale
        rng = Random(key_of(self.seed, _TRADES, listing.number, minute))  # noqa: S311 - a market, not a secret
        draw = rng.random
        offsets_us = _order_times(draw, count)
        knots = self._knots(symbol, minute)
        mean_qty = listing.mean_qty * self.activity(symbol, minute) * 0.75 * LOT
        min_qty = int(Decimal(listing.min_qty) * LOT)
        half_spread = listing.spread * knots[0] / 2
        start_ns = OPEN_NS + minute * MINUTE_NS
        first_id = minute * count + 1
        trades: list[Trade] = []
        before_us, fill, buy, market = -1, 0, True, True
        for position, offset_us in enumerate(offsets_us):
            jitter = draw()
            if offset_us == before_us:
                fill += 1
            else:
                before_us, fill = offset_us, 0
                buy, market = draw() < 0.5, draw() < 0.6
                seconds = offset_us / 1e6
                second = int(seconds)
                mid = knots[second] + (knots[second + 1] - knots[second]) * (seconds - second)
                taker_price = int((mid + (half_spread if buy else -half_spread) * (0.6 + 0.8 * jitter)) * scale + 0.5)
            price = taker_price + (fill if buy else -fill)
            size = draw()
            qty = max(min_qty, int(mean_qty * size / math.sqrt(1.0001 - size)))
            time_ns = start_ns + offset_us * 1000 + fill * 100
            trades.append(Trade(first_id + position, time_ns, price, qty, buy, market))
        return tuple(trades)

    def activity(self, symbol: str, minute: int) -> float:
        """How much larger than usual the trades of a minute are: slow waves, and three times so in a move."""
        waves = 1.0 + 0.7 * value_noise(self._activity_keys[symbol], 90, minute)
        return waves * 3.0 if self.path.mover(minute) == symbol else waves

    def trades(self, symbol: str, start_ns: int, end_ns: int) -> Iterator[Trade]:
        """Trades from `start_ns` (inclusive) to `end_ns` (exclusive), oldest first."""
        for minute in range(max(0, minute_of(start_ns)), minute_of(end_ns - 1) + 1):
            for trade in self.minute_trades(symbol, minute):
                if start_ns <= trade.time_ns < end_ns:
                    yield trade

    def trades_after(self, symbol: str, trade_id: int, now_ns: int) -> list[Trade]:
        """Trades that followed `trade_id` and have happened by `now_ns`, oldest first."""
        first = trade_id // LISTINGS[symbol].trades_per_minute
        return [
            trade
            for minute in range(first, minute_of(now_ns) + 1)
            for trade in self.minute_trades(symbol, minute)
            if trade.trade_id > trade_id and trade.time_ns <= now_ns
        ]

    def last_trades(self, symbol: str, count: int, now_ns: int) -> list[Trade]:
        """The latest `count` trades that have happened by `now_ns`, oldest first."""
        newest: list[Trade] = []
        minute = minute_of(now_ns)
        while len(newest) < count and minute >= 0:
            newest += [t for t in reversed(self.minute_trades(symbol, minute)) if t.time_ns <= now_ns]
            minute -= 1
        return newest[:count][::-1]


def _order_times(draw: Callable[[], float], count: int) -> list[int]:
    """When the orders behind `count` trades came, in microseconds of their minute; the fills of one order share a time.

    The gaps are fourth powers of uniform numbers: most are tiny and a few are long, so trades come in bursts.
    """
    times: list[float] = []
    elapsed, fills = 0.0, 0
    for _ in range(count + 1):
        gap = draw()
        if gap >= _SAME_TAKER or fills == _MAX_FILLS or not times:
            elapsed += max(gap, _SAME_TAKER) ** 4
            fills = 0
        else:
            fills += 1
        times.append(elapsed)
    scale = (MINUTE_NS // 1000 - 1) / elapsed
    return [int(time * scale) for time in times[:count]]


def minute_of(time_ns: int) -> int:
    """Whole minutes since the market opened."""
    return (time_ns - OPEN_NS) // MINUTE_NS
