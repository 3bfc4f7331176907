"""Kraken's public REST answers, as the recorded ones look: everything is HTTP 200, errors are in `error`."""

import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

import msgspec

from adapters.simulator.market import Candle, Market
from adapters.simulator.moment import rfc3339, to_datetime
from adapters.simulator.pairs import LISTINGS, QTY_DECIMALS, Listing, by_rest_name, fixed
from adapters.simulator.tape import MINUTE_NS, Trade

_MAX_TRADES = 1000
_MAX_CANDLES = 720
_INTERVALS = frozenset({1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600})
_NUMBER = re.compile(r"(\d{1,20})(?:\.(\d{1,9}))?")
_SECONDS_BELOW = 10**11  # a larger `since` is in nanoseconds


class _Refused(Exception):
    """The request can't be answered; the text is Kraken's."""


def answer(market: Market, method: str, query: Mapping[str, str], now_ns: int) -> bytes:
    """The JSON answer to `GET /0/public/{method}` with a query."""
    try:
        return msgspec.json.encode({"error": [], "result": _result(market, method, query, now_ns)})
    except _Refused as refusal:
        return msgspec.json.encode({"error": [str(refusal)]})


def _result(market: Market, method: str, query: Mapping[str, str], now_ns: int) -> dict[str, Any]:
    if method == "Time":
        now = to_datetime(now_ns)
        return {"unixtime": now_ns // 10**9, "rfc1123": format_datetime(now)}
    if method == "SystemStatus":
        return {"status": "online", "timestamp": rfc3339(now_ns)[:19] + "Z"}
    if method == "AssetPairs":
        return _asset_pairs(query)
    if method not in {"Trades", "OHLC"}:
        raise _Refused("EGeneral:Unknown method")
    if "pair" not in query:
        raise _Refused("EGeneral:Invalid arguments")
    listing = by_rest_name(query["pair"])
    if listing is None:
        raise _Refused("EQuery:Unknown asset pair")
    rows = _trades if method == "Trades" else _candles
    return rows(market, listing, query, now_ns)


def _asset_pairs(query: Mapping[str, str]) -> dict[str, Any]:
    if query.get("aclass_base", "currency") != "currency":
        return {}  # no tokenized stocks are simulated
    return {
        listing.rest_key: {
            "altname": next((name for name in listing.aliases if "/" not in name), listing.rest_key),
            "wsname": next((name for name in listing.aliases if "/" in name), listing.symbol),
            "pair_decimals": listing.price_decimals, "ordermin": listing.min_qty, "status": "online",
        }
        for listing in LISTINGS.values()
    }  # fmt: skip


def _trades(market: Market, listing: Listing, query: Mapping[str, str], now_ns: int) -> dict[str, Any]:
    count = _integer(query, "count", _MAX_TRADES)
    if not 1 <= count <= _MAX_TRADES:
        raise _Refused("EGeneral:Invalid arguments:count")
    if "since" in query:
        since_ns = _since_ns(query["since"])
        rows = []
        for trade in market.trades(listing.symbol, since_ns + 1, now_ns + 1):  # `since` is exclusive
            rows.append(trade)
            if len(rows) == count:
                break
    else:
        since_ns = now_ns
        rows = market.last_trades(listing.symbol, count, now_ns)
    last = rows[-1].time_ns if rows else since_ns
    return {listing.rest_key: [_trade_row(listing, trade) for trade in rows], "last": str(last)}


def _trade_row(listing: Listing, trade: Trade) -> list[Any]:
    seconds, fraction = divmod(trade.time_ns, 10**9)
    return [
        _price(listing, trade.price),
        fixed(trade.qty, QTY_DECIMALS),
        msgspec.Raw(f"{seconds}.{fraction // 100:07d}".encode()),
        "b" if trade.buy else "s",
        "m" if trade.market else "l",
        "",
        trade.trade_id,
    ]


def _candles(market: Market, listing: Listing, query: Mapping[str, str], now_ns: int) -> dict[str, Any]:
    interval = _integer(query, "interval", 1)
    if interval not in _INTERVALS:
        raise _Refused("EGeneral:Invalid arguments:interval")
    since_ns = _since_ns(query["since"]) if "since" in query else -1
    bucket_ns = interval * MINUTE_NS
    oldest_ns = (now_ns // bucket_ns - _MAX_CANDLES + 1) * bucket_ns
    rows = market.candles(listing.symbol, interval, max(oldest_ns, since_ns + 1), now_ns + 1)
    last = now_ns // bucket_ns * interval * 60 - interval * 60  # the start of the latest finished candle
    return {listing.rest_key: [_candle_row(listing, candle) for candle in rows], "last": last}


def _candle_row(listing: Listing, candle: Candle) -> list[Any]:
    prices = (candle.open, candle.high, candle.low, candle.close, candle.vwap)
    texts = [listing.price_text(price) for price in prices]
    return [candle.start_s, *texts, fixed(candle.volume, QTY_DECIMALS), candle.trades]


def _price(listing: Listing, ticks: int) -> str:
    text = listing.price_text(ticks)
    return text + "0" * max(0, 5 - listing.price_decimals)  # REST's trades give BTC/USD five decimals too


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text):
        raise _Refused(f"EGeneral:Invalid arguments:{name}")
    return int(text)


def _since_ns(text: str) -> int:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _Refused("EGeneral:Invalid arguments:since")
    whole = int(match[1])
    if whole >= _SECONDS_BELOW:
        return whole
    return whole * 10**9 + int((match[2] or "").ljust(9, "0"))
