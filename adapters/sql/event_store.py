"""The aggregates' streams. Appending never rewrites: a stream's version is the number of its events."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import Connection, Select, func, insert, select

from adapters.sql.event_json import decode_event, encode_event
from adapters.sql.statements import only_writer_of
from adapters.sql.tables import event_store
from adapters.sql.unit_of_work import UnitOfWork
from application.ports.event_store import UnreadableEvent
from domain.errors import ConcurrencyError
from domain.event import Event
from domain.numbering import BrokenStream
from domain.upcasting import UnknownEvent

log = structlog.get_logger(__name__)


class Streams(UnitOfWork):
    """See application.ports.event_store.EventStore."""

    def load(self, stream: str, *, as_of: datetime | None = None) -> list[Event]:
        """A stream's events in order, those recorded by `as_of` only.

        Raises UnknownEvent for what newer code wrote, BrokenStream where an event is missing.
        """
        query = _known_by(select(event_store).where(event_store.c.stream == stream), as_of)
        return _events(stream, self.connection.execute(query.order_by(event_store.c.version)), as_of)

    def has_streams(self, prefix: str) -> bool:
        """Whether there is a stream whose name starts with `prefix`, be it readable or not."""
        found = self.connection.execute(select(event_store.c.stream).where(_starts_with(prefix)).limit(1))
        return found.first() is not None

    def load_all(self, prefix: str, *, as_of: datetime | None = None) -> dict[str, list[Event]]:
        """All streams whose name starts with `prefix`, in order of their creation."""
        return load_streams(self.connection, prefix, as_of)

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> None:
        """Append to a stream. Raises ConcurrencyError unless the stream has exactly `expected_version` events.

        One transaction at a time appends, so that positions are committed in their order: the relay would never see
        one that became visible after a higher one.
        """
        only_writer_of(self.connection, event_store.name)
        latest = select(func.coalesce(func.max(event_store.c.version), 0)).where(event_store.c.stream == stream)
        version = self.connection.scalar(latest)
        if version != expected_version:
            raise ConcurrencyError(
                f"stream '{stream}' has {version} events, not {expected_version}: somebody else changed it first"
            )
        rows = [
            {
                "stream": stream,
                "version": number,
                "event_id": event.event_id,
                "name": event.name,
                "event_version": event.version,
                "recorded_at": event.recorded_at,
                "origin": event.origin,
                "payload": encode_event(event),
            }
            for number, event in enumerate(events, expected_version + 1)
        ]
        for row in rows:  # one by one: the order of positions must be that of the events
            self.connection.execute(insert(event_store), row)

    def after(self, position: int, *, limit: int) -> list[tuple[int, Event | UnreadableEvent]]:
        """Events of all streams after a position, in the order in which they were committed."""
        at = event_store.c.position
        query = select(event_store).where(at > position).order_by(at).limit(limit)
        return [(row.position, _readable(row)) for row in self.connection.execute(query)]


def load_streams(connection: Connection, prefix: str, as_of: datetime | None) -> dict[str, list[Event]]:
    """All streams whose name starts with `prefix`, in order of their creation.

    One that cannot be read whole (an event of newer code, one that the domain does not take, one that is missing) is left
    out and logged: it must not keep the others from us.
    """
    rows_of: dict[str, list[Any]] = {}
    query = _known_by(select(event_store).where(_starts_with(prefix)), as_of)
    for row in connection.execute(query.order_by(event_store.c.position)):
        rows_of.setdefault(row.stream, []).append(row)
    streams: dict[str, list[Event]] = {}
    for stream, rows in rows_of.items():
        try:
            streams[stream] = _events(stream, rows, as_of)
        except (UnknownEvent, BrokenStream) as error:
            _tell(stream, str(error))
    return streams


def _events(stream: str, rows: Iterable[Any], as_of: datetime | None) -> list[Event]:
    """A stream's events. With `as_of` they end before the first that was recorded later, whatever the clock did then."""
    events: list[Event] = []
    for row in rows:
        if row.version != len(events) + 1:
            if as_of is not None:
                break
            raise BrokenStream(
                f"event {len(events) + 1} of stream '{stream}' is missing: event {row.version} stands there"
            )
        events.append(_to_event(row))
    return events


@lru_cache(maxsize=1024)
def _tell(stream: str, reason: str) -> None:
    """Once a process: streams are read at every question."""
    log.error("a stored stream cannot be read and is left out", stream=stream, reason=reason)


def _starts_with(prefix: str) -> Any:
    # Names compare by bytes on every database, so a range finds a prefix by the index.
    return (event_store.c.stream >= prefix) & (event_store.c.stream < prefix + "\U0010ffff")


def _known_by(query: Select[Any], as_of: datetime | None) -> Select[Any]:
    return query if as_of is None else query.where(event_store.c.recorded_at <= as_of)


def _readable(row: Any) -> Event | UnreadableEvent:
    try:
        return _to_event(row)
    except UnknownEvent as unknown:
        return UnreadableEvent(row.payload.encode("utf-8", "replace"), str(unknown))


def _to_event(row: Any) -> Event:
    return decode_event(row.name, row.event_version, row.payload)
