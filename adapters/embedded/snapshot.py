"""What SQLite files hold at one moment, copied while others go on writing to them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from adapters.embedded.data_directory import DataDirectoryError

_PAGES_AT_ONCE = 2_000  # between two calls of `progress`
_PATIENCE_S = 30.0


class Snapshot:
    """One state of a file, held until `close`: all our files are in WAL mode, where a reader's transaction keeps its
    state whatever is committed meanwhile. Raises DataDirectoryError where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with in_words(path):
            self._connection = _connect(path)
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # BEGIN alone reads nothing
            [[self.bytes]] = self._connection.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )

    @property
    def schema(self) -> str | None:
        """The Alembic revision of a database, the format of an event log; None where no tables have been made yet."""
        with in_words(self.path):
            tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_schema")}
            if not tables:
                return None
            query = "SELECT version_num FROM alembic_version" if "alembic_version" in tables else "PRAGMA user_version"
            return str(self._connection.execute(query).fetchone()[0])

    def copy_to(self, target: Path, progress: Callable[[int], None]) -> None:
        """Write the state to a new file; `progress` is told of bytes. Raises DataDirectoryError."""
        done = 0

        def step(_status: int, remaining: int, total: int) -> None:
            nonlocal done
            now = self.bytes * (total - remaining) // total if total else 0
            progress(now - done)
            done = now

        with in_words(target), closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # a scratch file: the archive is what must be on the disk
            self._connection.backup(copy, pages=_PAGES_AT_ONCE, progress=step, sleep=0)

    def close(self) -> None:
        """Let go of the state, so that the file's WAL can be emptied again."""
        self._connection.close()


@contextmanager
def nobody_writes(path: Path) -> Iterator[None]:
    """Keep everybody from writing to a file for the length of the block. Raises DataDirectoryError."""
    with in_words(path):
        connection = _connect(path)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
    try:
        yield
    finally:
        connection.close()


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raises DataDirectoryError in place of SQLite's errors and the system's."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise DataDirectoryError(f"{path} cannot be used now: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    # rw: never made when missing. (Not ro: reading a WAL needs the -shm file beside it, which may have to be made.)
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, timeout=_PATIENCE_S, check_same_thread=False
    )
