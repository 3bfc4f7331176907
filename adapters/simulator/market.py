"""The simulated market: the tape of trades, and the tickers and candles that follow from it.

Nothing is remembered but caches: two markets of one seed agree on every number, whenever each was started.
"""

from functools import lru_cache
from random import Random
from typing import NamedTuple

from adapters.simulator.noise import key_of
from adapters.simulator.pairs import LISTINGS
from adapters.simulator.path import MARKET_OPEN
from adapters.simulator.tape import LOT, MINUTE_NS, OPEN_NS, Tape, Trade, minute_of

_DAY_MINUTES = 1440
_DEPTH = 13  # which random stream a key is for
_SAMPLES = 4  # points of the path in a candle longer than a minute


class Ticker(NamedTuple):
    """The market right after a trade. `change_pct` is in hundredths of a percent."""

    bid: int
    bid_qty: int
    ask: int
    ask_qty: int
    last: int
    volume: int
    vwap: int
    low: int
    high: int
    change: int
    change_pct: int
    trades: int
    time_ns: int


class Candle(NamedTuple):
    """One OHLC row. `start_s` in Unix seconds; `notional` is the sum of price * qty (vwap = notional / volume)."""

    start_s: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    notional: int
    trades: int

    @property
    def vwap(self) -> int:
        """In ticks, half even; 0 without trades, as Kraken gives it."""
        return _divide(self.notional, self.volume) if self.volume else 0


class Market(Tape):
    """A tape with its statistics; as safe between threads as that is."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._sketch = lru_cache(maxsize=len(LISTINGS) * _DAY_MINUTES * 2)(self._minute_sketch)
        self._day = lru_cache(maxsize=len(LISTINGS) * 4)(self._day_before)
        self._minute_candle = lru_cache(maxsize=len(LISTINGS) * 1000)(self._whole_minute)

    def ticker(self, symbol: str, now_ns: int) -> Ticker:
        """The ticker as the latest trade left it. Raises ValueError before the market's first trade."""
        trades = self.last_trades(symbol, 1, now_ns)
        if not trades:
            msg = f"the simulated market opened at {MARKET_OPEN:%Y-%m-%d}; there is no ticker before it"
            raise ValueError(msg)
        return self.ticker_after(symbol, trades[0])

    def ticker_after(self, symbol: str, trade: Trade) -> Ticker:
        """The ticker right after a trade.

        The 24 hours are 1,440 whole minutes and the current one. The current minute is counted trade by trade; the
        whole minutes are sketched: their price at their start and the volume to expect of them.
        """
        listing = LISTINGS[symbol]
        minute = minute_of(trade.time_ns)
        so_far = _count(self.minute_trades(symbol, minute), trade.time_ns)
        day = self._day(symbol, minute)
        volume = day.volume + so_far.volume
        spread = max(1, round(listing.spread * trade.price))
        depth = Random(key_of(self.seed, _DEPTH, listing.number, trade.trade_id))  # noqa: S311
        near, far = (max(1, int(listing.mean_qty * LOT * 4 * depth.random() ** 2)) for _ in range(2))
        change = trade.price - day.open
        return Ticker(
            bid=trade.price - spread if trade.buy else trade.price,
            bid_qty=far if trade.buy else near,
            ask=trade.price if trade.buy else trade.price + spread,
            ask_qty=near if trade.buy else far,
            last=trade.price,
            volume=volume,
            vwap=_divide(day.notional + so_far.notional, volume),
            low=min(day.low, so_far.low),
            high=max(day.high, so_far.high),
            change=change,
            change_pct=_divide(change * 10_000, day.open),
            trades=day.trades + so_far.trades,
            time_ns=trade.time_ns,
        )

    def _minute_sketch(self, symbol: str, minute: int) -> tuple[int, int]:
        """A minute at a glance: its price at its start (ticks) and the volume to expect of it."""
        listing = LISTINGS[symbol]
        price = round(self.path.minute_mid(symbol, minute) * listing.scale)
        expected = listing.mean_qty * listing.trades_per_minute * self.activity(symbol, minute)
        return price, int(expected * LOT)

    def _day_before(self, symbol: str, minute: int) -> Candle:
        return self._sampled(symbol, minute - _DAY_MINUTES, _DAY_MINUTES, 1)

    def candles(self, symbol: str, interval: int, start_ns: int, end_ns: int) -> list[Candle]:
        """Candles of `interval` minutes that start in [start_ns, end_ns), the last as it stands at `end_ns`.

        One-minute candles are recounts of their trades. Longer ones are sketched from 4 points of the price path
        (each minute of one, if it has fewer), and only their unfinished minute is a recount. Buckets are aligned to the
        Unix epoch and begin with the market.
        """
        now = minute_of(end_ns - 1)
        offset = OPEN_NS // MINUTE_NS % interval  # of the market's opening from the epoch's grid
        first = max(0, -((OPEN_NS - start_ns) // MINUTE_NS))
        first += -(first + offset) % interval
        return [self._candle(symbol, interval, minute, now, end_ns) for minute in range(first, now + 1, interval)]

    def _candle(self, symbol: str, interval: int, minute: int, now: int, end_ns: int) -> Candle:
        if minute + interval <= now:
            if interval == 1:
                return self._minute_candle(symbol, minute)
            return self._sampled(symbol, minute, interval, max(1, interval // _SAMPLES))
        current = _count(self.minute_trades(symbol, now), end_ns - 1)
        if not current.trades:
            last = self.last_trades(symbol, 1, end_ns - 1)
            price = last[0].price if last else round(self.path.minute_mid(symbol, now) * LISTINGS[symbol].scale)
            current = Candle(_start_s(now), price, price, price, price, 0, 0, 0)
        if minute == now:
            return current
        whole = self._sampled(symbol, minute, now - minute, max(1, interval // _SAMPLES))
        return Candle(
            whole.start_s,
            whole.open,
            max(whole.high, current.high),
            min(whole.low, current.low),
            current.close,
            whole.volume + current.volume,
            whole.notional + current.notional,
            whole.trades + current.trades,
        )

    def _whole_minute(self, symbol: str, minute: int) -> Candle:
        # Not through the cache of minutes: a long history would push the live ones out.
        trades = self.trades_in(symbol, minute)
        return _count(trades, trades[-1].time_ns)

    def _sampled(self, symbol: str, minute: int, length: int, step: int) -> Candle:
        volume = notional = 0
        prices = []
        # Points that lie apart not through the cache: a long history would push the live minutes out.
        sketch = self._sketch if step == 1 else self._minute_sketch
        for at in range(minute, minute + length, step):
            price, expected = sketch(symbol, at)
            expected *= min(step, minute + length - at)
            prices.append(price)
            volume += expected
            notional += price * expected
        close = sketch(symbol, minute + length)[0]
        count = LISTINGS[symbol].trades_per_minute * length
        high, low = max(*prices, close), min(*prices, close)
        return Candle(_start_s(minute), prices[0], high, low, close, volume, notional, count)


def _start_s(minute: int) -> int:
    return (OPEN_NS + minute * MINUTE_NS) // 10**9


def _count(minute_trades: tuple[Trade, ...], until_ns: int) -> Candle:
    """The candle of a minute's trades up to and including `until_ns`; all zero but its start when there are none."""
    trades = [trade for trade in minute_trades if trade.time_ns <= until_ns]
    if not trades:
        return Candle(0, 0, 0, 0, 0, 0, 0, 0)
    prices = [trade.price for trade in trades]
    return Candle(
        _start_s(minute_of(trades[0].time_ns)),
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(trade.qty for trade in trades),
        sum(trade.price * trade.qty for trade in trades),
        len(trades),
    )


def _divide(numerator: int, denominator: int) -> int:
    """Integer quotient, half even; exact for any size. `denominator` is positive."""
    quotient, rest = divmod(numerator, denominator)
    doubled = 2 * rest
    return quotient + (doubled > denominator or (doubled == denominator and quotient % 2 == 1))
