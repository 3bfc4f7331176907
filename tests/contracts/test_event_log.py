"""Every event log keeps the same contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from adapters.memory.event_log import MemoryEventLog
from tests.contracts.event_log import EventLogContract, OneOrderContract, RetentionContract


class TestMemory(EventLogContract, RetentionContract, OneOrderContract):
    @pytest.fixture
    def log(self) -> MemoryEventLog:
        return MemoryEventLog()


class TestEmbedded(EventLogContract, RetentionContract, OneOrderContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SqliteEventLog]:
        with SqliteEventLog(tmp_path / "log.db") as log:
            yield log


class TestEmbeddedFromItsFile(EventLogContract, RetentionContract, OneOrderContract):
    """Without anything in memory: every record is read from the file and decoded."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SqliteEventLog]:
        with SqliteEventLog(tmp_path / "log.db", tail=0) as log:
            yield log
