"""One rule on every way in: a value that cannot be is refused with its reason, and the good record beside it goes in."""

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from adapters.kraken.history_files import read_history
from adapters.kraken.parse import parse
from adapters.kraken.recording import RecordingFeed
from adapters.kraken.rest_parse import closed_candles, trade_page
from adapters.kraken.v1 import parse_v1
from adapters.memory.clock import FixedClock
from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from application.alerting.relay import EVENT_STORE, Relay
from application.dead_letters import APPLY
from application.failed_records import FailedRecords
from application.ports.event_log import BEGINNING, Recorded, Unreadable
from application.topics import ALERT_EVENTS, DEAD_LETTERS, TRADES
from domain.admission import EARLIEST
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.candle import Interval
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, rfc3339
from tests.builders import alert_acknowledged, rule_created, trade
from tests.telemetry import Remembered

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
BTC = Pair("BTC/USD")


@dataclass(frozen=True)
class Row:
    """A trade as texts, from which each way in makes its own form."""

    seconds: str = "1795360000"
    price: str = "97412.6"
    volume: str = "0.001"

    @property
    def time(self) -> str:
        whole, _, fraction = self.seconds.partition(".")
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(whole), microseconds=int(f"{fraction:0<6}"[:6]))
        return rfc3339(at)


GOOD = Row()
BAD_NUMBERS = {
    "1_000": Row(price="1_000"),
    "digits of another script": Row(price="\u0661\u0662"),
    "no number": Row(price="NaN"),
    "infinite": Row(volume="Infinity"),
    "zero": Row(volume="0"),
    "below zero": Row(price="-1"),
    "too large": Row(price="1e22"),
    "too fine": Row(volume="1e-19"),
    "an exponent without end": Row(price="1e999999999"),
}
BAD_TIMES = {
    "1970": Row(seconds="0"),
    "before Bitcoin": Row(seconds="1230940799"),
    "the year 1": Row(seconds="-62135596800"),
    "six minutes ahead": Row(seconds=str(int(NOW.timestamp()) + 360)),
    "2090": Row(seconds="3786912000"),
    "the last microsecond of 9999": Row(seconds="253402300799.999999"),
}
BAD = BAD_NUMBERS | BAD_TIMES


def frame(*rows: Row) -> bytes:
    data = [
        {"symbol": "BTC/USD", "side": "buy", "price": row.price, "qty": row.volume, "ord_type": "limit",
         "trade_id": number, "timestamp": row.time}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    return json.dumps({"channel": "trade", "type": "update", "data": data}, ensure_ascii=False).encode()


def by_websocket(rows: Sequence[Row], _: Path) -> list[Event]:
    return parse(frame(*rows), received_at=NOW, origin=Origin.LIVE, place="here")[0]


def by_websocket_v1(rows: Sequence[Row], _: Path) -> list[Event]:
    data = [[row.price, row.volume, row.seconds, "b", "l", ""] for row in rows]
    raw = json.dumps([1, data, "trade", "XBT/USD"], ensure_ascii=False).encode()
    return parse_v1(raw, received_at=NOW, origin=Origin.LIVE, place="here")[0]


def by_rest(rows: Sequence[Row], _: Path) -> list[Event]:
    data = [[row.price, row.volume, float(row.seconds), "b", "l", "", n] for n, row in enumerate(rows)]
    raw = json.dumps({"error": [], "result": {"XXBTZUSD": data, "last": "1"}}, ensure_ascii=False).encode()
    page = trade_page(raw, pair=BTC, since="0", received_at=NOW, origin=Origin.BACKFILL, place="here")
    return [*page.trades, *page.refused]


def by_csv(rows: Sequence[Row], folder: Path) -> list[Event]:
    file = folder / "XBTUSD.csv"
    file.write_text("".join(f"{row.seconds},{row.price},{row.volume}\n" for row in rows))
    return list(read_history(file, now=NOW))


def by_json_lines(rows: Sequence[Row], folder: Path) -> list[Event]:
    lines = [
        {"asset": "BTC", "currency": "USD", "timestamp": row.time, "side": "buy", "price": row.price, "amount": row.volume}
        for row in rows
    ]  # fmt: skip
    file = folder / "trades.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return list(read_history(file, now=NOW))


def by_recording(rows: Sequence[Row], folder: Path) -> list[Event]:
    file = folder / "recording.jsonl"
    lines = [{"received_at": rfc3339(NOW), "raw": frame(row).decode()} for row in rows]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    events: list[Event] = []
    feed = RecordingFeed(file, speed=0, clock=FixedClock(NOW), telemetry=Remembered())
    feed.run(events.extend, threading.Event())
    return events


WAYS = [by_websocket, by_websocket_v1, by_rest, by_csv, by_json_lines, by_recording]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_value_is_refused_and_the_good_one_beside_it_goes_in(
    way: Callable[[Sequence[Row], Path], list[Event]], bad: str, tmp_path: Path
) -> None:
    events = way([BAD[bad], GOOD], tmp_path)
    trades = [event for event in events if isinstance(event, TradeExecuted)]
    letters = [event for event in events if isinstance(event, DeadLettered)]
    assert [(str(one.price), one.occurred_at.timestamp()) for one in trades] == [(GOOD.price, float(GOOD.seconds))]
    assert len(letters) == 1
    assert letters[0].reason
    assert letters[0].raw


@pytest.mark.parametrize("start", ["0", "-86400", "253402214400", str(int(NOW.timestamp()) + 3600)])
def test_candles_of_times_that_cannot_be_are_refused(start: str, tmp_path: Path) -> None:
    start = str(int(start) // 3600 * 3600)
    row = [int(start), "1", "1", "1", "1", "1", "1", 3]
    good = [1795356000, "1", "1", "1", "1", "1", "1", 3]
    raw = json.dumps({"error": [], "result": {"XXBTZUSD": [row, good], "last": 2**40}}).encode()
    candles, refused, *_ = closed_candles(raw, pair=BTC, interval=Interval.H1, received_at=NOW, origin=Origin.BACKFILL)
    assert ([one.start.timestamp() for one in candles], len(refused)) == ([1795356000], 1)
    file = tmp_path / "XBTUSD_60.csv"
    file.write_text(f"{start},1,1,1,1,1,3\n1795356000,1,1,1,1,1,3\n")
    first, second = read_history(file, now=NOW)
    assert isinstance(first, DeadLettered)
    assert first.reason.startswith("line 1: ")
    assert not isinstance(second, DeadLettered)


@pytest.mark.parametrize("order_type", ["lim\x00it", "x" * 10_000, "lim\nit"])
def test_names_that_no_table_takes_are_refused(order_type: str) -> None:
    raw = frame(GOOD, GOOD).replace(b'"limit"', json.dumps(order_type).encode(), 1)
    kept, letter = parse(raw, received_at=NOW, origin=Origin.LIVE, place="here")[0]
    assert isinstance(kept, TradeExecuted)
    assert isinstance(letter, DeadLettered)
    assert "order_type is " in letter.reason


BAD_EVENTS: dict[str, Event] = {
    "occurred_at is .* more than 5 minutes ahead": rule_created("r1", occurred_at=NOW + timedelta(minutes=6)),
    "occurred_at is 2008": rule_created("r2", occurred_at=EARLIEST - timedelta(days=9)),
    "recorded_at is .* more than 5 minutes ahead": rule_created("r3", recorded_at=NOW + timedelta(days=365)),
    "a name of 2\\d{3} bytes": alert_acknowledged("a" * 2_000),
    "occurred_at is 9999": alert_acknowledged("a1", occurred_at=datetime.max.replace(tzinfo=UTC), recorded_at=NOW),
}


def by_log(events: Sequence[Event], folder: Path) -> tuple[list[Event], list[str]]:
    with SqliteEventLog(folder / "log.db") as log:
        log.append(events)
    with SqliteEventLog(folder / "log.db", clock=FixedClock(NOW)) as log:
        return _read(log)


def by_relay(events: Sequence[Event], folder: Path) -> tuple[list[Event], list[str]]:
    clock = FixedClock(NOW)
    engine = create_engine(f"sqlite:///{folder / 'store.db'}")
    upgrade(engine)
    store = SqlStore(engine)
    with store.begin() as tx:
        for number, event in enumerate(events):
            tx.append(f"stream:{number}", [event], expected_version=0)
    with SqliteEventLog(folder / "log.db", clock=clock) as log:
        relay = Relay(log, store, FailedRecords(log, clock, Remembered(), origin=Origin.LIVE), clock)
        assert [relay.relay_pending(), relay.relay_pending()] == [len(events), 0]
        found, _ = _read(log)
    engine.dispose()
    letters = [event for event in found if isinstance(event, DeadLettered)]
    assert [(one.kind, one.place, one.offset, one.reader) for one in letters] == [
        (APPLY, EVENT_STORE, number, "relay") for number in range(1, len(letters) + 1)
    ]
    assert all(one.raw for one in letters)
    return [event for event in found if event not in letters], [one.reason for one in letters]


def _read(log: SqliteEventLog) -> tuple[list[Event], list[str]]:
    with log.reader([ALERT_EVENTS, DEAD_LETTERS], after=BEGINNING) as reader:
        records = reader.read(limit=100, timeout_s=0)
    return (
        [record.event for record in records if isinstance(record, Recorded)],
        [record.reason for record in records if isinstance(record, Unreadable)],
    )


@pytest.mark.parametrize("way", [by_log, by_relay])
def test_events_that_cannot_be_are_refused_and_the_good_one_beside_them_goes_in(
    way: Callable[[Sequence[Event], Path], tuple[list[Event], list[str]]], tmp_path: Path
) -> None:
    good = rule_created("good", occurred_at=NOW, recorded_at=NOW)
    taken, reasons = way([*BAD_EVENTS.values(), good], tmp_path)
    assert taken == [good]
    assert len(reasons) == len(BAD_EVENTS)
    for expected, reason in zip(BAD_EVENTS, reasons, strict=True):
        assert re.search(expected, reason), reason


def test_a_log_that_holds_such_a_record_already_is_read_past_it(tmp_path: Path) -> None:
    far = replace(trade(1), occurred_at=datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    named = replace(trade(2), order_type="lim\x00it")
    with SqliteEventLog(tmp_path / "log.db") as log:
        log.append([far, named, trade(3)])
    with (
        SqliteEventLog(tmp_path / "log.db", clock=FixedClock(NOW)) as log,
        log.reader([TRADES], after=BEGINNING) as reader,
    ):
        first, second, good = reader.read(limit=10, timeout_s=0)
    assert isinstance(first, Unreadable)
    assert "more than 5 minutes ahead" in first.reason
    assert isinstance(second, Unreadable)
    assert isinstance(good, Recorded)
