"""Deleting old rows: TimescaleDB drops whole chunks, by a policy of its own where its licence has them; others row by row."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, select, text, tuple_

from adapters.sql.aging import AGING, Aging, each_series
from adapters.sql.engine import writing
from adapters.sql.hypertables import hypertables
from adapters.sql.types import UtcTime
from application.ports.retention import Expired

_ROWS_AT_ONCE = 5_000  # on SQLite nobody else writes meanwhile
_WAIT_FOR_READERS = "10s"  # while DROP waits for one that reads a chunk, all others wait behind it


_POLICIES = """
    SELECT hypertable_name, (config->>'drop_after')::interval AS drop_after FROM timescaledb_information.jobs
    WHERE proc_name = 'policy_retention' AND hypertable_schema = current_schema()
"""


class SqlExpiry:
    """See application.ports.retention.Expiry."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hold_to(self, kept: Mapping[str, timedelta]) -> Collection[str]:
        """Set, change or remove TimescaleDB's policies. Its Apache edition has none, nor have other databases."""
        with writing(self._engine) as connection:
            if not _has_policies(connection):
                return []
            tables = hypertables(connection)
            set_policies(connection, {table: age for table, age in kept.items() if table in tables})
            return tables & kept.keys()

    def delete_some(self, table: str, before: datetime) -> Expired:
        """Drop all chunks that are wholly older, or delete some thousand rows."""
        aging = AGING[table]
        with writing(self._engine) as connection:
            if table in hypertables(connection):
                connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_READERS}'"))
                drop = text("SELECT count(*) FROM drop_chunks(:table, older_than => :before)")
                dropped = connection.execute(drop, {"table": table, "before": before}).scalar_one()
                return Expired(dropped, "chunks")
            return Expired(_delete_rows(connection, aging, before), "rows")


def set_policies(connection: Connection, kept: Mapping[str, timedelta]) -> None:
    """Make TimescaleDB's retention policies of our tables those of `kept`, and leave those that are right alone."""
    present: dict[str, timedelta] = {row.hypertable_name: row.drop_after for row in connection.execute(text(_POLICIES))}
    for table in present.keys() & AGING.keys():
        if present[table] != kept.get(table):
            connection.execute(text("SELECT remove_retention_policy(:table)"), {"table": table})
    for table, age in kept.items():
        if present.get(table) != age:
            add = text("SELECT add_retention_policy(:table, drop_after => :age)")
            connection.execute(add, {"table": table, "age": age})


def _has_policies(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return False
    edition: str | None = connection.scalar(text("SELECT current_setting('timescaledb.license', true)"))
    return edition == "timescale"


def _delete_rows(connection: Connection, aging: Aging, before: datetime) -> int:
    if aging.hangs_on is not None:
        oldest = connection.scalar(select(func.min(aging.hangs_on, type_=UtcTime(nullable=True))))
        before = before if oldest is None else min(before, oldest)
    key = tuple_(*aging.table.primary_key)
    deleted = 0
    over = () if aging.over is None else (aging.over,)
    for series in each_series(connection, aging.by):
        old = select(*aging.table.primary_key).where(*series, *over, aging.at < before).order_by(aging.at)
        some = old.limit(_ROWS_AT_ONCE - deleted)
        deleted += connection.execute(delete(aging.table).where(key.in_(some))).rowcount
        if deleted >= _ROWS_AT_ONCE:
            break
    return deleted
