"""Candles: open, high, low, close, volume (bought, sold), VWAP and trade count of a pair over an interval.

A candle is what its trades say, in whatever order and however often they came. So candles form a commutative monoid:
`merge` joins the candles of two disjoint sets of trades into the candle of both, and a store folds in only the trades
it had not seen before. Opening and closing prices go by (time, trade id), not by arrival.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum

from domain.errors import InvalidValue
from domain.market.trade import TradeExecuted
from domain.values import EXACT, PRECISION, SCALE, ZERO, Origin, Pair, Side, quotient, rfc3339


class Interval(Enum):
    """How long a candle lasts. Buckets start at multiples of it since 1970-01-01 00:00 UTC."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    __hash__ = object.__hash__  # members are singletons; enum's own hash is written in Python, and buckets are keys

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return _SECONDS[self]

    @property
    def length(self) -> timedelta:
        """Length as a timedelta."""
        return _LENGTHS[self]

    def start_of(self, at: datetime) -> datetime:
        """Start of the bucket that `at` (UTC) falls into."""
        return datetime.fromtimestamp(int(at.timestamp()) // self.seconds * self.seconds, UTC)


_SECONDS = {
    Interval.M1: 60,
    Interval.M5: 300,
    Interval.M15: 900,
    Interval.H1: 3600,
    Interval.H4: 14400,
    Interval.D1: 86400,
}
_LENGTHS = {interval: timedelta(seconds=seconds) for interval, seconds in _SECONDS.items()}


class CandleSource(IntEnum):
    """What a candle was made from. A bucket has one source: the highest of those that touched it."""

    ROLLED_UP = 0  # imported candles of a shorter interval
    IMPORTED = 1  # a venue's own candle
    TRADES_WITHOUT_IDS = 2
    TRADES = 3


_VOLUME_LIMIT = Decimal(10 ** (PRECISION - SCALE))

Moment = tuple[datetime, int]  # (time, trade id): the order of trades within a pair

# "live" if any of its trades came live, and so on down; one session's data never mixes with another's.
_ORIGIN_RANK = {
    origin: rank
    for rank, origin in enumerate([Origin.LIVE, Origin.SNAPSHOT, Origin.BACKFILL, Origin.SIMULATED, Origin.RECORDING])
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """One bucket of one pair. `start` is inclusive, UTC; `volume` in base, `turnover` (sum of price x volume) in quote.

    `buy_volume` and `sell_volume` are the parts of `volume` that takers are known to have bought and sold; what is left is
    of unknown side (all of an imported candle, and of one stored before sides were counted). `turnover` is None where the source gave no VWAP. `opened` and `closed_by` say which trades gave the opening and
    closing price. `recorded_at` is the latest of its trades': what was known at T needs no candle recorded after T.
    """

    pair: Pair
    interval: Interval
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    buy_volume: Decimal
    sell_volume: Decimal
    turnover: Decimal | None
    trades: int
    opened: Moment
    closed_by: Moment
    recorded_at: datetime
    origin: Origin
    source: CandleSource

    @property
    def vwap(self) -> Decimal | None:
        """Volume-weighted average price, rounded half even to 18 places, within low..high; None without volume or turnover."""
        if self.turnover is None or not self.volume:
            return None
        return quotient(self.turnover, self.volume)

    @property
    def end(self) -> datetime:
        """End of the bucket, exclusive."""
        return self.start + self.interval.length

    @property
    def bucket(self) -> tuple[Pair, Interval, datetime]:
        """The natural key."""
        return self.pair, self.interval, self.start


def storable(candle: Candle) -> Candle:
    """Return the candle. Raises InvalidValue where its volume is beyond what any store keeps, decimal(38,18)."""
    if candle.volume >= _VOLUME_LIMIT:
        raise InvalidValue(
            "volume",
            f"the volume of the {candle.interval.value} candle of {candle.pair} at {rfc3339(candle.start)} would be "
            f"{candle.volume}: expected less than {_VOLUME_LIMIT}",
        )
    return candle


def merge(one: Candle, other: Candle) -> Candle:
    """Join two candles of the same bucket made from disjoint sets of trades. Commutative and associative.

    Of different sources the higher wins whole. Two of the venue's own candles are the same fact twice: the fuller stays.
    """
    if one.source != other.source:
        return one if one.source > other.source else other
    if one.source is CandleSource.IMPORTED or one.source is CandleSource.ROLLED_UP:
        return max(one, other, key=_fullness)
    return _join(one, other)


def replaced(candles: Iterable[Candle], by: Mapping[tuple[Pair, Interval, datetime], Candle]) -> list[Candle]:
    """The venue's own candles among these that are not the ones of their buckets in `by`."""
    return [one for one in candles if one.source is CandleSource.IMPORTED and one != by.get(one.bucket, one)]


def _fullness(candle: Candle) -> tuple[object, ...]:
    """Of two that are equal in all of this it does not matter which stays: so merging has no order."""
    c = candle
    shape = (c.high, -c.low, c.open, c.close, c.turnover or 0, c.opened, c.closed_by, c.origin)
    return (c.trades, c.volume, c.buy_volume, c.sell_volume, c.recorded_at, *shape)


def _join(one: Candle, other: Candle) -> Candle:
    first = one if one.opened <= other.opened else other
    last = one if one.closed_by >= other.closed_by else other
    turnover = None if one.turnover is None or other.turnover is None else EXACT.add(one.turnover, other.turnover)
    return replace(
        one,
        open=first.open,
        opened=first.opened,
        close=last.close,
        closed_by=last.closed_by,
        high=max(one.high, other.high),
        low=min(one.low, other.low),
        volume=EXACT.add(one.volume, other.volume),
        buy_volume=EXACT.add(one.buy_volume, other.buy_volume),
        sell_volume=EXACT.add(one.sell_volume, other.sell_volume),
        turnover=turnover,
        trades=one.trades + other.trades,
        recorded_at=max(one.recorded_at, other.recorded_at),
        origin=min(one.origin, other.origin, key=_ORIGIN_RANK.__getitem__),
    )


def candles_of(trades: Iterable[TradeExecuted], interval: Interval = Interval.M1) -> list[Candle]:
    """Fold trades, each given once and in any order, into the candles of their buckets, in no particular order."""
    seconds = interval.seconds
    folds: dict[tuple[str, int, bool], _Fold] = {}
    for trade in trades:
        bucket = (trade.pair, int(trade.occurred_at.timestamp()) // seconds, trade.trade_id >= 0)
        fold = folds.get(bucket)
        if fold is None:
            folds[bucket] = _Fold(trade)
        else:
            fold.add(trade)
    return [
        fold.candle(interval, datetime.fromtimestamp(number * seconds, UTC)) for (_, number, _), fold in folds.items()
    ]


def roll_up(candles: Iterable[Candle], interval: Interval) -> list[Candle]:
    """Join candles of a shorter interval (disjoint buckets, any order) into those of a longer one, by source."""
    joined: dict[tuple[Pair, datetime, CandleSource], Candle] = {}
    for candle in candles:
        longer = replace(candle, interval=interval, start=interval.start_of(candle.start))
        key = (longer.pair, longer.start, longer.source)
        present = joined.get(key)
        joined[key] = longer if present is None else _join(present, longer)
    return list(joined.values())


class _Fold:
    """The candle of one bucket while its trades are read: mutable, because one is made for each trade."""

    __slots__ = (
        "bought",
        "close",
        "closed_by",
        "count",
        "high",
        "low",
        "open",
        "opened",
        "origin",
        "recorded_at",
        "sold",
        "trade",
        "turnover",
        "volume",
    )

    def __init__(self, trade: TradeExecuted) -> None:
        self.trade = trade
        self.open = self.high = self.low = self.close = trade.price
        self.volume = trade.volume
        self.bought = trade.volume if trade.side is Side.BUY else ZERO
        self.sold = trade.volume if trade.side is Side.SELL else ZERO
        self.turnover = EXACT.multiply(trade.price, trade.volume)
        self.count = 1
        self.opened = self.closed_by = (trade.occurred_at, trade.trade_id)
        self.recorded_at = trade.recorded_at
        self.origin = trade.origin

    def add(self, trade: TradeExecuted) -> None:
        price = trade.price
        moment = (trade.occurred_at, trade.trade_id)
        if moment >= self.closed_by:
            self.close, self.closed_by = price, moment
        elif moment < self.opened:
            self.open, self.opened = price, moment
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.volume = EXACT.add(self.volume, trade.volume)
        if trade.side is Side.BUY:
            self.bought = EXACT.add(self.bought, trade.volume)
        elif trade.side is Side.SELL:
            self.sold = EXACT.add(self.sold, trade.volume)
        self.turnover = EXACT.fma(price, trade.volume, self.turnover)
        self.count += 1
        self.recorded_at = max(self.recorded_at, trade.recorded_at)
        if trade.origin is not self.origin:
            self.origin = min(self.origin, trade.origin, key=_ORIGIN_RANK.__getitem__)

    def candle(self, interval: Interval, start: datetime) -> Candle:
        source = CandleSource.TRADES if self.trade.has_venue_id else CandleSource.TRADES_WITHOUT_IDS
        return Candle(
            pair=self.trade.pair,
            interval=interval,
            start=start,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.volume,
            buy_volume=self.bought,
            sell_volume=self.sold,
            turnover=self.turnover,
            trades=self.count,
            opened=self.opened,
            closed_by=self.closed_by,
            recorded_at=self.recorded_at,
            origin=self.origin,
            source=source,
        )
