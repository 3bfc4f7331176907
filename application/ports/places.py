"""Places in a log: how far each of its partitions has been read.

A cursor is the text of a place. In a log with one order (embedded, memory) that is the number of the last record before
it, `1042`; in a log with partitions their numbers by name, `rawtrade/0:17,rawtrade/2:4`. A partition that is not named
has not been read at all, so `0` and the empty place are the beginning of everything.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, NewType

Cursor = NewType("Cursor", str)
"""A place in the log as text: what comes after it comes without gap or duplicate. BEGINNING is before everything."""

BEGINNING = Cursor("0")

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_PARTITION = re.compile(r"([a-z0-9_-]{1,100}/\d{1,6}):(\d{1,18})", re.ASCII)
_PARTITIONS_AT_MOST = 10_000


class InvalidCursor(ValueError):
    """Not a cursor of this log."""


class Position(NamedTuple):
    """Where one record stands: its partition (empty in a log with one order), and its number there, growing."""

    partition: str
    number: int


class Place:
    """How far each partition has been read: the number of the last record read. Immutable."""

    __slots__ = ("_cursor", "_numbers")

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._cursor: Cursor | None = None

    @classmethod
    def at(cls, cursor: Cursor) -> "Place":
        """The place of a cursor. Raises InvalidCursor for what has no cursor's form."""
        if _NUMBER.fullmatch(cursor):
            return cls({"": int(cursor)} if int(cursor) else {})
        matches = [_PARTITION.fullmatch(part) for part in cursor.split(",", _PARTITIONS_AT_MOST)]
        numbers = {match[1]: int(match[2]) for match in matches if match}
        if len(numbers) != len(matches):
            raise InvalidCursor(f"'{cursor[:40]}' is not a cursor: expected one that the log or the stream gave out")
        return cls(numbers)

    @property
    def cursor(self) -> Cursor:
        """The place as text."""
        if self._cursor is None:
            only = self._numbers.get("")
            parts = [f"{name}:{number}" for name, number in sorted(self._numbers.items())]
            self._cursor = Cursor(str(only) if only is not None else ",".join(parts) or BEGINNING)
        return self._cursor

    @property
    def numbers(self) -> Mapping[str, int]:
        """The last record read of each partition that was read at all."""
        return self._numbers

    def covers(self, position: Position) -> bool:
        """Whether the record there has been read."""
        return position.number <= self._numbers.get(position.partition, -1)

    def reaches(self, other: "Place") -> bool:
        """Whether all that the other place covers has been read."""
        return all(number <= self._numbers.get(name, -1) for name, number in other._numbers.items())

    def past(self, position: Position) -> "Place":
        """This place, moved on past a record."""
        return self if self.covers(position) else Place({**self._numbers, position.partition: position.number})

    def joined(self, other: "Place") -> "Place":
        """What either of both has read."""
        numbers = dict(self._numbers)
        for name, number in other._numbers.items():
            numbers[name] = max(number, numbers.get(name, -1))
        return Place(numbers)

    def within(self, topics: Iterable[str]) -> "Place":
        """The part of it that says how far these topics have been read."""
        wanted = ("", *topics)
        return Place({name: n for name, n in self._numbers.items() if name.rpartition("/")[0] in wanted})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._numbers == other._numbers

    def __hash__(self) -> int:
        return hash(frozenset(self._numbers.items()))

    def __repr__(self) -> str:
        return f"Place({self.cursor})"
