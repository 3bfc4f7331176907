"""Candles that a venue made itself and we took over: from its REST history or its downloadable files."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Candle, CandleSource, Interval
from domain.values import EXACT, ZERO, Pair, not_negative, positive, rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleImported(Event):
    """A closed candle as the venue computed it. `occurred_at` is its end. `vwap` is None where the file has none.

    Raises InvalidValue when high and low do not enclose open and close, or a number cannot be a market's.
    """

    name: ClassVar[str] = "candle-imported"

    venue: str
    pair: Pair
    interval: Interval
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    vwap: Decimal | None
    trades: int

    def __post_init__(self) -> None:
        for field in ("open", "high", "low", "close"):
            positive(getattr(self, field), field)
        not_negative(self.volume, "volume")
        if self.vwap is not None:
            not_negative(self.vwap, "vwap")
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise InvalidValue("high", f"the candle at {rfc3339(self.start)} has open or close outside low..high")
        if self.trades < 0 or self.interval.start_of(self.start) != self.start:
            raise InvalidValue("start", f"{rfc3339(self.start)} does not start a {self.interval.value} candle")

    @property
    def event_id(self) -> str:
        """`kraken:BTC/USD:1m:2026-11-22T15:30:00Z`."""
        return f"{self.venue}:{self.pair}:{self.interval.value}:{rfc3339(self.start)}"

    @property
    def key(self) -> str:
        """Imported candles are in order within a pair."""
        return self.pair

    def candle(self) -> Candle:
        """The candle itself. A venue rounds its VWAP: it is held within low..high."""
        vwap = min(max(self.vwap, self.low), self.high) if self.vwap else None
        return Candle(
            pair=self.pair,
            interval=self.interval,
            start=self.start,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.volume,
            buy_volume=ZERO,  # venues' candles do not say
            sell_volume=ZERO,
            turnover=None if vwap is None else EXACT.multiply(vwap, self.volume),
            trades=self.trades,
            opened=(self.start, -1),
            closed_by=(self.occurred_at, -1),
            recorded_at=self.recorded_at,
            origin=self.origin,
            source=CandleSource.IMPORTED,
        )
