"""Paged lists, newest first: keyset paging, so that a page is the same whatever was added before it meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Select, tuple_
from sqlalchemy import literal as bind

from adapters.sql.page_cursor import Key, decode_cursor, encode_cursor
from adapters.sql.types import SoundText, UtcTime
from application.ports.page import Page, Window

Item = TypeVar("Item")

# Nothing is taken in whose time is more than 5 minutes ahead of ours, so what was known at T is not much younger than
# T: without this bound a look at the distant past would walk the index through all that came since.
_AHEAD_AT_MOST = timedelta(minutes=10)


def known_by(table: FromClause, at: ColumnElement[Any], as_of: datetime | None) -> list[ColumnElement[bool]]:
    """Conditions on rows recorded by `as_of`; none without it. `at` is their event time."""
    if as_of is None:
        return []
    return [table.c.recorded_at <= as_of, at <= latest_known(as_of)]


def latest_known(as_of: datetime) -> datetime:
    """No event known at `as_of` happened after this."""
    return as_of + _AHEAD_AT_MOST if as_of.year < MAXYEAR else as_of


@dataclass(frozen=True)
class Listing:
    """A list by an event time, then by columns that make the order total."""

    name: str
    table: FromClause
    at: ColumnElement[Any]
    then: tuple[ColumnElement[Any], ...]

    @property
    def key(self) -> tuple[ColumnElement[Any], ...]:
        """All columns of the order."""
        return (self.at, *self.then)

    def within(self, query: Select[Any], window: Window) -> Select[Any]:
        """The rows of the window after its cursor, one more than fit the page. Raises InvalidPageCursor."""
        query = query.where(*known_by(self.table, self.at, window.as_of))
        if window.start is not None:
            query = query.where(self.at >= window.start)
        if window.end is not None:
            query = query.where(self.at < window.end)
        if window.cursor is not None:
            last = decode_cursor(window.cursor, self.name, *map(_kind, self.key))
            values = [bind(value, column.type) for value, column in zip(last, self.key, strict=True)]
            query = query.where(tuple_(*self.key) < tuple_(*values))
        return query.order_by(*(column.desc() for column in self.key)).limit(window.limit + 1)

    def page(
        self, connection: Connection, query: Select[Any], window: Window, to_item: Callable[[Any], Item]
    ) -> Page[Item]:
        """The window's page of `query`, which must select this list's columns."""
        return self.cut(connection.execute(self.within(query, window)).all(), window, to_item)

    def cut(self, rows: Sequence[Any], window: Window, to_item: Callable[[Any], Item]) -> Page[Item]:
        """The page of rows that `within` found."""
        if len(rows) <= window.limit:
            return Page([to_item(row) for row in rows])
        rows = rows[: window.limit]
        return Page([to_item(row) for row in rows], self.cursor_after(rows[-1]))

    def cursor_after(self, row: Any) -> str:
        """Where the page after this row begins."""
        return encode_cursor(self.name, *(getattr(row, column.key or "") for column in self.key))


def _kind(column: ColumnElement[Any]) -> type[Key]:
    if isinstance(column.type, UtcTime):
        return datetime
    return str if isinstance(column.type, SoundText) else int
