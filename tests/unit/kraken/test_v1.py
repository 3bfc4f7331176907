import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kraken.messages import Answer, Broken, Error, Heartbeat, Pong, StatusFrame, Unknown
from adapters.kraken.parse import Parsed
from adapters.kraken.v1 import parse_v1
from domain.dead_letter import DeadLettered
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Side

NOW = datetime(2026, 9, 26, 5, 41, 27, tzinfo=UTC)


def read(raw: str | bytes) -> Parsed:
    data = raw.encode() if isinstance(raw, str) else raw
    return parse_v1(data, received_at=NOW, origin=Origin.LIVE, place="wss://ws.kraken.com")


def trades(*rows: list[str], pair: str = "XBT/USD") -> str:
    return json.dumps([119930881, rows, "trade", pair])


ROW = ["83942.80000", "0.00044674", "1790401261.6431789", "s", "m", ""]


def test_trades_get_canonical_names_exact_numbers_truncated_times_and_ids_from_their_content() -> None:
    (first, second), _ = read(trades(ROW, ROW))
    assert isinstance(first, TradeExecuted)
    assert isinstance(second, TradeExecuted)
    assert (first.pair, str(first.price), str(first.volume)) == ("BTC/USD", "83942.80000", "0.00044674")
    assert first.occurred_at == datetime(2026, 9, 26, 5, 41, 1, 643178, tzinfo=UTC)
    assert (first.side, first.order_type, first.has_venue_id) == (Side.SELL, "market", False)
    assert first.trade_id != second.trade_id, "two equal trades are two"
    assert read(trades(ROW, ROW))[0] == [first, second], "and the same two when read again"


def test_dogecoin_has_an_old_name_too() -> None:
    assert read(trades(ROW, pair="XDG/XBT"))[0][0].key == "DOGE/BTC"


def test_a_ticker_takes_the_last_24_hours() -> None:
    row = {
        "a": ["105.85000", 0, "0.46100000"], "b": ["105.77000", 45, "45.00000000"], "c": ["105.83000", "5.00000000"],
        "v": ["92170.25739498", "121658.17399954"], "p": ["107.58276", "107.95234"], "t": [4966, 6717],
        "l": ["105.03000", "105.02000"], "h": ["110.33000", "110.34000"], "o": ["109.45000", "106.78000"],
    }  # fmt: skip
    ((ticker,), _) = read(json.dumps([93, row, "ticker", "ETH/USD"]))
    assert isinstance(ticker, TickerUpdated)
    assert (ticker.ask_qty, ticker.bid_qty) == (Decimal("0.46100000"), Decimal("45.00000000"))
    assert (ticker.low_24h, ticker.high_24h) == (Decimal("105.02000"), Decimal("110.34000"))
    assert (ticker.change_24h, ticker.pct_change) == (Decimal("-0.95000"), Decimal("-0.889679715302491103"))
    assert ticker.occurred_at == NOW
    assert ticker.frame_hash is not None


def test_what_is_told_beside_the_data() -> None:
    assert isinstance(read('{"event":"heartbeat"}')[1], Heartbeat)
    assert isinstance(read('{"event":"pong","reqid":42}')[1], Pong)
    seen = read('{"event":"systemStatus","status":"maintenance","connectionID":14463420050456470503}')[1]
    assert isinstance(seen, StatusFrame)
    assert seen.data[0].system == "maintenance"
    assert read('{"Error":"Exceeded msg rate"}')[1] == Error("Exceeded msg rate")
    assert read('{"event":"error","errorMessage":"Malformed request"}')[1] == Error("Malformed request")
    assert read('[1,{"as":[]},"book-10","XBT/USD"]')[1] == Unknown("book-10")


@pytest.mark.parametrize(
    ("status", "expected"),
    [("subscribed", ("subscribe", True)), ("unsubscribed", ("unsubscribe", True)), ("error", ("subscribe", False))],
)
def test_answers(status: str, expected: tuple[str, bool]) -> None:
    raw = {"event": "subscriptionStatus", "pair": "XBT/USD", "status": status, "subscription": {"name": "trade"}}
    answer = read(json.dumps(raw | ({"errorMessage": "no such pair"} if status == "error" else {})))[1]
    assert isinstance(answer, Answer)
    assert (answer.method, answer.success) == expected
    assert answer.error == ("no such pair" if status == "error" else None)


def test_a_bad_trade_is_a_dead_letter_and_the_others_go_on() -> None:
    bad = [["0", *ROW[1:]], [ROW[0], "1E+999999999", *ROW[2:]], [*ROW[:2], "1E+999999999", *ROW[3:]], ["1"], ROW[:2]]
    events, _ = read(trades(ROW, *bad, ROW))
    first, second, letter = events
    assert [type(event) for event in (first, second)] == [TradeExecuted, TradeExecuted]
    assert isinstance(letter, DeadLettered)
    assert "(and 4 more)" in letter.reason


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'[1,{"a":[]},"ticker","XBT/USD"]', b'[1,2,"trade","XBT/USD"]'])
def test_what_cannot_be_read_is_kept(raw: bytes) -> None:
    ((letter,), _) = read(raw)
    assert isinstance(letter, DeadLettered)
    assert letter.raw == raw


@given(st.binary(max_size=200) | st.lists(st.integers() | st.text(), max_size=5).map(lambda v: json.dumps(v).encode()))
def test_nothing_makes_it_raise(raw: bytes) -> None:
    events, frame = read(raw)
    assert isinstance(frame, Broken) == (len(events) == 1)
