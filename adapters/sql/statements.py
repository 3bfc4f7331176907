"""Statements that SQLite and PostgreSQL share but SQLAlchemy spells for each."""

import zlib
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

_IN_AT_ONCE = 500  # values in one IN (…): far below every database's limit


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows, but those whose key is there already."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows, or replace those with the same primary key."""
    if rows:
        statement = _insert(connection, table)
        keys = [column.name for column in table.primary_key]
        values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)


def _insert(connection: Connection, table: Table) -> Any:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def chunks(values: Collection[T], size: int = _IN_AT_ONCE) -> Iterator[list[T]]:
    """Cut values into lists of at most `size`."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def each_value(column: ColumnElement[T], *where: ColumnElement[bool]) -> FromClause:
    """All values of an indexed column, as `value`: from one to the next in the index, where DISTINCT would read it whole."""
    least = func.min(column).label("value")
    found = select(least).where(*where).cte(f"each_{column.key}", recursive=True)
    following = select(least).where(*where, column > found.c.value).correlate(found).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None)).subquery()


def only_writer_of(connection: Connection, what: str) -> None:
    """Wait until no other transaction writes `what`: what was looked up before inserting then stays true.

    SQLite has one writer anyway. Several processes write to PostgreSQL.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(zlib.crc32(what.encode()))))
