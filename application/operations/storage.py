"""How much is stored, since when, and for how long it is kept."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.storage_report import DiskReport, DiskUsage, StorageReport, TableFound

_FRESH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table, and how long its rows stay; None: for ever."""

    table: TableFound
    kept: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All of it as it was at `at` (UTC); `disk` is None where log and database lie on other machines."""

    at: datetime
    tables: Sequence[StoredTable]
    database_bytes: int
    disk: DiskUsage | None


class Storage:
    """Measures once a minute at most, however often it is asked: on a large database that is work. For several threads."""

    def __init__(
        self, report: StorageReport, clock: Clock, *, kept: Mapping[str, timedelta], disk: DiskReport | None
    ) -> None:
        self._report = report
        self._clock = clock
        self._kept = kept
        self._disk = disk
        self._lock = threading.Lock()
        self._last: Measured | None = None

    def measured(self) -> Measured:
        """What was measured within the last minute. Raises StoreUnavailable, LogUnavailable."""
        with self._lock:
            now = self._clock.now()
            if self._last is None or not self._last.at <= now < self._last.at + _FRESH:
                self._last = Measured(
                    at=now,
                    tables=[StoredTable(found, self._kept.get(found.table)) for found in self._report.tables()],
                    database_bytes=self._report.database_bytes(),
                    disk=self._disk.usage() if self._disk else None,
                )
            return self._last
