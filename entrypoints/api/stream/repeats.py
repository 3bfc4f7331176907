"""Rows that the log holds twice, told once: two feeds that ran side by side, an append that was made again."""

from collections.abc import Collection, Sequence

from application.ports.event_log import Cursor, CursorTooOld, EventLog, LogReader, Place, Recorded, Unreadable

WINDOW = 20_000
"""A row is a repeat where its event id came within so many records before, at least half as many being remembered."""

_LOOK_BACK = 5_000  # records of a log with one order
_LOOK_BACK_OF_PARTITION = 1_000


class Repeats:
    """The ids of the newest records that one reader has read. Used by one thread at a time."""

    def __init__(self, window: int = WINDOW) -> None:
        self._half = window // 2
        self._newest: set[str] = set()
        self._before: set[str] = set()

    def left_out(self, records: Sequence[Recorded | Unreadable]) -> list[Recorded | Unreadable]:
        """The records without those whose event came before."""
        fresh: list[Recorded | Unreadable] = []
        for record in records:
            if isinstance(record, Recorded):
                event_id = record.event.event_id
                if event_id in self._newest or event_id in self._before:
                    continue
                self._newest.add(event_id)
                if len(self._newest) >= self._half:
                    self._before, self._newest = self._newest, set()
            fresh.append(record)
        return fresh


def reader_from_before(log: EventLog, topics: Collection[str], place: Place) -> LogReader:
    """A reader that begins some records before a place, so that repeats of those are known.

    Where the log no longer holds them, it begins at the place. Raises InvalidCursor, CursorTooOld, LogUnavailable as a
    reader from the place itself would.
    """
    if Place.at(log.head()).reaches(place):
        try:
            return log.reader(topics, after=_some_way_back(place, Place.at(log.oldest())))
        except CursorTooOld:
            pass
    return log.reader(topics, after=place.cursor)


def _some_way_back(place: Place, oldest: Place) -> Cursor:
    numbers = {}
    for name, number in place.numbers.items():
        back = number - (_LOOK_BACK_OF_PARTITION if name else _LOOK_BACK)
        if back > 0:
            numbers[name] = back
        elif name in oldest.numbers:
            numbers[name] = 1  # it is gone, and must not look as if it had never been
    return Place(numbers).cursor
