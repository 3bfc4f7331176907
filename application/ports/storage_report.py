"""Ports: how much is stored, and how much room there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFound:
    """A table. `rows` is an estimate unless `exact`; `bytes` with its indexes; the times are those of its rows, UTC.

    None: not known, or (times) no rows, or rows without a time.
    """

    table: str
    rows: int | None
    exact: bool
    bytes: int | None
    oldest: datetime | None
    newest: datetime | None


class StorageReport(Protocol):
    """Measures the database. Both raise StoreUnavailable."""

    def tables(self) -> Sequence[TableFound]:
        """All tables by name. This may take a second or two of a large database."""
        ...

    def database_bytes(self) -> int:
        """What the whole database takes on its disk."""
        ...


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """In bytes: the log's files, and the disk that log and database lie on."""

    log_bytes: int
    free_bytes: int
    total_bytes: int


class DiskReport(Protocol):
    """Measures the disk."""

    def usage(self) -> DiskUsage:
        """As it is now. Raises LogUnavailable where it cannot be looked at."""
        ...
