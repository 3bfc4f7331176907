"""The SQLite file that the embedded event log lives in."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Engine, Integer, LargeBinary, MetaData, Table, Text, create_engine, event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from adapters.embedded.errors import LogFileUnusable
from application.ports.event_log import LogUnavailable

FORMAT = 1  # PRAGMA user_version; a program refuses formats that are newer than its own
_BUSY_TIMEOUT_MS = 5_000

_METADATA = MetaData()
EVENT_LOG = Table(
    "event_log",
    _METADATA,
    Column("position", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a position is never given twice, even after its record was deleted
)
AVRO_SCHEMA = Table(
    "avro_schema",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("schema", Text, nullable=False),
)


class LogFile:
    """Connections to the file, made ready: WAL, and a commit is on the disk when it returns. Safe for several threads.

    Raises LogFileUnusable for a file that is no event log of this format, LogUnavailable where it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_engine(URL.create("sqlite", database=str(path)))
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._writer: Engine = self._engine.execution_options(writes=True)
        try:
            self._create()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the file. Raises LogUnavailable."""
        with self._errors("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, all or nothing, durable when the block has ended. Raises LogUnavailable."""
        with self._errors("written"), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _create(self) -> None:
        with self.writing() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if found == FORMAT:
                return
            if found > FORMAT:
                raise LogFileUnusable(
                    f"the event log {self.path} has format {found}, this program knows {FORMAT}: use a newer version of it"
                )
            if inspect(connection).get_table_names():
                raise LogFileUnusable(f"{self.path} is a SQLite file of something else: expected an event log")
            _METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # without the extended code
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise LogFileUnusable(
                    f"the event log {self.path} is damaged ({cause}): move it away, or restore it from a backup"
                ) from error
            if code == sqlite3.SQLITE_FULL:
                raise LogUnavailable(
                    f"the event log {self.path} cannot grow, the disk is full: free some space"
                ) from error
            raise LogUnavailable(f"the event log {self.path} cannot be {action}: {cause}") from error


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # in WAL, NORMAL would lose the last commits with the power


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
