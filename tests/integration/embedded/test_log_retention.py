"""RETENTION=on bounds the embedded log; what a reader has yet to read stays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.embedded.event_log import SqliteEventLog
from adapters.memory.clock import FixedClock
from adapters.sql.checkpoints import SqlCheckpointReads
from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from application.operations.topics import consumers_in_one_process
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING, Cursor, CursorTooOld
from application.retention import LogRetention
from application.store import reader_from
from application.topics import TOPICS
from tests.builders import SCORER, T0, trade
from tests.contracts.event_log import events


class Scorer:
    identity = SCORER


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


def _retention(log: SqliteEventLog, engine: Engine) -> LogRetention:
    readers = consumers_in_one_process(Scorer())  # type: ignore[arg-type]
    return LogRetention(log, SqlCheckpointReads(engine), readers, FixedClock(T0))


def _save(engine: Engine, **places: str) -> None:
    with SqlStore(engine).begin() as tx:
        for reader, cursor in places.items():
            tx.save_checkpoint(reader, Checkpoint(Cursor(cursor), state='{"rules": []}'))


def _fill(log: SqliteEventLog) -> None:
    log.append([trade(day, recorded_at=T0 - timedelta(days=60 - day)) for day in range(60)])


def test_old_records_that_all_have_read_are_deleted(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with SqliteEventLog(path) as log:
        _fill(log)
        _save(engine, store="60", notifying="58")
        _retention(log, engine).sweep()
        oldest = int(log.oldest())
        assert 28 <= oldest <= 31
        with pytest.raises(CursorTooOld):
            log.reader(TOPICS, after=Cursor("3"))
        with reader_from(log, TOPICS, Cursor("3")) as reader:
            assert len(reader.read(limit=100, timeout_s=0)) == 60 - oldest
        assert not log.is_whole
    with SqliteEventLog(path) as again:
        assert (int(again.oldest()), int(again.head())) == (oldest, 60)
        with again.reader(TOPICS, after=BEGINNING) as reader:
            assert [event.event_id for event in events(reader.read(limit=1, timeout_s=0))] == [
                f"kraken:BTC/USD:{oldest}"
            ]


def test_what_a_reader_has_yet_to_read_stays(engine: Engine, tmp_path: Path) -> None:
    with SqliteEventLog(tmp_path / "log.db") as log:
        _fill(log)
        _retention(log, engine).sweep()  # the store has not begun
        assert log.oldest() == BEGINNING
        _save(engine, store="60", notifying="7")
        _retention(log, engine).sweep()
        assert log.oldest() == "7"
