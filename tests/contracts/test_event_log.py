"""Every event log keeps the same contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from adapters.memory.event_log import MemoryEventLog
from application.ports.event_log import Cursor, EventLog, InvalidCursor
from application.topics import TRADES
from tests.contracts.event_log import EventLogContract, RetentionContract, drain, events
from tests.facts import trade


class CandleCursors:
    """`POSITION.N` is the cursor of a candle: for the log it is the place after the record at that position."""

    def test_a_candle_cursor_is_a_place(self, log: EventLog) -> None:
        log.append([trade(1), trade(2), trade(3)])
        with log.reader([TRADES], after=Cursor("2.7")) as reader:
            assert events(drain(reader, 1)) == [trade(3)]

    @pytest.mark.parametrize("cursor", ["4", "4.1", "900"])
    def test_a_cursor_beyond_the_head_is_refused(self, log: EventLog, cursor: str) -> None:
        log.append([trade(1), trade(2), trade(3)])
        with pytest.raises(InvalidCursor, match="3"):
            log.reader([TRADES], after=Cursor(cursor))


class TestMemory(EventLogContract, RetentionContract, CandleCursors):
    @pytest.fixture
    def log(self) -> MemoryEventLog:
        return MemoryEventLog()


class TestEmbedded(EventLogContract, RetentionContract, CandleCursors):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SqliteEventLog]:
        with SqliteEventLog(tmp_path / "log.db") as log:
            yield log


class TestEmbeddedFromItsFile(EventLogContract, RetentionContract, CandleCursors):
    """Without anything in memory: every record is read from the file and decoded."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SqliteEventLog]:
        with SqliteEventLog(tmp_path / "log.db", tail=0) as log:
            yield log
