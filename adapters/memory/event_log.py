"""The event log in memory: for tests, and gone with its process."""

import itertools
import threading
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Self

from adapters.avro.codec import AvroCodec
from adapters.memory.schema_ids import MemorySchemaIds
from application.ports.event_log import Cursor, CursorTooOld, InvalidCursor, Place, Position, Recorded, Unreadable
from application.topics import topic_of
from domain.event import Event


class MemoryEventLog:
    """Keeps events in a list. A cursor is the number of events before a place, from 0."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._records: list[Recorded] = []
        self._deleted = 0
        self.codec = AvroCodec(MemorySchemaIds())

    def append(self, events: Sequence[Event]) -> None:
        """Append events, all or none."""
        with self._changed:
            head = self._head()
            self._records += [
                Recorded(Position("", position), topic_of(event), event)
                for position, event in enumerate(events, head + 1)
            ]
            self._changed.notify_all()

    def value_of(self, event: Event) -> bytes:
        """The event as a log on disk would keep it."""
        return self.codec.encode(event)

    def reader(self, topics: Collection[str], *, after: Cursor) -> "MemoryLogReader":
        """Read `topics` from the place after `after`. Raises InvalidCursor, CursorTooOld."""
        with self._changed:
            return MemoryLogReader(self, topics, self._place(after))

    def head(self) -> Cursor:
        """The place after the newest event."""
        with self._changed:
            return Cursor(str(self._head()))

    def oldest(self) -> Cursor:
        """The oldest place that can still be read from."""
        with self._changed:
            return Cursor(str(self._deleted))

    def before(self, time: datetime) -> Cursor:
        """The place before the first event that was recorded at `time` or later."""
        with self._changed:
            older = itertools.takewhile(lambda record: record.event.recorded_at < time, self._records)
            return Cursor(str(self._deleted + sum(1 for _ in older)))

    def delete_before(self, cursor: Cursor) -> None:
        """Delete what lies before a place, which becomes the oldest one. Raises InvalidCursor."""
        with self._changed:
            place = self._position(cursor)
            if place > self._deleted:
                del self._records[: place - self._deleted]
                self._deleted = place

    def records(self) -> list[Recorded]:
        """All that it holds."""
        with self._changed:
            return list(self._records)

    def read(self, position: int, topics: Collection[str], limit: int, timeout_s: float) -> tuple[list[Recorded], int]:
        """Records after a position, and the position after all that was looked at. Raises CursorTooOld."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                if position < self._deleted:
                    raise CursorTooOld(Cursor(str(self._deleted)))
                found: list[Recorded] = []
                while len(found) < limit and position < self._head():
                    record = self._records[position - self._deleted]
                    position += 1
                    if record.topic in topics:
                        found.append(record)
                rest = deadline - time.monotonic()
                if found or rest <= 0:
                    return found, position
                self._changed.wait(rest)

    def _head(self) -> int:
        return self._deleted + len(self._records)

    def _position(self, cursor: Cursor) -> int:
        numbers = Place.at(cursor).numbers
        if any(numbers) or numbers.get("", 0) > self._head():
            raise InvalidCursor(f"'{cursor[:40]}' is not a cursor of this log, which ends at {self._head()}")
        return numbers.get("", 0)

    def _place(self, after: Cursor) -> int:
        position = self._position(after)
        if position == 0:
            return self._deleted  # the beginning: all that is retained
        if position < self._deleted:
            raise CursorTooOld(Cursor(str(self._deleted)))
        return position


class MemoryLogReader:
    """Reads on from one place. Not for use by several threads at once."""

    def __init__(self, log: MemoryEventLog, topics: Collection[str], position: int) -> None:
        self._log = log
        self._topics = frozenset(topics)
        self._position = position

    def read(self, *, limit: int, timeout_s: float) -> Sequence[Recorded | Unreadable]:
        """The next records of its topics; waits up to `timeout_s` for the first. Raises CursorTooOld."""
        found, self._position = self._log.read(self._position, self._topics, limit, timeout_s)
        return found

    @property
    def cursor(self) -> Cursor:
        """The place after all that was read."""
        return Cursor(str(self._position))

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
