"""Whether a log and a store are CryptoViz's own, and of each other: looked at without opening them as such."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from adapters.embedded.data_directory import LOG_FILE

LOG_ID = "log"  # the store's checkpoint whose state is the id of the log that it was filled from


def foreign(file: Path, *, immutable: bool = False) -> str | None:
    """Say why a file is none of ours; None when it is, or is empty. Raises sqlite3.Error for no database at all."""
    with closing(_opened(file, immutable=immutable)) as database:
        tables = _tables(database)
    wanted = "event_log" if file.name == LOG_FILE else "alembic_version"
    if not tables or wanted in tables:
        return None
    return f"{file} is a SQLite file of something else"


def strangers(log: Path, store: Path, *, immutable: bool = False) -> str | None:
    """Say that a store was filled from another log than this one; None when it was not, or nobody knows.

    Raises sqlite3.Error.
    """
    with closing(_opened(log, immutable=immutable)) as database:
        if not {"event_log", "log_note"} <= _tables(database):
            return None
        own = database.execute("SELECT value FROM log_note WHERE name = 'id'").fetchone()
        if own is None or database.execute("SELECT position FROM event_log LIMIT 1").fetchone() is None:
            return None
    with closing(_opened(store, immutable=immutable)) as database:
        if "checkpoint" not in _tables(database):
            return None
        noted = database.execute("SELECT state FROM checkpoint WHERE reader = ?", (LOG_ID,)).fetchone()
    if noted is None or noted == own:
        return None
    return f"{store} was not filled from {log}: one of them is of another data directory"


def _opened(file: Path, *, immutable: bool) -> sqlite3.Connection:
    mode = "mode=ro&immutable=1" if immutable else "mode=rw"
    return sqlite3.connect(f"file:{quote(str(file))}?{mode}", uri=True, timeout=30)


def _tables(database: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
