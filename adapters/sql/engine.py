"""Connections: how SQLite and PostgreSQL are opened, and whose turn it is to write."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakValueDictionary

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.sql.errors import is_of_the_data, is_of_the_tables
from application.ports.store import StoreDamaged, StoreRefused, StoreUnavailable

# FULL: a committed transaction survives a power cut. The WAL is cut back to 64 MB after a burst.
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "busy_timeout = 30000",
    "journal_size_limit = 67108864",
    "cache_size = -16000",
)

# PostgreSQL. The limit on statements is for reads: `writing` lifts it. A writer that has vanished (a machine without
# power closes no connection) must not keep its locks: others wait for them. JIT costs more than it saves on short reads
# of many chunks.
_SESSION = (
    "timezone=utc",
    "statement_timeout=15s",
    "idle_in_transaction_session_timeout=5min",
    "tcp_keepalives_idle=30",
    "tcp_keepalives_interval=10",
    "tcp_keepalives_count=3",
    "jit=off",
)
_CONNECTION = {  # in seconds, the last in milliseconds
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_LATER = (OperationalError, InterfaceError)  # what may go away by itself
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
DAMAGED = (
    ".damaged"  # beside a database's name: a file that says that damage was found, so that the next start mends it
)
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class UnsupportedDatabase(ValueError):
    """A database URL that we cannot work with."""


class WritersTurn:
    """One writer at a time. A thread that would wait for itself gets a RuntimeError instead of a deadlock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            raise RuntimeError("this thread has a write transaction open already: use that one")
        self._lock.acquire()
        self._holder = threading.get_ident()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._holder = None
        self._lock.release()


_turns: WeakValueDictionary[str, WritersTurn] = WeakValueDictionary()
_turns_lock = threading.Lock()


def create_engine(url: str | URL, *, search_path: str | None = None) -> Engine:
    """Open `sqlite:///FILE` or `postgresql://…`. Raises UnsupportedDatabase for any other URL.

    `search_path` names PostgreSQL's schemas in the order in which they are looked into.

    Nothing is connected yet. Reads get a connection of their own from the pool and, on SQLite, never wait for a writer.
    """
    try:
        url = make_url(url)
    except ArgumentError as error:
        raise UnsupportedDatabase(
            "the database URL cannot be read: expected sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            session = (*_SESSION, f"search_path={search_path.replace(' ', '')}") if search_path else _SESSION
            return sqlalchemy.create_engine(
                url.set(drivername="postgresql+psycopg2"),
                connect_args={"options": " ".join(f"-c {option}" for option in session), **_CONNECTION},
                isolation_level="READ COMMITTED",  # writers lock first and look afterwards, whatever the server's default
                pool_size=8,
                max_overflow=32,
                pool_pre_ping=True,
            )
    raise UnsupportedDatabase(f"no adapter for a {url.get_backend_name()} database: expected sqlite or postgresql")


def _sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise UnsupportedDatabase(
            "a database in memory would be another one for each connection: expected sqlite:///FILE"
        )
    engine = sqlalchemy.create_engine(url, pool_size=8, max_overflow=32)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    # SQLite's own lower() knows ASCII only; searches must find "Škoda" by "škoda" as PostgreSQL does.
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


def turn_of(engine: Engine) -> WritersTurn:
    """The lock that all writers of this process to one SQLite file share."""
    path = str(Path(engine.url.database or "").resolve())
    with _turns_lock:
        turn = _turns.get(path)
        if turn is None:
            turn = _turns[path] = WritersTurn()
        return turn


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A write transaction: commits at the end, rolls back when the block raises. Raises StoreUnavailable, StoreRefused.

    On SQLite it begins IMMEDIATE: a transaction that reads first and writes later would otherwise fail when somebody
    else wrote in between. PostgreSQL takes care of several writers itself.
    """
    with translated(engine):
        if engine.dialect.name != "sqlite":
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
        else:
            with turn_of(engine), engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
                yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot to read from. Raises StoreUnavailable."""
    with translated(engine), engine.connect() as connection:
        yield connection if engine.dialect.name == "sqlite" else connection.execution_options(**_SNAPSHOT)


def check(engine: Engine) -> None:
    """Look through all pages of a SQLite file. Raises StoreDamaged, StoreUnavailable."""
    with reading(engine) as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if found != "ok":
        raise found_damage(engine, sqlite3.DatabaseError(found.replace("\n", ", ")))


def shown(engine: Engine) -> str:
    """Where the store is, for people to read: without the password, which may also stand in the URL's query."""
    return engine.url.difference_update_query(["password"]).render_as_string(hide_password=True)


def is_damage(error: BaseException) -> bool:
    """Whether SQLite found its file damaged, or no database at all."""
    cause: BaseException | None = error
    while cause is not None:
        found = cause.orig if isinstance(cause, DBAPIError) else cause
        if (getattr(found, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE:
            return True
        cause = cause.__cause__
    return False


def found_damage(engine: Engine, error: BaseException) -> StoreDamaged:
    """Leave a note beside a damaged SQLite file for the next start; returns what to raise."""
    file = Path(engine.url.database or "")
    file.with_name(file.name + DAMAGED).touch(mode=0o600)
    reason = str(getattr(error, "orig", None) or error).strip()
    return StoreDamaged(f"the store {file} is damaged ({reason}): the next start keeps what can be read of it")


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Translate the database's errors: StoreRefused where the data is at fault, StoreUnavailable for the surroundings."""
    try:
        yield
    except (
        DBAPIError,
        PoolTimeout,
        sqlite3.Error,
    ) as error:  # SQLite's own: from what `_prepare` asks of a new connection
        if is_damage(error):
            raise found_damage(engine, error) from error
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        reason = str(getattr(error, "orig", None) or error).strip() or "the connection was lost"
        if isinstance(error, DBAPIError) and not lost:
            if is_of_the_data(error):
                raise StoreRefused(f"the store does not take this data: {reason}") from error
            if is_of_the_tables(error):
                raise StoreUnavailable(
                    f"the tables of the store {shown(engine)} are not those of this version, or may not be used: {reason}"
                ) from error
            if not isinstance(error, _LATER):  # a statement that is wrong in itself: our own bug
                raise
        raise StoreUnavailable(f"the store {shown(engine)} cannot be used now: {reason}") from error
