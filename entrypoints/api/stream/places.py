"""Cursors as places that can be compared, and as clients see them.

A record's cursor is its position in the log, `POSITION`; a candle's is `POSITION.N`, the event that touched it last and
which of that event's candles it is. On the wire a cursor of data that is not the live market's also says whose it is
(`POSITION@simulated`), because each session has a log of its own: a cursor must not be taken for another log's.
"""

import re

from application.ports.event_log import Cursor, InvalidCursor
from domain.values import Origin

Place = tuple[int, int]

_ALL_OF_IT = 1 << 31
_CURSOR = re.compile(r"(\d{1,19})(?:\.(\d{1,4}))?", re.ASCII)
_TAGGED = (Origin.SIMULATED, Origin.RECORDING)


def place_of(cursor: str) -> Place:
    """The place of a cursor; after `12` comes what is later than the whole of event 12. Raises InvalidCursor."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidCursor(f"'{cursor[:40]}' is not a cursor")
    position, part = match.groups()
    return int(position), _ALL_OF_IT if part is None else int(part)


def cursor_of(place: Place) -> Cursor:
    """The cursor of a place."""
    position, part = place
    return Cursor(str(position) if part == _ALL_OF_IT else f"{position}.{part}")


def in_log(place: Place) -> Cursor:
    """The log's own cursor for a place: it knows events, not candles."""
    return Cursor(str(place[0]))


def to_wire(cursor: str, session: Origin) -> str:
    """A cursor as clients of this session see it."""
    return f"{cursor}@{session.value}" if session in _TAGGED else cursor


def from_wire(text: str, session: Origin) -> Place:
    """A client's cursor. Raises InvalidCursor, also for one of another session's data."""
    cursor, _, whose = text.partition("@")
    ours = session.value if session in _TAGGED else ""
    if whose and whose != ours:
        raise InvalidCursor(f"cursor '{text[:60]}' is of other data than this session's ({session.value})")
    return place_of(cursor)
