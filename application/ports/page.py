"""A page of a long list."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some rows, and where to go on; `next_cursor` is None on the last page."""

    items: list[Item]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which rows to list: `start` inclusive, `end` exclusive, known by `as_of`, `limit` of them after `cursor`."""

    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    limit: int = 100
    cursor: str | None = field(default=None)


class InvalidPageCursor(ValueError):
    """Not a cursor that this list gave out."""
