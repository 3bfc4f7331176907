import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulator.market import Market
from adapters.simulator.moment import rfc3339, to_ns
from adapters.simulator.pairs import LISTINGS
from adapters.simulator.session import Session

NOW = to_ns(datetime(2026, 3, 1, 12, 0, 31, 500_000, tzinfo=UTC))
STAMP = "2026-03-01T12:00:31.500000Z"
MARKET = Market(7)


def ask(session: Session, now: int = NOW, **request: Any) -> list[str]:
    return session.answer(json.dumps(request), now)


def subscribe(session: Session, channel: str, *symbols: str, **params: Any) -> list[str]:
    return ask(session, method="subscribe", params={"channel": channel, "symbol": list(symbols), **params})


def test_the_status_looks_as_recorded() -> None:
    status = json.loads(Session(MARKET).greeting())
    [data] = status["data"]
    assert (status["channel"], status["type"], data["system"], data["api_version"]) == (
        "status",
        "update",
        "online",
        "v2",
    )
    assert data["connection_id"] > 2**53


def test_acknowledgements_look_as_recorded() -> None:
    session = Session(MARKET)
    times = f'"time_in":"{STAMP}","time_out":"{STAMP}"}}'
    assert subscribe(session, "trade", "BTC/USD", snapshot=False) == [
        '{"method":"subscribe","result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},"success":true,' + times
    ]
    ack, _snapshot = subscribe(session, "ticker", "DOGE/USD")
    assert ack == (
        '{"method":"subscribe","result":{"channel":"ticker","event_trigger":"trades","snapshot":true,'
        '"symbol":"DOGE/USD"},"success":true,' + times
    )
    assert ask(session, method="unsubscribe", params={"channel": "trade", "symbol": ["BTC/USD"]}, req_id=9) == [
        '{"method":"unsubscribe","req_id":9,"result":{"channel":"trade","symbol":"BTC/USD"},"success":true,' + times
    ]
    assert ask(session, method="ping", req_id=101) == ['{"method":"pong","req_id":101,' + times]


def test_a_version_1_name_is_refused_as_recorded_and_the_others_are_served() -> None:
    frames = subscribe(Session(MARKET), "trade", "XBT/USD", "ETH/USD", snapshot=True)
    assert frames[0] == (
        '{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD",'
        f'"time_in":"{STAMP}","time_out":"{STAMP}"}}'
    )
    assert json.loads(frames[1])["result"]["symbol"] == "ETH/USD"
    assert len(frames) == 3


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (
            {"method": "subscribe", "params": {"channel": "executions", "symbol": ["BTC/USD"]}},
            "Private data and trading",
        ),
        ({"method": "subscribe", "params": {"channel": "book", "symbol": ["BTC/USD"]}}, "Channel not supported book"),
        ({"method": "subscribe"}, "no channel and symbol"),
        ({"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"]}}, "Subscription Not Found"),
        ({"method": "add_order"}, "Method not supported"),
        ({"params": 3}, "Malformed request"),
        ("nonsense", "Malformed request"),
    ],
)
def test_what_can_not_be_served_is_refused_with_a_reason(request_: Any, error: str) -> None:
    [frame] = Session(MARKET).answer(json.dumps(request_), NOW)
    answer = json.loads(frame)
    assert answer["success"] is False
    assert error in answer["error"]


@pytest.mark.parametrize("text", ["{", b"\xff\xfe", "", "[" * 10_000])
def test_broken_requests_are_refused(text: str | bytes) -> None:
    [frame] = Session(MARKET).answer(text, NOW)
    assert json.loads(frame)["success"] is False


def test_subscribing_twice_is_refused() -> None:
    session = Session(MARKET)
    subscribe(session, "ticker", "BTC/USD")
    [again] = subscribe(session, "ticker", "BTC/USD")
    assert json.loads(again)["error"] == "Already subscribed"


@settings(deadline=None)
@given(st.sampled_from(sorted(LISTINGS)), st.lists(st.integers(1, 20_000), min_size=1, max_size=20))
def test_snapshot_and_updates_join_without_gap_or_duplicate(symbol: str, steps_ms: list[int]) -> None:
    session, now = Session(MARKET), NOW
    _ack, snapshot = subscribe(session, "trade", symbol, snapshot=True)
    frames = [snapshot]
    for step in steps_ms:
        now += step * 10**6
        frames += session.updates(now)
    rows = [row for frame in frames for row in json.loads(frame, parse_float=Decimal)["data"]]
    ids = [row["trade_id"] for row in rows]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert rows[-1]["timestamp"] <= rfc3339(now)
    assert len(json.loads(snapshot)["data"]) == 50
    assert [json.loads(frame)["type"] for frame in frames] == ["snapshot"] + ["update"] * (len(frames) - 1)


def test_numbers_have_the_venues_precision() -> None:
    session = Session(MARKET)
    for symbol, listing in LISTINGS.items():
        _ack, trade = subscribe(session, "trade", symbol, snapshot=True)
        _ack, ticker = subscribe(session, "ticker", symbol)
        row = json.loads(trade, parse_float=Decimal)["data"][0]
        assert row["price"].as_tuple().exponent == -listing.price_decimals
        assert row["qty"].as_tuple().exponent == -8
        data = json.loads(ticker, parse_float=Decimal)["data"][0]
        assert {data[name].as_tuple().exponent for name in ("bid", "ask", "last", "vwap", "low", "high", "change")} == {
            -listing.price_decimals
        }
        assert list(data) == TICKER_FIELDS
        assert list(row) == ["symbol", "side", "price", "qty", "ord_type", "trade_id", "timestamp"]
        assert "E" not in trade.split('"data"')[1].replace(symbol, "")


TICKER_FIELDS = [
    "symbol", "bid", "bid_qty", "ask", "ask_qty", "last", "volume", "vwap", "low", "high", "change", "change_pct",
    "trades", "timestamp",
]  # fmt: skip


def test_a_ticker_follows_every_order_and_an_ended_subscription_is_silent() -> None:
    session = Session(MARKET)
    subscribe(session, "ticker", "BTC/USD", snapshot=False)
    subscribe(session, "trade", "BTC/USD", snapshot=False)
    frames = [json.loads(frame) for frame in session.updates(NOW + 10 * 10**9)]
    orders = {row["timestamp"] for frame in frames if frame["channel"] == "trade" for row in frame["data"]}
    tickers = [frame["data"][0]["timestamp"] for frame in frames if frame["channel"] == "ticker"]
    assert tickers == sorted(orders)
    for channel in ("ticker", "trade"):
        ask(session, method="unsubscribe", params={"channel": channel, "symbol": ["BTC/USD"]})
    assert session.updates(NOW + 20 * 10**9) == []
    assert session.beating
