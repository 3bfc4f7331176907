"""Rows of the market: tickers, trades, candles. REST items and the stream's `data` are the same rows."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from domain.market.candle import Candle
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Side, plain, rfc3339

CLOSING_GRACE = timedelta(seconds=2)  # trades of a bucket's last moments still come in after its end


class TickerRow(msgspec.Struct, frozen=True, kw_only=True):
    """Last price, best bid and ask, and the statistics of the last 24 hours; `pct_change` is in percent."""

    pair: str
    last: str
    bid: str
    ask: str
    volume_24h: str
    pct_change: str
    timestamp: str
    bid_qty: str
    ask_qty: str
    vwap_24h: str
    low_24h: str
    high_24h: str
    change_24h: str
    event_id: str
    origin: Origin
    recorded_at: str


class TickerPage(msgspec.Struct, frozen=True):
    """Tickers."""

    items: list[TickerRow]
    next_cursor: str | None


class TradeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trade: `price` in the quote currency, `volume` in the base currency, `side` the taker's."""

    pair: str
    price: str
    volume: str
    timestamp: str
    side: Side | None
    trade_id: int
    order_type: str | None
    event_id: str
    origin: Origin
    recorded_at: str


class TradePage(msgspec.Struct, frozen=True):
    """Trades, newest first."""

    items: list[TradeRow]
    next_cursor: str | None


class CandleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One candle; `start` is inclusive, `trades` how many there were, `closed` whether it can still grow.

    `buy_volume` and `sell_volume` are the parts of `volume` known to be takers' buys and sells; of the rest the side is
    not known, as in candles imported from the venue.
    """

    pair: str
    interval: str
    start: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    buy_volume: str
    sell_volume: str
    vwap: str | None
    trades: int
    closed: bool
    origin: Origin
    recorded_at: str


class CandlePage(msgspec.Struct, frozen=True):
    """Candles, oldest first."""

    items: list[CandleRow]
    next_cursor: str | None


def ticker_row(ticker: TickerUpdated) -> TickerRow:
    """A ticker as a row."""
    return TickerRow(
        pair=str(ticker.pair),
        last=plain(ticker.last),
        bid=plain(ticker.bid),
        ask=plain(ticker.ask),
        volume_24h=plain(ticker.volume_24h),
        pct_change=plain(ticker.pct_change),
        timestamp=rfc3339(ticker.occurred_at),
        bid_qty=plain(ticker.bid_qty),
        ask_qty=plain(ticker.ask_qty),
        vwap_24h=plain(ticker.vwap_24h),
        low_24h=plain(ticker.low_24h),
        high_24h=plain(ticker.high_24h),
        change_24h=plain(ticker.change_24h),
        event_id=ticker.event_id,
        origin=ticker.origin,
        recorded_at=rfc3339(ticker.recorded_at),
    )


def trade_row(trade: TradeExecuted) -> TradeRow:
    """A trade as a row."""
    return TradeRow(
        pair=str(trade.pair),
        price=plain(trade.price),
        volume=plain(trade.volume),
        timestamp=rfc3339(trade.occurred_at),
        side=trade.side,
        trade_id=trade.trade_id,
        order_type=trade.order_type,
        event_id=trade.event_id,
        origin=trade.origin,
        recorded_at=rfc3339(trade.recorded_at),
    )


def candle_row(candle: Candle, now: datetime) -> CandleRow:
    """A candle as a row; it is closed once `now` is two seconds past its end."""
    vwap: Decimal | None = candle.vwap
    return CandleRow(
        pair=str(candle.pair),
        interval=candle.interval.value,
        start=rfc3339(candle.start),
        open=plain(candle.open),
        high=plain(candle.high),
        low=plain(candle.low),
        close=plain(candle.close),
        volume=plain(candle.volume),
        buy_volume=plain(candle.buy_volume),
        sell_volume=plain(candle.sell_volume),
        vwap=None if vwap is None else plain(vwap),
        trades=candle.trades,
        closed=now >= candle.end + CLOSING_GRACE,
        origin=candle.origin,
        recorded_at=rfc3339(candle.recorded_at),
    )
