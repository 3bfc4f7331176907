"""A second generation of read models on PostgreSQL and TimescaleDB: a schema beside the present one, merged in one transaction.

The jobs may go on writing to the present tables meanwhile: what they write after the replay stays. So the exchange
deletes no row that the new generation lacks (the log has forgotten it, or it is newer), but replaces those that differ.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, UniqueConstraint, text

from adapters.sql.columns import metadata
from adapters.sql.engine import create_engine, reading, writing
from adapters.sql.generations import HAPPENED, MADE_AGAIN, CopiedGeneration, times_allowed
from adapters.sql.tables import READ_MODELS, alert_data, candle_data, checkpoint, feed_data
from application.ports.generations import Generation
from application.ports.store import StoreUnavailable

SCHEMA = "cryptoviz_rebuild"
_ONE_AT_A_TIME = 0x63727970  # the advisory lock of rebuilds
_NEWER_BY = {
    alert_data: "version",
    candle_data: "recorded_at",
    feed_data: "recorded_at",
}  # present rows that grew meanwhile
_NOT_COMPARED = {candle_data: {"touched", "touched_nth"}}


class SchemaGeneration(CopiedGeneration):
    """Tables of the same names in a schema of their own, which the engine `new` looks into first."""

    def __init__(self, present: Engine, new: Engine, schema: str) -> None:
        super().__init__(present, new)
        self._schema = schema

    def carry_over(self, *, now: datetime) -> None:
        """See application.ports.generations.Generation."""
        for table in READ_MODELS:
            if table in MADE_AGAIN:
                continue
            columns = ", ".join(_columns(table))
            possible = " AND ".join(f'"{n}" BETWEEN :first AND :last' for n in HAPPENED if n in table.c) or "true"
            first, last = times_allowed(now)
            with writing(self._new) as connection:
                statement = (
                    f"INSERT INTO {SCHEMA}.{table.name} ({columns}) "  # noqa: S608 - our own names
                    f"SELECT {columns} FROM {self._schema}.{table.name} WHERE {possible} ON CONFLICT DO NOTHING"
                )
                connection.execute(text(statement), {"first": first, "last": last} if ":first" in statement else {})

    def exchange(self) -> None:
        """See application.ports.generations.Generation."""
        with writing(self._present) as connection:
            for table in READ_MODELS:
                _merge(connection, table, self._schema)


class SchemaGenerations:
    """See application.ports.generations.Generations."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self) -> Iterator[Generation]:
        """A new generation in the schema `cryptoviz_rebuild`; what a killed rebuild left of one is replaced.

        Raises StoreUnavailable while another rebuild runs.
        """
        with reading(self._engine) as held:
            if not held.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME}):
                raise StoreUnavailable("another rebuild of this database is running: wait for it")
            try:
                path = str(held.scalar(text("SHOW search_path")))
                schema = str(held.scalar(text("SELECT quote_ident(current_schema())")))
                held.commit()
                with writing(self._engine) as connection:
                    _make_schema(connection, schema)
                new = create_engine(self._engine.url, search_path=f"{SCHEMA},{path}")
                try:
                    yield SchemaGeneration(self._engine, new, schema)
                finally:
                    new.dispose()
                    with writing(self._engine) as connection:
                        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
            finally:
                held.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ONE_AT_A_TIME})
                held.commit()


def _make_schema(connection: Connection, present: str) -> None:
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    for table in metadata.sorted_tables:
        if table in READ_MODELS or table is checkpoint:
            connection.exec_driver_sql(
                f"CREATE TABLE {SCHEMA}.{table.name} (LIKE {present}.{table.name} INCLUDING ALL)"
            )
    connection.exec_driver_sql(f"INSERT INTO {SCHEMA}.checkpoint SELECT * FROM {present}.checkpoint")  # noqa: S608


def _merge(connection: Connection, table: Table, schema: str) -> None:
    """Replace the present rows that the new ones differ from, and add those that are missing."""
    present, new = f"{schema}.{table.name}", f"{SCHEMA}.{table.name}"
    same_key = " AND ".join(f'present."{name}" = new."{name}"' for name in _key(table))
    columns = _columns(table)
    ignored = _NOT_COMPARED.get(table, set())
    compared = [name for name in columns if name.strip('"') not in ignored]
    rows = (", ".join(f"{alias}.{name}" for name in compared) for alias in ("present", "new"))
    differs = "({}) IS DISTINCT FROM ({})".format(*(f"ROW({row})" for row in rows))
    newer = f' AND present."{_NEWER_BY[table]}" <= new."{_NEWER_BY[table]}"' if table in _NEWER_BY else ""
    connection.exec_driver_sql(
        f"DELETE FROM {present} AS present USING {new} AS new WHERE {same_key} AND {differs}{newer}"  # noqa: S608
    )
    values = [_REPLACED.get(name, f"new.{name}") if table is candle_data else f"new.{name}" for name in columns]
    connection.exec_driver_sql(
        f"INSERT INTO {present} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {new} AS new "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT FROM {present} AS present WHERE {same_key})"
    )


_REPLACED = {  # candles are touched by the transaction that shows them, so that streams tell of them
    '"touched"': "pg_current_xact_id()::text::bigint",
    '"touched_nth"': "row_number() OVER ()",
}


def _key(table: Table) -> list[str]:
    unique = next((one for one in table.constraints if isinstance(one, UniqueConstraint)), None)
    return [column.name for column in (unique.columns if unique is not None else table.primary_key)]


def _columns(table: Table) -> list[str]:
    """All but a number that the table counts up itself."""
    counted = table.autoincrement_column if table.dialect_options["sqlite"]["autoincrement"] else None
    return [f'"{column.name}"' for column in table.columns if column is not counted]
