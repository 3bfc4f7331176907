"""Trades, tickers and candles as the CSV that adapters/sql/copy.py takes."""

from collections.abc import Iterable
from io import BytesIO
from typing import BinaryIO

from adapters.sql.copy import CANDLE_COLUMNS, TICKER_COLUMNS
from adapters.sql.market_rows import ticker_row
from adapters.sql.types import storable
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted


def trade_csv(trades: Iterable[TradeExecuted]) -> BinaryIO:
    """In the order of TRADE_COLUMNS."""
    return _file(  # written out, as there are so many
        f"{_quoted(trade.pair)},{trade.trade_id},{trade.occurred_at},{trade.price},{trade.volume},{trade.side or ''},"
        f"{_field(trade.order_type)},{_quoted(trade.venue)},{_quoted(trade.event_id)},{trade.recorded_at},{trade.origin}\n"
        for trade in trades
    )


def ticker_csv(tickers: Iterable[TickerUpdated]) -> BinaryIO:
    """In the order of TICKER_COLUMNS."""
    return _rows(map(ticker_row, tickers), TICKER_COLUMNS)


def candle_csv(rows: Iterable[dict[str, object]]) -> BinaryIO:
    """Rows of `adapters.sql.market_rows.candle_row`, in the order of CANDLE_COLUMNS."""
    return _rows(rows, CANDLE_COLUMNS)


def _rows(rows: Iterable[dict[str, object]], columns: tuple[str, ...]) -> BinaryIO:
    return _file(",".join([_field(row[name]) for name in columns]) + "\n" for row in rows)


def _file(lines: Iterable[str]) -> BinaryIO:
    return BytesIO("".join(lines).encode())


def _field(value: object) -> str:
    if value is None:
        return ""
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return '"' + storable(text).replace('"', '""') + '"'
