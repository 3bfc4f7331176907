"""The SQLite file that the embedded event log lives in."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    column,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    select,
    table,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from adapters.embedded.errors import LogFileDamaged, LogFileUnusable
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
LOG_NOTE = Table("log_note", _METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

DAMAGED = (
    ".damaged"  # beside a database's name: a file that says that damage was found, so that the next start mends it
)
OLDEST = "oldest"  # a note: the position up to which records were deleted
_ID, _HOLES = "id", "holes"
_SEQUENCE = table(
    "sqlite_sequence", column("name", Text), column("seq", Integer)
)  # SQLite's own: the last number given


class LogFile:
    """Connections to the file, made ready: WAL, and a commit is on the disk when it returns. Safe for several threads.

    Raises LogFileDamaged for a damaged file or one that is no event log, LogFileUnusable for a newer format,
    LogUnavailable where it cannot be opened.
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

    def id(self) -> str:
        """Return the log's own id, made with its file: a store knows by it the log that it was filled from."""
        return self.note(_ID) or ""

    def head(self) -> int:
        """Return the highest position that was ever given."""
        with self.reading() as connection:  # it stays when all rows are deleted
            query = select(_SEQUENCE.c.seq).where(_SEQUENCE.c.name == EVENT_LOG.name)
            return int(connection.scalar(query) or 0)

    def is_empty(self) -> bool:
        """Return whether it has no record."""
        with self.reading() as connection:
            return connection.scalar(select(EVENT_LOG.c.position).limit(1)) is None

    def oldest(self) -> int:
        """Return the position up to which records were deleted; 0 when none were."""
        return int(self.note(OLDEST) or 0)

    def has_holes(self) -> bool:
        """Return whether records in the middle were lost, by damage or because an older copy took the file's place."""
        return self.note(_HOLES) is not None

    def note(self, name: str) -> str | None:
        """Return a note on the log. Raises LogUnavailable."""
        with self.reading() as connection:
            return connection.scalar(select(LOG_NOTE.c.value).where(LOG_NOTE.c.name == name))

    def begin_after(self, position: int, *, is_hole: bool) -> None:
        """Let no record have a position up to this one any more, as readers have been there. Raises LogUnavailable.

        Without `is_hole` the log has no records, and begins there.
        """
        with self.writing() as connection:
            connection.execute(delete(_SEQUENCE).where(_SEQUENCE.c.name == EVENT_LOG.name))
            connection.execute(insert(_SEQUENCE).values(name=EVENT_LOG.name, seq=position))
            write_note(connection, _HOLES if is_hole else OLDEST, str(position))

    def _create(self) -> None:
        with self.writing() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if found > FORMAT:
                raise LogFileUnusable(
                    f"the event log {self.path} has format {found}, this program knows {FORMAT}: use a newer version of it"
                )
            tables = set(inspect(connection).get_table_names())
            if (found == FORMAT and EVENT_LOG.name not in tables) or (found != FORMAT and tables):
                raise LogFileDamaged(f"{self.path} is a SQLite file of something else: expected an event log")
            if LOG_NOTE.name not in tables:
                _METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
                write_note(connection, _ID, uuid.uuid4().hex)

    @contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # without the extended code
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self.path.with_name(self.path.name + DAMAGED).touch(mode=0o600)
                raise LogFileDamaged(
                    f"the event log {self.path} is damaged ({cause}): the next start keeps what can be read of it"
                ) from error
            if code == sqlite3.SQLITE_FULL:
                raise LogUnavailable(
                    f"the event log {self.path} cannot grow, the disk is full: free some space"
                ) from error
            raise LogUnavailable(f"the event log {self.path} cannot be {action}: {cause}") from error


def write_note(connection: Connection, name: str, value: str) -> None:
    """Keep a note on the log."""
    connection.execute(insert(LOG_NOTE).prefix_with("OR REPLACE").values(name=name, value=value))


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # in WAL, NORMAL would lose the last commits with the power


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")
