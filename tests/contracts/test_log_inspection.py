"""The logs of one process, looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded import log_inspection
from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.log_inspection import SqliteLogInspection
from adapters.memory.event_log import MemoryEventLog
from adapters.memory.log_inspection import MemoryLogInspection
from application.topics import TRADES
from tests.contracts.log_inspection import LogInspectionContract, RetentionInspectionContract, found_in
from tests.facts import trade


class TestMemory(LogInspectionContract, RetentionInspectionContract):
    @pytest.fixture
    def log(self) -> MemoryEventLog:
        return MemoryEventLog()

    @pytest.fixture
    def inspection(self, log: MemoryEventLog) -> MemoryLogInspection:
        return MemoryLogInspection(log)


class TestEmbedded(LogInspectionContract, RetentionInspectionContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[SqliteEventLog]:
        with SqliteEventLog(tmp_path / "log.db") as log:
            yield log

    @pytest.fixture
    def inspection(self, log: SqliteEventLog) -> SqliteLogInspection:
        return SqliteLogInspection(log)

    def test_sizes_are_those_of_keys_and_values(self, log: SqliteEventLog, inspection: SqliteLogInspection) -> None:
        events = [trade(1), trade(2)]
        log.append(events)
        expected = sum(len(event.key) + len(log.codec.encode(event)) for event in events)
        assert found_in(inspection)[TRADES].bytes == expected

    def test_a_long_log_is_counted_over_several_looks(
        self, log: SqliteEventLog, inspection: SqliteLogInspection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log.append([trade(number) for number in range(1, 251)])
        monkeypatch.setattr(log_inspection, "_SPAN", 100)
        monkeypatch.setattr(log_inspection, "_FOR_S", 1e-9)  # one span a look
        looks = []
        for _ in range(4):
            found = found_in(inspection)[TRADES]
            looks.append((found.records, found.bytes is None, found.partitions[0].last))
        assert looks == [(None, True, 100), (None, True, 200), (250, False, 250), (250, False, 250)]
