"""Port: the event log, the high-volume facts in order within their key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from application.ports.places import BEGINNING, Cursor, InvalidCursor, Place, Position
from domain.event import Event

__all__ = [
    "BEGINNING", "BoundedLog", "Cursor", "CursorTooOld", "EventLog", "InvalidCursor", "LogReader", "LogUnavailable", "Place",
    "Position", "Recorded", "Unreadable",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its position in the log."""

    position: Position
    topic: str
    event: Event


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be decoded. It keeps its position; what comes after it goes on."""

    position: Position
    topic: str
    raw: bytes
    reason: str


class CursorTooOld(Exception):
    """The log no longer holds what came after the cursor; `oldest` is the oldest one that it can serve."""

    def __init__(self, oldest: Cursor) -> None:
        super().__init__(f"the log starts after cursor {oldest}: resume from there, or read the history over REST")
        self.oldest = oldest


class LogUnavailable(Exception):
    """The log cannot be written or read now; the same call may succeed later."""


class LogReader(Protocol):
    """Reads on from one place. Not for use by several threads at once."""

    def read(self, *, limit: int, timeout_s: float) -> Sequence[Recorded | Unreadable]:
        """The next records of its topics, in order; waits up to `timeout_s` for the first, then returns what is there.

        Raises CursorTooOld when the place it stands at has been deleted, LogUnavailable when the log cannot be read.
        """
        ...

    @property
    def cursor(self) -> Cursor:
        """The place after all that was read; in a log with one order, past records of other topics too."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class EventLog(Protocol):
    """Facts appended in order within their key, kept until retention says otherwise.

    Delivery is at least once. A reader's position is saved by whoever reads, in the transaction of what it produced
    (`Checkpoints`), so that the effect is exactly once.
    """

    def append(self, events: Sequence[Event]) -> None:
        """Append events, durable when it returns. Nothing is appended when one of them cannot be encoded.

        Raises LogUnavailable: then a log with partitions may hold some of them, and appending all again is right.
        """
        ...

    def value_of(self, event: Event) -> bytes:
        """The bytes that the log keeps for an event. Raises LogUnavailable; anything for an event that cannot be encoded."""
        ...

    def reader(self, topics: Collection[str], *, after: Cursor) -> LogReader:
        """Read `topics` from the place after `after`. Raises InvalidCursor, CursorTooOld."""
        ...

    def head(self) -> Cursor:
        """The place after the newest record."""
        ...

    def oldest(self) -> Cursor:
        """The oldest place that can still be read from."""
        ...

    def before(self, time: datetime) -> Cursor:
        """A place before all that was recorded at `time` or later; what comes after it first may be older.

        Where the log begins later than `time`, its oldest place. Raises LogUnavailable.
        """
        ...


class BoundedLog(EventLog, Protocol):
    """A log that deletes nothing by itself."""

    def delete_before(self, cursor: Cursor) -> None:
        """Delete the records before a place, which becomes the oldest one. Raises InvalidCursor, LogUnavailable."""
        ...
