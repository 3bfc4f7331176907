"""Cursors as clients see them.

A cursor of a channel that is read from the log is a place in the log, as the log writes it (`1042`, or
`rawtrade/0:17,rawtrade/1:4`): how far the client has been told of each partition. Candles are read from the store, which
numbers how often it wrote them: `c812.3`. A cursor of data that is not the live market's also says whose it is
(`1042@simulated`), because each source has a log of its own.
"""

import re

from application.ports.event_log import BEGINNING, Cursor, InvalidCursor, Place
from application.ports.market_reads import Touch
from domain.values import Origin

_TOUCH = re.compile(r"c(\d{1,19})\.(\d{1,9})", re.ASCII)
_TAGGED = (Origin.SIMULATED, Origin.RECORDING)


def to_wire(place: Place | Touch, session: Origin) -> str:
    """A place as clients of this session see it."""
    cursor = place.cursor if isinstance(place, Place) else f"c{place[0]}.{place[1]}"
    return f"{cursor}@{session.value}" if session in _TAGGED else cursor


def oldest_to_wire(oldest: Cursor, session: Origin) -> str:
    """The log's oldest cursor as clients see it."""
    return to_wire(Place.at(oldest), session)


def log_place(text: str, session: Origin) -> Place:
    """A client's place in the log. Raises InvalidCursor, also for one of another session's data or of the candles."""
    cursor = _untagged(text, session)
    if _TOUCH.fullmatch(cursor):
        raise InvalidCursor(f"cursor '{text[:60]}' is one of the channel candles: expected one of this channel")
    return Place.at(Cursor(cursor))


def candle_touch(text: str, session: Origin) -> Touch:
    """A client's place among the candles. Raises InvalidCursor, also for one of another session's data or of the log."""
    cursor = _untagged(text, session)
    if cursor == BEGINNING:
        return 0, 0
    match = _TOUCH.fullmatch(cursor)
    if match is None:
        raise InvalidCursor(
            f"'{text[:60]}' is not a cursor of the channel candles: expected one that it gave out, or 0"
        )
    return int(match[1]), int(match[2])


def _untagged(text: str, session: Origin) -> str:
    cursor, _, whose = text.partition("@")
    ours = session.value if session in _TAGGED else ""
    if whose and whose != ours:
        raise InvalidCursor(f"cursor '{text[:60]}' is of other data than this session's ({session.value})")
    return cursor
