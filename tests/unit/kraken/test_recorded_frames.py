"""Real frames, as recorded by others: each must say what it says."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from adapters.kraken.messages import Answer, Error, Heartbeat, Pong, StatusFrame, Unknown
from adapters.kraken.parse import Parsed, parse
from adapters.kraken.v1 import parse_v1
from domain.dead_letter import DeadLettered
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.real_data import path, real_data

V2, V1 = "kraken/recorded_frames/ws_v2_frames.jsonl", "kraken/recorded_frames/ws_v1_frames.jsonl"
NOW = datetime(2026, 10, 7, tzinfo=UTC)
PLACE = "wss://ws.kraken.com/v2"


def received(name: str) -> list[bytes]:
    lines = [json.loads(line) for line in path(name).read_text().splitlines()]
    return [line["raw"].encode() for line in lines if line["dir"] == "rx"]


def all_of(name: str) -> list[Parsed]:
    read = parse if name == V2 else parse_v1
    return [read(raw, received_at=NOW, origin=Origin.LIVE, place=PLACE) for raw in received(name)]


@real_data(V2)
def test_every_v2_frame_is_read() -> None:
    parsed = all_of(V2)
    events = [event for events, _ in parsed for event in events]
    assert not [event for event in events if isinstance(event, DeadLettered)]
    frames = [type(frame) for _, frame in parsed]
    assert frames.count(StatusFrame) == 2
    assert frames.count(Answer) == 8
    assert frames.count(Heartbeat) == frames.count(Pong) == frames.count(Error) == 1
    assert [frame.kind for _, frame in parsed if isinstance(frame, Unknown)] == ["book", "ohlc"]
    errors = [frame.error for _, frame in parsed if isinstance(frame, Answer) and frame.error]
    assert len(errors) == 6
    assert "Currency pair not supported NOPE/USD" in errors


@real_data(V2)
def test_v2_numbers_and_times_are_those_of_the_text() -> None:
    """Each number and id of each row is found again, digit for digit, in the frame's text."""
    count = 0
    for raw in received(V2):
        for event in parse(raw, received_at=NOW, origin=Origin.LIVE, place=PLACE)[0]:
            text = raw.decode()
            assert f'"symbol":"{event.key}"' in text
            assert event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") in text
            if isinstance(event, TradeExecuted):
                facts = [f'"price":{event.price}', f'"qty":{event.volume}', f'"trade_id":{event.trade_id}']
            else:
                assert isinstance(event, TickerUpdated)
                facts = [
                    f'"last":{event.last}', f'"bid":{event.bid}', f'"bid_qty":{event.bid_qty}', f'"ask":{event.ask}',
                    f'"ask_qty":{event.ask_qty}', f'"volume":{event.volume_24h}', f'"vwap":{event.vwap_24h}',
                    f'"low":{event.low_24h}', f'"high":{event.high_24h}', f'"change":{event.change_24h}',
                    f'"change_pct":{event.pct_change}',
                ]  # fmt: skip
            assert all(fact in text for fact in facts)
            count += 1
    assert count == 12


@real_data(V1)
def test_every_v1_frame_is_read() -> None:
    parsed = all_of(V1)
    trades = [event for events, _ in parsed for event in events]
    assert [(t.pair, t.price, t.volume, t.side) for t in trades if isinstance(t, TradeExecuted)] == [
        ("ETH/USD", Decimal("2688.04000"), Decimal("0.17453200"), "b"),
        ("BTC/USD", Decimal("83942.80000"), Decimal("0.00044674"), "b"),
        ("BTC/USD", Decimal("83942.80000"), Decimal("0.00010000"), "s"),
    ]
    assert len(trades) == 3
    errors = [frame.error for _, frame in parsed if isinstance(frame, Answer) and frame.error]
    assert errors == ["Currency pair not in ISO 4217-A3 format XBT-USDT", "Subscription depth not supported"]
    assert [frame.kind for _, frame in parsed if isinstance(frame, Unknown)] == ["spread", "spread"]


CRYPTOFEED = (
    "kraken/cryptofeed/KRAKEN.ws.48.0",
    "kraken/cryptofeed/KRAKEN.ws.49.0",
    "kraken/cryptofeed/KRAKEN.ws.50.0",
)


@real_data(*CRYPTOFEED)
def test_half_a_minute_of_v1_is_read_without_a_dead_letter() -> None:
    kinds = dict.fromkeys((TradeExecuted, TickerUpdated, DeadLettered), 0)
    rows = 0
    for name in CRYPTOFEED:
        for line in path(name).read_text().splitlines():
            at, _, raw = line.partition(": ")
            if not at.replace(".", "").isdigit():
                continue
            message = json.loads(raw)
            if isinstance(message, list) and message[-2] in {"trade", "ticker"}:
                rows += len(message[1]) if message[-2] == "trade" else 1
            for event in parse_v1(raw.encode(), received_at=NOW, origin=Origin.LIVE, place=PLACE)[0]:
                kinds[type(event)] += 1
    assert kinds[DeadLettered] == 0
    assert rows == kinds[TradeExecuted] + kinds[TickerUpdated] == 28


@real_data("kraken/xchange/ws_v1_ticker.json", "kraken/xchange/ws_v1_trades.json")
def test_xchanges_v1_frames() -> None:
    ticker_raw = path("kraken/xchange/ws_v1_ticker.json").read_bytes()
    ((ticker,), _) = parse_v1(ticker_raw, received_at=NOW, origin=Origin.LIVE, place=PLACE)
    assert isinstance(ticker, TickerUpdated)
    assert (ticker.pair, ticker.last, ticker.bid_qty) == ("BTC/EUR", Decimal("9971.00000"), Decimal("10.57957134"))
    assert (ticker.volume_24h, ticker.vwap_24h) == (Decimal("7889.33379900"), Decimal("9732.48471"))
    assert ticker.change_24h == Decimal("9971.00000") - Decimal("9623.10000")
    assert ticker.pct_change == Decimal("3.615259116085253193")
    trades_raw = path("kraken/xchange/ws_v1_trades.json").read_bytes()
    made, _ = parse_v1(trades_raw, received_at=NOW, origin=Origin.LIVE, place=PLACE)
    trades = [trade for trade in made if isinstance(trade, TradeExecuted)]
    assert len(trades) == len(made)
    assert [trade.occurred_at.microsecond for trade in trades] == [321597, 324998]
    assert all(trade.trade_id < 0 for trade in trades)
