"""Reading the embedded log: from memory where it is recent, else from the file."""

import time
from collections.abc import Collection, Sequence
from typing import Self

from sqlalchemy import select

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.embedded.log_file import EVENT_LOG, LogFile
from adapters.embedded.tail import Tail
from application.ports.clock import Clock
from application.ports.event_log import Cursor, CursorTooOld, LogUnavailable, Position, Recorded, Unreadable
from application.topics import TOPICS
from domain.admission import Admission

_CHUNK = 5_000  # records read from the file at once
_SPAN = 50_000  # positions looked through at once for a rare topic


class SqliteLogReader:
    """Reads on from one place. Not for use by several threads at once.

    Records of the file that cannot be decoded, or may not be true at `clock` (`domain.admission`), come as Unreadable.
    """

    def __init__(
        self,
        file: LogFile,
        tail: Tail,
        codec: AvroCodec,
        topics: Collection[str],
        position: int,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock
        self._file = file
        self._tail = tail
        self._codec = codec
        self._topics = frozenset(topics)
        self._position = position

    def read(self, *, limit: int, timeout_s: float) -> Sequence[Recorded | Unreadable]:
        """The next records of its topics, in order; waits up to `timeout_s` for the first, then returns what is there.

        Raises CursorTooOld when the place it stands at has been deleted, LogUnavailable when the log cannot be read.
        """
        deadline = time.monotonic() + timeout_s
        found: list[Recorded | Unreadable] = []
        while len(found) < limit:
            if self._tail.closed:
                raise LogUnavailable(f"the event log {self._file.path} is closed")
            if self._position < self._tail.oldest:
                raise CursorTooOld(Cursor(str(self._tail.oldest)))
            if self._position < self._tail.head:
                found += self._next(limit - len(found))
            elif found or not self._tail.wait_beyond(self._position, deadline):
                break
        return found

    @property
    def cursor(self) -> Cursor:
        """The place after all that was read, past records of other topics too."""
        return Cursor(str(self._position))

    def close(self) -> None:
        """Nothing to give back: connections are held only while reading."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self, limit: int) -> Sequence[Recorded | Unreadable]:
        recent = self._tail.after(self._position, limit)
        if recent is None:
            return self._from_file(min(limit, _CHUNK))
        self._position += len(recent)
        return [record for record in recent if record.topic in self._topics]

    def _from_file(self, limit: int) -> Sequence[Recorded | Unreadable]:
        columns = EVENT_LOG.c
        until = min(self._position + _SPAN, self._tail.head)
        query = (
            select(columns.position, columns.topic, columns.value)
            .where(columns.position > self._position, columns.position <= until)
            .order_by(columns.position)
            .limit(limit)
        )
        if not self._topics.issuperset(TOPICS):
            query = query.where(columns.topic.in_(sorted(self._topics)))
        with self._file.reading() as connection:
            rows = connection.execute(query).all()
        if self._position < self._tail.oldest:  # deleted while we read: there may be a hole in what came
            raise CursorTooOld(Cursor(str(self._tail.oldest)))
        self._position = rows[-1].position if len(rows) == limit else until
        admission = Admission(self._clock.now()) if self._clock else None
        return [self._record(position, topic, value, admission) for position, topic, value in rows]

    def _record(self, number: int, topic: str, value: bytes, admission: Admission | None) -> Recorded | Unreadable:
        position = Position("", number)
        try:
            event = self._codec.decode(topic, value)
        except Undecodable as error:
            return Unreadable(position, topic, value, str(error))
        refused = admission.refusal(event) if admission else None
        return Unreadable(position, topic, value, refused) if refused else Recorded(position, topic, event)
