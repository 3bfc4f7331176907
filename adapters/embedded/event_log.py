"""The event log in a SQLite file, for one process. A cursor is the position of the last record before a place."""

import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import structlog
from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.embedded.file_watch import FileWatch
from adapters.embedded.log_file import EVENT_LOG, OLDEST, LogFile, write_note
from adapters.embedded.log_reader import SqliteLogReader
from adapters.embedded.schema_ids import SqliteSchemaIds
from adapters.embedded.tail import Tail
from application.ports.clock import Clock
from application.ports.event_log import (
    BEGINNING,
    Cursor,
    CursorTooOld,
    InvalidCursor,
    LogUnavailable,
    Place,
    Position,
    Recorded,
)
from application.topics import ALERT_EVENTS, ALERTS, TOPICS, topic_of
from domain.event import Event

log = structlog.get_logger(__name__)

_COMMANDS = (ALERTS, ALERT_EVENTS)
_INSERT = "INSERT INTO event_log (position, topic, key, value) VALUES (?, ?, ?, ?)"
_OUT_OF_ORDER = timedelta(minutes=1)  # events of several writers are appended nearly in the order of recording
_DELETED_AT_ONCE = 20_000  # appending waits for no longer than this many take


class SqliteEventLog:
    """Keeps events in a file of its own, encoded by the Avro codec; the newest `tail` of them also in memory.

    One process writes. With a `clock`, records of the file that may not be true (`domain.admission`) are Unreadable.
    Raises LogUnavailable where the file cannot be opened, LogFileUnusable (a kind of it) where it is of a newer format,
    LogFileDamaged where it is damaged or no event log. Safe for several threads.
    """

    def __init__(self, path: Path, *, tail: int = 50_000, clock: Clock | None = None) -> None:
        self._clock = clock
        self.file = LogFile(path)
        self._watch = FileWatch([path])
        self.codec = AvroCodec(SqliteSchemaIds(self.file))
        self._write_lock = threading.Lock()
        try:
            oldest = self.file.oldest()
            head = self.file.head()
        except BaseException:
            self.file.close()
            raise
        self._tail = Tail(oldest=oldest, head=head, size=tail)

    def append(self, events: Sequence[Event]) -> None:
        """Append events, on the disk when it returns, all or none.

        Raises LogUnavailable when the file cannot be written, or was deleted or replaced, Unencodable for an event that does not fit its schema.
        """
        # str(): SQLite's driver takes subclasses of str, such as Pair, by a slower way
        rows = [(topic_of(event), str(event.key), self.codec.encode(event)) for event in events]
        if not rows:
            return
        if gone := self._watch.check():  # what goes into a deleted file is lost with this process
            raise LogUnavailable(f"nothing more is collected: {gone}")
        with self._write_lock:
            with self.file.writing() as connection:
                first = _head(connection) + 1
                connection.exec_driver_sql(_INSERT, [(position, *row) for position, row in enumerate(rows, first)])
            self._tail.extend(
                first,
                [
                    Recorded(Position("", position), row[0], event)
                    for position, row, event in zip(range(first, first + len(rows)), rows, events, strict=True)
                ],
            )

    def value_of(self, event: Event) -> bytes:
        """The bytes that the log keeps for an event. Raises Unencodable, LogUnavailable."""
        return self.codec.encode(event)

    def reader(self, topics: Collection[str], *, after: Cursor) -> SqliteLogReader:
        """Read `topics` from the place after `after`. Raises InvalidCursor, CursorTooOld."""
        position = self._tail.oldest if after == BEGINNING else self._position(after)
        if position < self._tail.oldest:
            raise CursorTooOld(self.oldest())
        return SqliteLogReader(self.file, self._tail, self.codec, topics, position, self._clock)

    def head(self) -> Cursor:
        """The place after the newest record."""
        return Cursor(str(self._tail.head))

    def oldest(self) -> Cursor:
        """The oldest place that can still be read from."""
        return Cursor(str(self._tail.oldest))

    def before(self, time: datetime) -> Cursor:
        """A place before all that was recorded at `time` or later: a minute of older records may come first."""
        low, high = self._tail.oldest, self._tail.head
        time -= _OUT_OF_ORDER
        while low < high:
            middle = (low + high) // 2
            found = self._first_after(middle)
            if found is None or found.event.recorded_at >= time:
                high = middle
            else:
                low = found.position.number
        return Cursor(str(max(low, self._tail.oldest)))

    def _first_after(self, position: int) -> Recorded | None:
        """The first record after a position that can be read."""
        reader = SqliteLogReader(self.file, self._tail, self.codec, TOPICS, position, self._clock)
        while records := reader.read(limit=1, timeout_s=0):
            if isinstance(records[0], Recorded):
                return records[0]
        return None

    def delete_before(self, cursor: Cursor) -> None:
        """Delete the records before a place, which becomes the oldest one. Raises InvalidCursor, LogUnavailable.

        Commands stay in the file, few as they are: a lost store gets its alert rules back from them (`commands`).
        """
        position = self._position(cursor)
        if position <= self._tail.oldest:
            return
        with self._write_lock, self.file.writing() as connection:
            write_note(connection, OLDEST, str(position))
        # First announced, then deleted: a reader that finds its place older than this must not trust what it read.
        first, self._tail.oldest = self._tail.oldest, position
        at = EVENT_LOG.c.position
        for last in range(first + _DELETED_AT_ONCE, position + _DELETED_AT_ONCE, _DELETED_AT_ONCE):
            old = at > last - _DELETED_AT_ONCE, at <= min(last, position), EVENT_LOG.c.topic.not_in(_COMMANDS)
            with self._write_lock, self.file.writing() as connection:
                connection.execute(delete(EVENT_LOG).where(*old))

    def commands(self) -> Iterator[Event]:
        """Return what people and rules did to aggregates since the log's first record, in order. Raises LogUnavailable."""
        at, position = EVENT_LOG.c.position, 0
        query = select(at, EVENT_LOG.c.topic, EVENT_LOG.c.value).where(EVENT_LOG.c.topic.in_(_COMMANDS)).order_by(at)
        while True:
            with self.file.reading() as connection:
                rows = connection.execute(query.where(at > position).limit(_DELETED_AT_ONCE)).all()
            if not rows:
                return
            for position, topic, value in rows:
                try:
                    yield self.codec.decode(topic, value)
                except Undecodable as error:
                    log.error("a command of the log cannot be read", position=position, reason=str(error))  # noqa: TRY400

    @property
    def is_whole(self) -> bool:
        """Whether it still holds every record that was ever appended. Raises LogUnavailable."""
        return not self._tail.oldest and not self.file.has_holes()

    def close(self) -> None:
        """Close the file. Whoever waits for events gets LogUnavailable."""
        with self._write_lock:
            self._tail.close()
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _position(self, cursor: Cursor) -> int:
        numbers = Place.at(cursor).numbers
        position = numbers.get("", 0)
        if any(numbers) or position > self._tail.head:
            raise InvalidCursor(
                f"'{cursor[:40]}' is not a cursor of the event log: expected a position up to {self._tail.head}"
            )
        return position


def _head(connection: Connection) -> int:
    # AUTOINCREMENT's own record: it stays when all rows are deleted
    found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'event_log'").scalar()
    return int(found or 0)
