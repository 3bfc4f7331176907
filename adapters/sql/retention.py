"""Deleting old rows: TimescaleDB drops whole chunks, by a policy of its own where its licence has them; others row by row."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, delete, func, select, text, tuple_

from adapters.sql.engine import writing
from adapters.sql.statements import each_value
from adapters.sql.tables import (
    alert_data,
    article_data,
    article_tag,
    candle_data,
    forecast_score,
    prediction_data,
    sentiment_data,
    ticker_data,
    trade_data,
)
from adapters.sql.types import UtcTime
from application.ports.retention import Expired

_ROWS_AT_ONCE = 5_000  # on SQLite nobody else writes meanwhile
_WAIT_FOR_READERS = "10s"  # while DROP waits for one that reads a chunk, all others wait behind it


@dataclass(frozen=True)
class _Aging:
    """A table by the time that its rows age by. `by` are the columns before that time in its index.

    Rows that hang on those of another table stay as long as the oldest of these.
    """

    at: Column[Any]
    by: tuple[Column[Any], ...] = ()
    hangs_on: Column[Any] | None = None

    @property
    def table(self) -> Table:
        table: Table = self.at.table
        return table


_AGING = {
    aging.table.name: aging
    for aging in (
        _Aging(ticker_data.c.timestamp, (ticker_data.c.pair,)),
        _Aging(trade_data.c.timestamp, (trade_data.c.pair,)),
        _Aging(candle_data.c.start, (candle_data.c.pair, candle_data.c.interval)),
        _Aging(article_data.c.occurred_at),
        _Aging(sentiment_data.c.timestamp),
        _Aging(prediction_data.c.target_at, (prediction_data.c.pair,)),
        _Aging(alert_data.c.timestamp),
        _Aging(article_tag.c.occurred_at, hangs_on=article_data.c.occurred_at),
        _Aging(forecast_score.c.timestamp, hangs_on=prediction_data.c.target_at),
    )
}

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
            tables = _hypertables(connection)
            set_policies(connection, {table: age for table, age in kept.items() if table in tables})
            return tables & kept.keys()

    def delete_some(self, table: str, before: datetime) -> Expired:
        """Drop all chunks that are wholly older, or delete some thousand rows."""
        aging = _AGING[table]
        with writing(self._engine) as connection:
            if table in _hypertables(connection):
                connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_READERS}'"))
                drop = text("SELECT count(*) FROM drop_chunks(:table, older_than => :before)")
                dropped = connection.execute(drop, {"table": table, "before": before}).scalar_one()
                return Expired(dropped, "chunks")
            return Expired(_delete_rows(connection, aging, before), "rows")


def set_policies(connection: Connection, kept: Mapping[str, timedelta]) -> None:
    """Make TimescaleDB's retention policies of our tables those of `kept`, and leave those that are right alone."""
    present: dict[str, timedelta] = {row.hypertable_name: row.drop_after for row in connection.execute(text(_POLICIES))}
    for table in present.keys() & _AGING.keys():
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


def _hypertables(connection: Connection) -> set[str]:
    if connection.dialect.name != "postgresql":
        return set()
    if connection.scalar(text("SELECT to_regclass('timescaledb_information.hypertables')")) is None:
        return set()
    query = "SELECT hypertable_name FROM timescaledb_information.hypertables WHERE hypertable_schema = current_schema()"
    return set(connection.scalars(text(query)))


def _delete_rows(connection: Connection, aging: _Aging, before: datetime) -> int:
    if aging.hangs_on is not None:
        oldest = connection.scalar(select(func.min(aging.hangs_on, type_=UtcTime(nullable=True))))
        before = before if oldest is None else min(before, oldest)
    key = tuple_(*aging.table.primary_key)
    deleted = 0
    for series in _series(connection, aging.by):
        old = select(*aging.table.primary_key).where(*series, aging.at < before).order_by(aging.at)
        some = old.limit(_ROWS_AT_ONCE - deleted)
        deleted += connection.execute(delete(aging.table).where(key.in_(some))).rowcount
        if deleted >= _ROWS_AT_ONCE:
            break
    return deleted


def _series(
    connection: Connection, by: tuple[Column[Any], ...], *known: ColumnElement[bool]
) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions on each combination of values of `by` that the table has."""
    if not by:
        yield known
        return
    for value in connection.scalars(select(each_value(by[0], *known))).all():
        yield from _series(connection, by[1:], *known, by[0] == value)
