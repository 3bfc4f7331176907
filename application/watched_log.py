"""The event log as one part of the process reads it: how far the part has come is reported on the way."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Self

from application.ports.event_log import Cursor, EventLog, LogReader, LogUnavailable, Place, Recorded, Unreadable
from application.progress import Progress
from domain.event import Event


class WatchedLog:
    """See application.ports.event_log.EventLog. A reader that asks for more has done what it was given before.

    `seen` is told of the events that the part appends.
    """

    def __init__(
        self, event_log: EventLog, progress: Progress, seen: Callable[[Sequence[Event]], None] | None = None
    ) -> None:
        self._log = event_log
        self._progress = progress
        self._seen = seen

    def append(self, events: Sequence[Event]) -> None:
        """Append events. Raises LogUnavailable, which is noted as the part's trouble."""
        if self._seen:
            self._seen(events)
        try:
            self._log.append(events)
        except LogUnavailable as unavailable:
            self._progress.trouble(str(unavailable))
            raise
        self._progress.trouble(None)

    def value_of(self, event: Event) -> bytes:
        """The bytes that the log keeps for an event."""
        return self._log.value_of(event)

    def reader(self, topics: Collection[str], *, after: Cursor) -> LogReader:
        """Read `topics` from the place after `after`."""
        return _WatchedReader(self._log.reader(topics, after=after), frozenset(topics), self._progress)

    def head(self) -> Cursor:
        """The place after the newest record."""
        return self._log.head()

    def oldest(self) -> Cursor:
        """The oldest place that can still be read from."""
        return self._log.oldest()

    def before(self, time: datetime) -> Cursor:
        """A place before all that was recorded at `time` or later."""
        return self._log.before(time)


class _WatchedReader:
    """Reports the position up to which the part has done its work."""

    def __init__(self, reader: LogReader, topics: frozenset[str], progress: Progress) -> None:
        self._reader = reader
        self._topics = topics
        self._progress = progress
        self._reported: Cursor | None = None

    def read(self, *, limit: int, timeout_s: float) -> Sequence[Recorded | Unreadable]:
        """The next records of its topics."""
        cursor = self._reader.cursor
        if cursor != self._reported:
            self._progress.at(Place.at(cursor), self._topics)
            self._reported = cursor
        return self._reader.read(limit=limit, timeout_s=timeout_s)

    @property
    def cursor(self) -> Cursor:
        """The place after all that was read."""
        return self._reader.cursor

    def close(self) -> None:
        """Give back what it holds."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
