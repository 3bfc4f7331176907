"""A second generation of read models: on SQLite a file beside the present one, on PostgreSQL a schema beside it."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Column, Engine, Table, delete, func, inspect, select
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import NoSuchTableError

from adapters.sql.engine import DAMAGED, create_engine, is_damage, reading, writing
from adapters.sql.event_json import decode_event
from adapters.sql.market_rows import CANDLE_COLUMNS, to_candle, to_trade
from adapters.sql.migrate import upgrade
from adapters.sql.statements import insert_new
from adapters.sql.store import SqlStore
from adapters.sql.tables import READ_MODELS, candle_data, event_store, feed_event, metadata, trade_data
from adapters.sql.touches import FORGOTTEN, last_number
from adapters.sql.types import UtcTime
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from application.ports.generations import Generation
from application.ports.store import StoreUnavailable
from domain.admission import AHEAD_AT_MOST, EARLIEST
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Candle
from domain.market.trade import TradeExecuted
from domain.upcasting import UnknownEvent
from domain.values import Pair

log = structlog.get_logger(__name__)

_ROWS_AT_ONCE = 5_000
_SIDE_FILES = ("-wal", "-shm", "-journal")
HAPPENED = ("timestamp", "start", "occurred_at", "recorded_at")  # times that no row has from before or from ahead
MADE_AGAIN = (trade_data, candle_data, feed_event)  # carried over as what they say, not as rows


class CopiedGeneration:
    """What both databases share: the present rows are read through one engine, the new ones written through another."""

    def __init__(self, present: Engine, new: Engine) -> None:
        self._present = present
        self._new = new
        self.store = SqlStore(new)

    def present_feed_events(self) -> Iterator[Sequence[Event]]:
        """See application.ports.generations.Generation."""
        for rows in present_rows(self._present, feed_event, [feed_event.c.position]):
            events = []
            for row in rows:
                try:
                    events.append(decode_event(row.name, row.event_version, row.payload))
                except UnknownEvent as unknown:
                    log.warning("a feed's event is not carried over", reason=str(unknown))
            yield events

    def present_trades(self) -> Iterator[Sequence[TradeExecuted]]:
        """See application.ports.generations.Generation."""
        for rows in present_rows(self._present, trade_data):
            yield _readable(rows, to_trade)

    def present_candles(self) -> Iterator[Sequence[Candle]]:
        """See application.ports.generations.Generation."""
        for rows in present_rows(self._present, candle_data, columns=CANDLE_COLUMNS):
            yield _readable(rows, to_candle)

    def oldest_trades(self) -> Mapping[Pair, datetime]:
        """See application.ports.generations.Generation."""
        oldest = func.min(trade_data.c.timestamp, type_=UtcTime()).label("oldest")
        query = select(trade_data.c.pair, oldest).where(trade_data.c.trade_id >= 0).group_by(trade_data.c.pair)
        with reading(self._new) as connection:
            return {Pair(row.pair): row.oldest for row in connection.execute(query)}

    def carry_over(self, *, now: datetime) -> None:
        """See application.ports.generations.Generation."""
        earliest, latest = times_allowed(now)
        for table in READ_MODELS:
            if table in MADE_AGAIN:
                continue
            times = [table.c[name] for name in HAPPENED if name in table.c]
            impossible = 0
            for rows in present_rows(self._present, table):
                kept = []
                for row in rows:
                    found = row._asdict()
                    if all(earliest <= found[time.name] <= latest for time in times):
                        kept.append(_without_number(table, found))
                    else:
                        impossible += 1
                with writing(self._new) as connection:
                    insert_new(connection, table, kept)
            if impossible:
                log.warning("rows of impossible times are not carried over", table=table.name, rows=impossible)

    def counts(self) -> Mapping[str, int]:
        """See application.ports.generations.Generation."""
        with reading(self._new) as connection:
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in READ_MODELS
            }


class SqliteGeneration(CopiedGeneration):
    """A file beside the present one; a rename puts it in its place."""

    def __init__(self, present: Engine, new: Engine, aside: Path | None) -> None:
        super().__init__(present, new)
        self._aside = aside
        self.exchanged = False

    def exchange(self) -> None:
        """See application.ports.generations.Generation. The present engine is closed: its next use opens the new file."""
        present, new = _file(self._present), _file(self._new)
        with self._new.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # a checkpoint runs outside of transactions
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        self._new.dispose()
        self._present.dispose()  # the last connection takes the write-ahead log into the file, and deletes it
        _sync(new)
        if self._aside:
            os.link(present, self._aside)
        for name in _SIDE_FILES:  # those of a damaged file may still be there, and must not be taken for the new one's
            new.with_name(new.name + name).unlink(missing_ok=True)
            left = present.with_name(present.name + name)
            if self._aside and left.exists():
                left.rename(self._aside.with_name(self._aside.name + name))
            left.unlink(missing_ok=True)
        new.replace(present)
        _sync(present.parent)
        present.with_name(present.name + DAMAGED).unlink(missing_ok=True)
        self.exchanged = True


class SqliteGenerations:
    """See application.ports.generations.Generations. Nobody else may have the file open."""

    def __init__(self, engine: Engine, *, aside: Path | None = None) -> None:
        """The present file is kept as `aside` when it is replaced, if that is given: a damaged one."""
        self._engine = engine
        self._aside = aside

    @contextmanager
    def begin(self) -> Iterator[Generation]:
        """A new generation in `FILE.rebuilding`; what a killed rebuild left of one is replaced."""
        present = _file(self._engine)
        path = present.with_name(present.name + ".rebuilding")
        remove(path)
        path.touch(mode=0o600)
        new = create_engine(self._engine.url.set(database=str(path)))
        generation = SqliteGeneration(self._engine, new, self._aside)
        try:
            upgrade(new)
            copy_others(self._engine, new)
            yield generation
        finally:
            new.dispose()
            if not generation.exchanged:
                remove(path)


def copy_others(present: Engine, new: Engine) -> None:
    """Copy what is no read model: streams, checkpoints, deliveries, secrets. And let candles' touches go on from there."""
    for table in metadata.sorted_tables:
        if table not in READ_MODELS:
            for rows in present_rows(present, table):
                with writing(new) as connection:
                    insert_new(connection, table, [row._asdict() for row in rows])
    touch = 0
    try:
        with reading(present) as connection:
            touch = last_number(connection)
    except StoreUnavailable as damaged:
        log.warning("the order in which candles were written cannot be read", reason=str(damaged).partition("\n")[0])
    with SqlStore(new).begin() as tx:
        forgotten = tx.checkpoint(FORGOTTEN)
        tx.save_checkpoint(FORGOTTEN, Checkpoint(Cursor(str(max(touch, int(forgotten.cursor) if forgotten else 0)))))


def times_allowed(now: datetime) -> tuple[datetime, datetime]:
    """Between which times the rows lie that are carried over."""
    return EARLIEST, now + AHEAD_AT_MOST


def forget_broken_streams(engine: Engine) -> None:
    """Delete the streams that lost some of their first or middle events to damage: the log has them whole."""
    columns = event_store.c
    whole = func.max(columns.version) == func.count()
    broken = select(columns.stream).group_by(columns.stream).having(~whole)
    with writing(engine) as connection:
        connection.execute(delete(event_store).where(columns.stream.in_(broken)))


def present_rows(
    engine: Engine, table: Table, order: Sequence[Column[Any]] = (), *, columns: Sequence[Column[Any]] | None = None
) -> Iterator[Sequence[Any]]:
    """The rows of a table in batches, in the order of its key.

    Of a damaged SQLite table: those before the damage in order, then those behind it from the end backwards.
    """
    if not _has(engine, table):
        return
    chosen = table.columns if columns is None else columns
    if engine.dialect.name != "sqlite":  # nothing is damaged there that could be read in part
        yield from _batches(engine, select(*chosen).order_by(*order))
        return
    key = list(order) or list(table.primary_key)
    forward = select(*chosen).order_by(*key)
    kept = 0
    try:
        for rows in _batches(engine, forward):
            kept += len(rows)
            yield rows
    except (SqlDatabaseError, StoreUnavailable) as error:
        if not is_damage(error):
            raise
    else:
        return
    backward = select(*chosen).order_by(*(column.desc() for column in key))
    for query in (forward.offset(kept), backward):
        for rows in _up_to_damage(engine, query):
            kept += len(rows)
            yield rows
    log.warning("a table is damaged: what lies before and behind the damage is kept", table=table.name, rows=kept)


def _has(engine: Engine, table: Table) -> bool:
    """Whether a database has a table: a damaged file may be no database at all, or somebody else's."""
    try:
        with engine.connect() as connection:
            found = {column["name"] for column in inspect(connection).get_columns(table.name)}
    except (SqlDatabaseError, NoSuchTableError, sqlite3.DatabaseError) as error:
        if isinstance(error, NoSuchTableError) or is_damage(error):
            return False
        raise
    return {column.name for column in table.columns} <= found


def _batches(engine: Engine, query: Any) -> Iterator[Sequence[Any]]:
    with engine.connect() as connection:
        result = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE).execute(query)
        yield from result.partitions()


def _up_to_damage(engine: Engine, query: Any) -> Iterator[Sequence[Any]]:
    """The rows in batches up to the first that cannot be read. One at a time: a batch that is cut short is lost whole."""
    rows: list[Any] = []
    try:
        with engine.connect() as connection:
            for row in connection.execution_options(stream_results=True, yield_per=1).execute(query):
                rows.append(row)
                if len(rows) == _ROWS_AT_ONCE:
                    yield rows
                    rows = []
    except (SqlDatabaseError, StoreUnavailable) as error:
        if not is_damage(error):
            raise
    if rows:
        yield rows


def remove(path: Path) -> None:
    """Delete a database's file with those that SQLite keeps beside it, where they are."""
    for name in ("", *_SIDE_FILES):
        path.with_name(path.name + name).unlink(missing_ok=True)


def _readable(rows: Sequence[Any], read: Any) -> list[Any]:
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except (InvalidValue, KeyError, ValueError) as error:
            log.warning("a row is not carried over", reason=str(error), row=str(row)[:200])
    return found


def _without_number(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the number that its table counts up itself."""
    counted = table.autoincrement_column
    if counted is not None and table.dialect_options["sqlite"]["autoincrement"]:
        del row[counted.name]
    return row


def _file(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
