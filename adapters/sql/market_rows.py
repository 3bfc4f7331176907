"""Rows of the market tables <-> the domain's trades, tickers, candles and feeds."""

from collections.abc import Sequence
from typing import Any

from adapters.sql.tables import candle_data, replaced_candle
from adapters.sql.types import decimal_text, micros, storable
from domain.construction import maker
from domain.market.candle import Candle, CandleSource, Interval
from domain.market.feed_health import FeedHealth, FeedKind, FeedState
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side

Row = Any  # sqlalchemy's Row: its attributes are the query's columns

_ORIGINS = {origin.value: origin for origin in Origin}
_SIDES: dict[str | None, Side | None] = {None: None, **{side.value: side for side in Side}}
_INTERVALS = {interval.value: interval for interval in Interval}
_trade, _ticker, _candle = maker(TradeExecuted), maker(TickerUpdated), maker(Candle)
_SOURCES = {source.value: source for source in CandleSource}


def trade_row(trade: TradeExecuted) -> dict[str, object]:
    """For an insert by the column types."""
    return {
        "pair": trade.pair,
        "trade_id": trade.trade_id,
        "timestamp": trade.occurred_at,
        "price": trade.price,
        "volume": trade.volume,
        "side": trade.side,
        "order_type": trade.order_type,
        "venue": trade.venue,
        "event_id": trade.event_id,
        "recorded_at": trade.recorded_at,
        "origin": trade.origin,
    }


def sqlite_trade_rows(trades: Sequence[TradeExecuted]) -> list[tuple[object, ...]]:
    """The same, in the order of the table's columns and as SQLite stores it: the column types cost twice the insert,
    and SQLite's driver takes ten times as long over subclasses of str."""
    return [
        (
            str(trade.pair),
            trade.trade_id,
            micros(trade.occurred_at),
            decimal_text(trade.price),
            decimal_text(trade.volume),
            trade.side and str(trade.side),
            storable(trade.order_type) if trade.order_type else trade.order_type,
            trade.venue,
            trade.event_id,
            micros(trade.recorded_at),
            str(trade.origin),
        )
        for trade in trades
    ]


def to_trade(row: Row) -> TradeExecuted:
    """The trade in a row."""
    return _trade(
        venue=row.venue,
        pair=Pair(row.pair),
        trade_id=row.trade_id,
        price=row.price,
        volume=row.volume,
        side=_SIDES[row.side],
        order_type=row.order_type,
        occurred_at=row.timestamp,
        recorded_at=row.recorded_at,
        origin=_ORIGINS[row.origin],
    )


_TICKER_FIELDS = (
    "venue", "last", "bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h", "change_24h",
    "pct_change", "frame_hash", "recorded_at",
)  # fmt: skip


def ticker_row(ticker: TickerUpdated) -> dict[str, object]:
    """For an insert by the column types."""
    return {
        "pair": ticker.pair,
        "timestamp": ticker.occurred_at,
        "event_id": ticker.event_id,
        "origin": ticker.origin,
        **{field: getattr(ticker, field) for field in _TICKER_FIELDS},
    }


def to_ticker(row: Row) -> TickerUpdated:
    """The ticker in a row."""
    return _ticker(
        pair=Pair(row.pair),
        occurred_at=row.timestamp,
        origin=_ORIGINS[row.origin],
        **{field: getattr(row, field) for field in _TICKER_FIELDS},
    )


def candle_row(candle: Candle, touched: int, nth: int) -> dict[str, object]:
    """A row of candle_data, for an upsert by the column types."""
    return {**replaced_candle_row(candle), "vwap": candle.vwap, "touched": touched, "touched_nth": nth}


def replaced_candle_row(candle: Candle) -> dict[str, object]:
    """A row of replaced_candle, for an insert by the column types."""
    return {
        "pair": candle.pair,
        "interval": candle.interval.value,
        "start": candle.start,
        "open": candle.open,
        "high": candle.high,
        "low": candle.low,
        "close": candle.close,
        "volume": candle.volume,
        "buy_volume": candle.buy_volume,
        "sell_volume": candle.sell_volume,
        "turnover": candle.turnover,
        "trades": candle.trades,
        "opened_at": candle.opened[0],
        "opened_id": candle.opened[1],
        "closed_at": candle.closed_by[0],
        "closed_id": candle.closed_by[1],
        "source": candle.source.value,
        "recorded_at": candle.recorded_at,
        "origin": candle.origin,
    }


_CANDLE_FIELDS = (
    "pair", "interval", "start", "open", "high", "low", "close", "volume", "buy_volume", "sell_volume", "turnover",
    "trades", "opened_at", "opened_id", "closed_at", "closed_id", "recorded_at", "origin", "source",
)  # fmt: skip
CANDLE_COLUMNS = tuple(candle_data.c[name] for name in _CANDLE_FIELDS)
REPLACED_COLUMNS = tuple(replaced_candle.c[name] for name in _CANDLE_FIELDS)


def to_candle(row: Row) -> Candle:
    """The candle in a row that begins with CANDLE_COLUMNS or REPLACED_COLUMNS; by place, as pages of candles are long."""
    (
        pair, interval, start, opening, high, low, close, volume, buy_volume, sell_volume, turnover, trades, opened_at,
        opened_id, closed_at, closed_id, recorded_at, origin, source, *_
    ) = row  # fmt: skip
    return _candle(
        pair=Pair(pair),
        interval=_INTERVALS[interval],
        start=start,
        open=opening,
        high=high,
        low=low,
        close=close,
        volume=volume,
        buy_volume=buy_volume,
        sell_volume=sell_volume,
        turnover=turnover,
        trades=trades,
        opened=(opened_at, opened_id),
        closed_by=(closed_at, closed_id),
        recorded_at=recorded_at,
        origin=_ORIGINS[origin],
        source=_SOURCES[source],
    )


_HEALTH_FIELDS = ("name", "since", "last_message_at", "gaps", "backfilled", "error", "next_try_at", "recorded_at")


def health_row(health: FeedHealth) -> dict[str, object]:
    """For an upsert by the column types."""
    return {
        "kind": health.kind,
        "state": health.state,
        "open_runs": [list(run) for run in health.open_runs],
        "history_runs": [list(run) for run in health.history_runs],
        "origin": health.origin,
        "left_out": health.left_out or None,
        **{field: getattr(health, field) for field in _HEALTH_FIELDS},
    }


def to_health(row: Row) -> FeedHealth:
    """The feed's health in a row."""
    return FeedHealth(
        kind=FeedKind(row.kind),
        state=FeedState(row.state),
        open_runs=tuple((first, last) for first, last in row.open_runs),
        history_runs=tuple((first, last) for first, last in row.history_runs),
        origin=_ORIGINS[row.origin],
        left_out=row.left_out or 0,
        **{field: getattr(row, field) for field in _HEALTH_FIELDS},
    )
