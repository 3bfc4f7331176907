"""Kraken's WebSocket v2 frames as text. Forms, key order and error texts are those of recorded frames.

Numbers are JSON numbers with the pair's full precision (`1.00000`), so they are placed as raw text, never as floats.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import msgspec

from adapters.simulator.market import Ticker
from adapters.simulator.moment import rfc3339
from adapters.simulator.pairs import LISTINGS, QTY_DECIMALS, Listing, fixed
from adapters.simulator.tape import Trade

HEARTBEAT = '{"channel":"heartbeat"}'


def encode(frame: dict[str, Any]) -> str:
    """A frame as compact JSON text."""
    return msgspec.json.encode(frame).decode()


def _number(units: int, decimals: int) -> msgspec.Raw:
    return msgspec.Raw(fixed(units, decimals).encode())


def status(connection_id: int) -> str:
    """What the venue says first on every connection."""
    online = {
        "version": "2.0.10",
        "system": "online",
        "api_version": "v2",
        "connection_id": connection_id,
        "upcoming_maintenance": [],
        "emergency": [],
    }
    return encode({"channel": "status", "type": "update", "data": [online]})


def ack(method: str, req_id: int | None, now_ns: int, **answer: Any) -> str:
    """An answer to a request: with `result` when it succeeded, `error` (and `symbol`) when not."""
    frame = {"method": method, "success": "error" not in answer, **answer}
    if req_id is not None:
        frame["req_id"] = req_id
    return encode({**dict(sorted(frame.items())), "time_in": rfc3339(now_ns), "time_out": rfc3339(now_ns)})


def pong(req_id: int | None, now_ns: int) -> str:
    """The answer to a ping."""
    request = {} if req_id is None else {"req_id": req_id}
    return encode({"method": "pong", **request, "time_in": rfc3339(now_ns), "time_out": rfc3339(now_ns)})


def trades(kind: str, symbol: str, rows: Iterable[Trade]) -> str:
    """A trade frame; `kind` is `snapshot` or `update`."""
    listing = LISTINGS[symbol]
    return encode({"channel": "trade", "type": kind, "data": [_trade(listing, row) for row in rows]})


def _trade(listing: Listing, trade: Trade) -> dict[str, Any]:
    return {
        "symbol": listing.symbol,
        "side": "buy" if trade.buy else "sell",
        "price": _number(trade.price, listing.price_decimals),
        "qty": _number(trade.qty, QTY_DECIMALS),
        "ord_type": "market" if trade.market else "limit",
        "trade_id": trade.trade_id,
        "timestamp": rfc3339(trade.time_ns),
    }


def ticker(kind: str, symbol: str, row: Ticker) -> str:
    """A ticker frame; `kind` is `snapshot` or `update`."""
    decimals = LISTINGS[symbol].price_decimals
    data = {
        "symbol": symbol,
        "bid": _number(row.bid, decimals),
        "bid_qty": _number(row.bid_qty, QTY_DECIMALS),
        "ask": _number(row.ask, decimals),
        "ask_qty": _number(row.ask_qty, QTY_DECIMALS),
        "last": _number(row.last, decimals),
        "volume": _number(row.volume, QTY_DECIMALS),
        "vwap": _number(row.vwap, decimals),
        "low": _number(row.low, decimals),
        "high": _number(row.high, decimals),
        "change": _number(row.change, decimals),
        "change_pct": _number(row.change_pct, 2),
        "trades": row.trades,
        "timestamp": rfc3339(row.time_ns),
    }
    return encode({"channel": "ticker", "type": kind, "data": [data]})


def taker_orders(rows: Iterable[Trade]) -> list[Trade]:
    """The last fill of each taker's order: fills of one order share their microsecond, and move the ticker once."""
    return [list(fills)[-1] for _, fills in groupby(rows, key=lambda trade: trade.time_ns // 1000)]
