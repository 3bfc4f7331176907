"""The embedded log's own matters: its file, its memory, records that nobody can read."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded.errors import LogFileUnusable
from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.log_file import _prepare
from application.ports.event_log import BEGINNING, CursorTooOld, LogUnavailable, Recorded, Unreadable
from application.topics import TICKERS, TOPICS, TRADES
from schemas_avro import schema_text
from tests.contracts.event_log import PATIENCE_S, drain, events
from tests.facts import ticker, trade


def execute(path: Path, statement: str, *values: Any) -> list[Any]:
    """Behind the log's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_readers_cross_from_the_file_into_memory_and_notice_nothing(tmp_path: Path) -> None:
    facts = [trade(number) if number % 3 else ticker(last=str(number + 1)) for number in range(1000)]
    with SqliteEventLog(tmp_path / "log.db", tail=100) as log:
        for start in range(0, 1000, 40):
            log.append(facts[start : start + 40])
        for topics in (TOPICS, [TRADES], [TICKERS]):
            wanted = [fact for fact in facts if len(topics) > 1 or (topics == [TRADES]) == hasattr(fact, "trade_id")]
            with log.reader(topics, after=BEGINNING) as reader:
                assert events(drain(reader, len(wanted), limit=37)) == wanted
                assert list(reader.read(limit=1, timeout_s=0)) == []
                assert reader.cursor == log.head()


def test_events_in_memory_are_the_appended_ones_themselves(tmp_path: Path) -> None:
    fact = trade(1)
    with SqliteEventLog(tmp_path / "log.db") as log:
        log.append([fact])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert drain(reader, 1)[0].event is fact


def test_a_record_that_cannot_be_read_keeps_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path) as log:
        log.append([trade(1), trade(2), trade(3)])
    execute(path, "UPDATE event_log SET value = ? WHERE position = 2", b"\x07poison")
    with SqliteEventLog(path) as log, log.reader([TRADES], after=BEGINNING) as reader:
        first, bad, last = reader.read(limit=10, timeout_s=0)
    assert isinstance(first, Recorded)
    assert isinstance(bad, Unreadable)
    assert isinstance(last, Recorded)
    assert (bad.position, bad.topic, bad.raw) == (("", 2), TRADES, b"\x07poison")
    assert "starts with byte 0x07" in bad.reason
    assert (first.event, last.event) == (trade(1), trade(3))


def test_a_record_of_a_topic_from_another_time_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path) as log:
        log.append([trade(1)])
    execute(path, "INSERT INTO event_log (topic, key, value) VALUES ('weather', 'Oslo', x'00')")
    with SqliteEventLog(path) as log:
        log.append([trade(2)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 2)) == [trade(1), trade(2)]
            assert reader.cursor == "3"


def test_what_another_process_wrote_in_between_is_not_missed(tmp_path: Path) -> None:
    with SqliteEventLog(tmp_path / "log.db") as log:
        log.append([trade(1)])
        with SqliteEventLog(tmp_path / "log.db") as another:
            another.append([trade(2)])
        log.append([trade(3)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 3)) == [trade(1), trade(2), trade(3)]


def test_schemas_are_kept_once_beside_the_records(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    for _ in range(2):
        with SqliteEventLog(path) as log:
            log.append([trade(1), ticker()])
    assert execute(path, "SELECT id, topic, schema FROM avro_schema ORDER BY id") == [
        (1, TRADES, schema_text(TRADES)),
        (2, TICKERS, schema_text(TICKERS)),
    ]
    assert execute(path, "SELECT DISTINCT hex(substr(value, 1, 5)) FROM event_log WHERE topic = ?", TICKERS) == [
        ("0000000002",)
    ]
    assert execute(path, "PRAGMA user_version") == [(1,)]
    assert execute(path, "PRAGMA journal_mode") == [("wal",)]


def test_deleting_while_somebody_reads_leaves_no_hole_unsaid(tmp_path: Path) -> None:
    with SqliteEventLog(tmp_path / "log.db", tail=0) as log:
        for start in range(0, 30_000, 5_000):
            log.append([trade(number) for number in range(start, start + 5_000)])
        deleting = threading.Thread(target=log.delete_before, args=("29990",))
        seen: list[int] = []
        with log.reader([TRADES], after=BEGINNING) as reader:
            deleting.start()
            try:
                while len(seen) < 30_000:
                    seen += [record.position.number for record in reader.read(limit=50, timeout_s=0)]
            except CursorTooOld as error:
                assert error.oldest == "29990"
            finally:
                deleting.join(PATIENCE_S)
        assert seen == list(range(1, len(seen) + 1))
        assert execute(tmp_path / "log.db", "SELECT min(position), count(*) FROM event_log") == [(29_991, 10)]


def test_a_closed_log_wakes_its_readers(tmp_path: Path) -> None:
    log = SqliteEventLog(tmp_path / "log.db")
    reader = log.reader([TRADES], after=BEGINNING)
    closing_ = threading.Timer(0.1, log.close)
    closing_.start()
    try:
        with pytest.raises(LogUnavailable, match="is closed"):
            reader.read(limit=1, timeout_s=PATIENCE_S)
    finally:
        closing_.join()


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    SqliteEventLog(path).close()
    execute(path, "PRAGMA user_version = 7")
    with pytest.raises(LogFileUnusable, match=r"log\.db has format 7, this program knows 1"):
        SqliteEventLog(path)


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    execute(path, "CREATE TABLE note (text TEXT)")
    with pytest.raises(LogFileUnusable, match=r"notes\.db is a SQLite file of something else"):
        SqliteEventLog(path)
    assert execute(path, "SELECT name FROM sqlite_master") == [("note",)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(LogFileUnusable, match=r"log\.db is damaged"):
        SqliteEventLog(path)
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_a_damaged_page_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path) as log:
        log.append([trade(number) for number in range(2_000)])
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(LogFileUnusable, match="is damaged"):
        read_all(path)


def read_all(path: Path) -> None:
    with SqliteEventLog(path) as log, log.reader([TRADES], after=BEGINNING) as reader:
        while reader.read(limit=500, timeout_s=0):
            pass


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match=r"missing/log\.db cannot be"):
        SqliteEventLog(tmp_path / "missing" / "log.db")


def test_a_file_that_somebody_else_holds_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.embedded.log_file._BUSY_TIMEOUT_MS", 50)
    with SqliteEventLog(tmp_path / "log.db") as log:
        log.append([trade(1)])
        with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LogUnavailable, match="locked"):
                log.append([trade(2)])
            other.execute("ROLLBACK")
        log.append([trade(2)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 2)) == [trade(1), trade(2)]


def test_a_full_disk_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        _prepare(connection, record)
        connection.execute("PRAGMA max_page_count = 20")  # SQLite answers as it does on a full disk

    monkeypatch.setattr("adapters.embedded.log_file._prepare", prepare)
    with SqliteEventLog(tmp_path / "log.db") as log:
        log.append([trade(1)])
        with pytest.raises(LogUnavailable, match=r"log\.db cannot grow, the disk is full: free some space"):
            log.append([trade(number) for number in range(2, 2_000)])
        log.append([trade(2)])
        with log.reader([TRADES], after=BEGINNING) as reader:
            assert events(drain(reader, 2)) == [trade(1), trade(2)]
