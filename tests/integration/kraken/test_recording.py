import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.kraken.config import KrakenConfig
from adapters.kraken.errors import RecordingError
from adapters.kraken.recorder import record
from adapters.kraken.recording import RecordingFeed
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.candle import Interval, candles_of
from domain.market.feed import FeedConnected, FeedConnecting, FeedEnded, SubscriptionRejected
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.integration.kraken.running import QUICK, WallClock
from tests.real_data import path, real_data
from tests.servers.kraken import KrakenServer, frame, ticker_row, trade_row
from tests.telemetry import Remembered

T0 = datetime(2026, 9, 25, 17, 48, 27, tzinfo=UTC)


def line(raw: str, seconds: float = 0) -> str:
    return json.dumps({"received_at": (T0 + timedelta(seconds=seconds)).isoformat(), "raw": raw})


def recording(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "session.jsonl"
    file.write_text("".join(each + "\n" for each in lines))
    return file


def play(file: Path, speed: float = 0, pairs: Sequence[str] | None = None) -> list[Event]:
    events: list[Event] = []
    feed = RecordingFeed(file, speed=speed, clock=WallClock(), telemetry=Remembered(), pairs=pairs)
    feed.run(events.extend, threading.Event())
    return events


def test_frames_are_played_as_they_came(tmp_path: Path) -> None:
    file = recording(
        tmp_path,
        line('{"channel":"heartbeat"}'),
        line(frame("trade", trade_row(1), trade_row(1, "ETH/USD"), kind="snapshot"), 1.5),
        line(frame("ticker", ticker_row()), 2),
        line(frame("trade", trade_row(2)), 3),
    )
    events = play(file)
    assert [type(event) for event in events] == [
        FeedConnected, FeedConnected, TradeExecuted, TradeExecuted, TickerUpdated, TradeExecuted, FeedEnded, FeedEnded,
    ]  # fmt: skip
    assert {event.origin for event in events} == {Origin.RECORDING}
    assert [(event.recorded_at - T0).total_seconds() for event in events] == [1.5, 1.5, 1.5, 1.5, 2, 3, 3, 3]
    assert [event.key for event in events if isinstance(event, FeedEnded)] == ["BTC/USD", "ETH/USD"]


def test_only_the_pairs_asked_for_and_each_of_them_ends(tmp_path: Path) -> None:
    file = recording(
        tmp_path,
        line(frame("trade", trade_row(1), trade_row(1, "ETH/USD"))),
        line('{"method":"subscribe","success":false,"error":"Currency pair not supported XBT/USD","symbol":"XBT/USD"}'),
    )
    events = play(file, pairs=["BTC/USD", "XBT/USD", "ADA/USD"])
    assert [(type(e), e.key) for e in events] == [
        (FeedConnecting, "BTC/USD"), (FeedConnecting, "XBT/USD"), (FeedConnecting, "ADA/USD"),
        (FeedConnected, "BTC/USD"), (TradeExecuted, "BTC/USD"), (SubscriptionRejected, "XBT/USD"),
        (FeedEnded, "BTC/USD"), (FeedEnded, "XBT/USD"), (FeedEnded, "ADA/USD"),
    ]  # fmt: skip
    assert events[0].recorded_at == T0


def test_a_broken_line_is_a_dead_letter_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = recording(
        tmp_path,
        "no json",
        '{"received_at":"yesterday","raw":"{}"}',
        '{"received_at":"2026-09-25T17:48:27Z"}',
        '{"received_at":"2026-09-25T17:48:27Z","raw":"\\ud800"}',
        "",
        line('{"broken'),
        line(frame("trade", trade_row(1))),
    )
    events = play(file)
    letters = [event for event in events if isinstance(event, DeadLettered)]
    assert [(letter.kind, letter.offset) for letter in letters] == [
        ("recording-line", 1), ("recording-line", 2), ("recording-line", 3), ("recording-line", 4), ("kraken-frame", None),
    ]  # fmt: skip
    assert letters[0].reason.startswith("line 1: ")
    assert {letter.place for letter in letters} == {"recording:session.jsonl"}
    assert sum(isinstance(event, TradeExecuted) for event in events) == 1


def test_speed_1_keeps_the_pace_and_more_is_quicker(tmp_path: Path) -> None:
    file = recording(tmp_path, *(line(frame("trade", trade_row(n)), n * 0.3) for n in range(3)))
    taken = {}
    for speed in (0, 1, 4):
        start = time.monotonic()
        play(file, speed=speed)
        taken[speed] = time.monotonic() - start
    assert taken[1] >= 0.6
    assert taken[4] >= 0.15
    assert taken[0] < taken[4] + 0.1 < taken[1] + 0.1


def test_a_long_pause_ends_when_told_to_stop(tmp_path: Path) -> None:
    file = recording(tmp_path, line(frame("trade", trade_row(1))), line(frame("trade", trade_row(2)), 3600))
    events: list[Event] = []
    stop = threading.Event()
    feed = RecordingFeed(file, speed=1, clock=WallClock(), telemetry=Remembered())
    thread = threading.Thread(target=feed.run, args=(events.extend, stop))
    thread.start()
    until(lambda: len(events) == 2)
    stop.set()
    thread.join(1)
    assert not thread.is_alive()
    assert [type(event) for event in events] == [FeedConnected, TradeExecuted], "stopped is not ended"


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("make", [lambda p: p / "nowhere.jsonl", lambda p: p], ids=["absent", "a directory"])
def test_a_file_that_cannot_be_read_is_refused_at_once(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(RecordingError, match=r"cannot be read .*: expected a file made by `cryptoviz record`"):
        RecordingFeed(make(tmp_path), speed=1, clock=WallClock(), telemetry=Remembered())


def test_what_is_recorded_can_be_played(tmp_path: Path) -> None:
    file, stop = tmp_path / "kept.jsonl", threading.Event()
    progress: list[tuple[int, str | None]] = []
    with KrakenServer() as server:
        config = KrakenConfig(url=server.url, pairs=("BTC/USD",), **QUICK)
        frames: list[int] = []

        def run() -> None:
            kept = record(
                config, file, stop, clock=WallClock(), telemetry=Remembered(),
                progress=lambda n, trouble: progress.append((n, trouble)),
            )  # fmt: skip
            frames.append(kept)

        thread = threading.Thread(target=run)
        thread.start()
        strange = '{"channel":"trade","type":"update","data":[{"é":"ü"}],  "as":"it came"}'
        server.wait_for(lambda: len(server.subscriptions()) == 2)
        until(lambda: file.read_text().count("snapshot") >= 2)
        server.send(strange)
        until(lambda: "it came" in file.read_text())
        server.drop()
        server.wait_for(lambda: server.connected == 2)
        until(lambda: file.read_text().count('\\"online\\"') == 2)
        stop.set()
        thread.join(5)
    lines = [json.loads(each) for each in file.read_text().splitlines()]
    assert frames == [len(lines)]
    assert strange in [each["raw"] for each in lines]
    assert any("connection broke" in (trouble or "") for _, trouble in progress)
    events = play(file)
    assert {event.trade_id for event in events if isinstance(event, TradeExecuted)} == {1, 2}
    with pytest.raises(RecordingError, match="is there already"):
        record(config, file, stop, clock=WallClock(), telemetry=Remembered())


CRYPTUOSO, HOURLY = "kraken/cryptuoso/kraken_btcusd_trades.jsonl", "kraken/candles_1h/XBTUSD_60.csv.gz"


@real_data(CRYPTUOSO)
def test_an_hour_of_real_trades_as_a_recording_makes_krakens_own_candle(tmp_path: Path) -> None:
    seen: dict[str, int] = {}
    lines = []
    for number, text in enumerate(path(CRYPTUOSO).read_text().splitlines()):
        row = json.loads(text)
        trade_id = seen.setdefault(text, number + 1)
        price, qty = row["price"], row["amount"]
        raw = trade_row(trade_id, price=price, qty=qty).replace("2026-09-25T17:48:26.844359Z", row["timestamp"])
        lines.append(json.dumps({"received_at": row["timestamp"], "raw": frame("trade", raw)}))
    trades = {e.event_id: e for e in play(recording(tmp_path, *lines)) if isinstance(e, TradeExecuted)}
    assert len(trades) == 2671
    (candle,) = candles_of(trades.values(), Interval.H1)
    assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == tuple(
        map(Decimal, ("10749.4", "11041.8", "10600.0", "11014.3", "903.65604099"))
    )
