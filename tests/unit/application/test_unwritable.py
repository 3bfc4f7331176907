"""An event that the log does not take (text that is no Unicode, say) becomes a dead letter of whoever appends it."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from application.failed_records import append_apart
from application.market.inbox import Inbox
from application.market.record_log import WRITER, LogWriter
from application.news.outbox import Outbox
from application.ports.event_log import BEGINNING, LogUnavailable, Recorded
from application.topics import TOPICS
from domain.dead_letter import DeadLettered
from domain.event import Event
from tests.builders import article, trade
from tests.telemetry import Remembered

HALF = "half a character \ud83d"


@pytest.fixture
def log(tmp_path: Path) -> SqliteEventLog:
    return SqliteEventLog(tmp_path / "log.db")


def all_of(log: SqliteEventLog) -> list[Event]:
    with log.reader(TOPICS, after=BEGINNING) as reader:
        return [one.event for one in reader.read(limit=10_000, timeout_s=0) if isinstance(one, Recorded)]


def test_a_trade_from_the_feed(log: SqliteEventLog) -> None:
    trades = [trade(n) for n in range(100)]
    bad = [replace(trades[7], order_type=HALF), replace(trades[60], order_type="\ude00")]
    inbox, telemetry = Inbox(Remembered()), Remembered()
    inbox.put([*trades[:7], bad[0], *trades[8:60], bad[1], *trades[61:]])
    inbox.close()
    LogWriter(inbox, log, telemetry).run(threading.Event())
    *kept, first, second = all_of(log)
    assert kept == [one for one in trades if one.trade_id not in (7, 60)]
    assert isinstance(first, DeadLettered) and isinstance(second, DeadLettered)
    assert (first.kind, first.reader, first.place) == ("apply", WRITER, "rawtrade")
    assert b"half a character" in first.raw
    assert first.letter_id != second.letter_id
    assert telemetry.counts["dead_letters"] == 2
    log.close()


def test_an_article(log: SqliteEventLog) -> None:
    outbox = Outbox(log, Remembered())
    outbox.add([article("1"), article("2", title=HALF), article("3")])
    assert outbox.flush()
    first, second, letter = all_of(log)
    assert [first, second] == [article("1"), article("3")]
    assert isinstance(letter, DeadLettered) and letter.reader == "news"
    log.close()


def test_a_log_that_is_away_blames_nobody(log: SqliteEventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise LogUnavailable("away")

    monkeypatch.setattr(log, "append", away)
    with pytest.raises(LogUnavailable):
        append_apart(log, [trade(1), trade(2)], "test")
