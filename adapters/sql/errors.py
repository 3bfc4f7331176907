"""What a database's error is about: the data of one statement, the tables, or the surroundings."""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

# PostgreSQL's classes of SQLSTATE: cardinality, data, integrity, a limit (an index entry of more than 2,704 bytes), and
# what a trigger or a function raises (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_DATA_CLASSES = ("21", "22", "23", "44", "54", "P0")
_TABLE_STATES = ("42P01", "42703", "42501", "3F000")  # undefined table, undefined column, no privilege, no schema


def is_of_the_data(error: DBAPIError) -> bool:
    """Whether the same data would be refused again, however well the database is."""
    state = _state(error)
    if state:
        return state[:2] in _DATA_CLASSES
    if isinstance(error, IntegrityError | DataError):
        return True
    # SQLite has one code for all that is wrong with a statement; of these only a sum beyond 64 bits is the data's.
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_ERROR and "integer overflow" in str(error.orig)


def is_of_the_tables(error: DBAPIError) -> bool:
    """Whether a table or column is missing, or may not be used: no data can be stored then. (SQLite calls it operational.)"""
    return _state(error) in _TABLE_STATES


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "pgcode", None) or ""
