"""How large the tables are, how many rows they have, and from when to when."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, func, select, text
from sqlalchemy.exc import OperationalError

from adapters.sql.aging import AGING, each_series
from adapters.sql.columns import metadata
from adapters.sql.engine import reading
from adapters.sql.hypertables import hypertables
from adapters.sql.types import UtcTime
from application.ports.storage_report import TableFound

_COUNTED_UP_TO = 32 * 1024 * 1024  # bytes of a table on PostgreSQL; the rows of larger ones are estimated
_TIMES = ("recorded_at", "created_at", "started_at")  # of rows that do not age, the first that there is

_SIZES = """
    SELECT relname, pg_total_relation_size(oid) AS bytes, reltuples::bigint AS rows FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
"""
_HYPERTABLE = "SELECT hypertable_size(:name) AS bytes, approximate_row_count(:name) AS rows"
_BTREES = """
    SELECT tbl_name, sum(pgsize) AS bytes FROM dbstat('main', 1) JOIN sqlite_master USING (name) GROUP BY tbl_name
"""


class SqlStorageReport:
    """See application.ports.storage_report.StorageReport.

    Over several databases at once, as if they were one: a session's and the house's have the same tables, and each
    leaves those of the other empty. SQLite counts rows, and knows sizes where it was built with `dbstat`. PostgreSQL
    counts those of small tables; of large ones it tells what the last ANALYZE found, or nothing before the first.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines

    def tables(self) -> Sequence[TableFound]:
        """All tables by name."""
        found: dict[str, TableFound] = {}
        for engine in self._engines:
            with reading(engine) as connection:
                for one in _tables(connection):
                    known = found.get(one.table)
                    found[one.table] = _joined(known, one) if known else one
        return [found[name] for name in sorted(found)]

    def database_bytes(self) -> int:
        """The file with its free pages on SQLite, without its write-ahead log; all of the database on PostgreSQL."""
        total = 0
        for engine in self._engines:
            with reading(engine) as connection:
                is_sqlite = connection.dialect.name == "sqlite"
                query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                total += connection.scalar(
                    text(query if is_sqlite else "SELECT pg_database_size(current_database())")
                ) or 0  # fmt: skip
        return total


def _tables(connection: Connection) -> list[TableFound]:
    sizes = _sqlite_sizes(connection) if connection.dialect.name == "sqlite" else _postgresql_sizes(connection)
    found = []
    for table in metadata.sorted_tables:
        size, estimate = sizes.get(table.name, (None, None))
        if estimate is None or (size or 0) <= _COUNTED_UP_TO:
            rows, exact = connection.scalar(select(func.count()).select_from(table)), True
        else:
            rows, exact = (estimate if estimate > 0 else None), False
        oldest, newest = _times(connection, table)
        found.append(TableFound(table=table.name, rows=rows, exact=exact, bytes=size, oldest=oldest, newest=newest))
    return found


def _sqlite_sizes(connection: Connection) -> dict[str, tuple[int | None, int | None]]:
    with suppress(OperationalError):  # https://www.sqlite.org/dbstat.html: not every SQLite is built with it
        return {row.tbl_name: (row.bytes, None) for row in connection.execute(text(_BTREES))}
    return {}


def _postgresql_sizes(connection: Connection) -> dict[str, tuple[int | None, int | None]]:
    sizes: dict[str, tuple[int | None, int | None]] = {
        row.relname: (row.bytes, row.rows) for row in connection.execute(text(_SIZES))
    }
    for name in hypertables(connection):
        row = connection.execute(text(_HYPERTABLE), {"name": name}).one()
        sizes[name] = row.bytes, row.rows
    return sizes


def _times(connection: Connection, table: Table) -> tuple[datetime | None, datetime | None]:
    """The time of the oldest and of the newest row; where rows age, by the index of that time."""
    aging = AGING.get(table.name)
    at: Column[Any] | None
    if aging:
        at, by = aging.at, aging.by
    else:
        at, by = next((table.c[name] for name in _TIMES if name in table.c), None), ()
    if at is None:
        return None, None
    kind = UtcTime(nullable=True)
    found: list[datetime] = []
    for series in each_series(connection, by):
        for bound in (func.min(at, type_=kind), func.max(at, type_=kind)):
            value = connection.scalar(select(bound).where(*series))
            if value is not None:
                found.append(value)
    return min(found, default=None), max(found, default=None)


def _joined(one: TableFound, other: TableFound) -> TableFound:
    """What two databases hold of a table."""
    times = [time for time in (one.oldest, one.newest, other.oldest, other.newest) if time]
    return replace(
        one,
        rows=_sum(one.rows, other.rows),
        exact=one.exact and other.exact,
        bytes=_sum(one.bytes, other.bytes),
        oldest=min(times, default=None),
        newest=max(times, default=None),
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
