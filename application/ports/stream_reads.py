"""Port: looking through the event store, stream by stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.page import Page, Window


@dataclass(frozen=True, slots=True)
class StreamFound:
    """A stream: how many events it has, and when the last one was recorded."""

    stream: str
    version: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is stored, also one that this version of the code cannot read. `payload` is JSON text."""

    version: int
    name: str
    event_version: int
    recorded_at: datetime
    origin: str
    payload: str


class StreamReads(Protocol):
    """Both raise StoreUnavailable, and InvalidPageCursor for a cursor of another list."""

    def streams(self, window: Window, *, prefix: str = "") -> Page[StreamFound]:
        """Streams whose names begin with `prefix`, by their last event, newest first."""
        ...

    def events(self, stream: str, window: Window) -> Page[StoredEvent]:
        """A stream's events, newest first; none where there is no such stream."""
        ...
