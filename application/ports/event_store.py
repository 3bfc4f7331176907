"""Port: the event store, the streams of the aggregates. Part of a store's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.event import Event


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """A stored event that this version cannot read: its fields as they are stored, and why."""

    payload: bytes
    reason: str


class EventStore(Protocol):
    """Streams of events, each with its version: the number of its events."""

    def load(self, stream: str, *, as_of: datetime | None = None) -> list[Event]:
        """A stream's events in order, those recorded by `as_of` only; empty where there is no such stream.

        Raises UnknownEvent or BrokenStream (both NotAllowed) for a stream that cannot be read whole.
        """
        ...

    def load_all(self, prefix: str, *, as_of: datetime | None = None) -> dict[str, list[Event]]:
        """All streams whose name starts with `prefix`, such as `rule:`, in order of their creation.

        Those that cannot be read whole are left out and told.
        """
        ...

    def has_streams(self, prefix: str) -> bool:
        """Whether there is a stream whose name starts with `prefix`, be it readable or not."""
        ...

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> None:
        """Append to a stream. Raises ConcurrencyError unless the stream has exactly `expected_version` events."""
        ...

    def after(self, position: int, *, limit: int) -> list[tuple[int, Event | UnreadableEvent]]:
        """Events of all streams after a position, in the order in which they were committed: what the relay reads."""
        ...
