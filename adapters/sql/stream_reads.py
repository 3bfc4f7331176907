"""Looking through the event store, stream by stream."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, select

from adapters.sql.engine import reading
from adapters.sql.listing import Listing
from adapters.sql.page_cursor import decode_cursor, encode_cursor
from adapters.sql.tables import event_store
from application.ports.page import Page, Window
from application.ports.stream_reads import StoredEvent, StreamFound

_STREAMS = Listing("streams", event_store, event_store.c.recorded_at, (event_store.c.stream,))
_EVENTS = "stream-events"


class SqlStreamReads:
    """See application.ports.stream_reads.StreamReads.

    Over several databases at once where streams lie apart: a session's, and the house's.
    """

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = engines

    def streams(self, window: Window, *, prefix: str = "") -> Page[StreamFound]:
        """Streams whose names begin with `prefix`, by their last event, newest first."""
        later = event_store.alias()
        is_last = ~select(later.c.version).where(
            later.c.stream == event_store.c.stream, later.c.version > event_store.c.version
        ).exists()  # fmt: skip
        query = select(event_store.c.stream, event_store.c.version, event_store.c.recorded_at).where(is_last)
        if prefix:
            # Names compare by bytes on every database, so a range finds a prefix by the index.
            query = query.where(event_store.c.stream >= prefix, event_store.c.stream < prefix + "\U0010ffff")
        query = _STREAMS.within(query, window)
        rows: list[Any] = []
        for engine in self._engines:
            with reading(engine) as connection:
                rows += connection.execute(query)
        rows.sort(key=lambda row: (row.recorded_at, row.stream), reverse=True)
        return _STREAMS.cut(rows, window, lambda row: StreamFound(row.stream, row.version, row.recorded_at))

    def events(self, stream: str, window: Window) -> Page[StoredEvent]:
        """A stream's events, newest first; none where there is no such stream."""
        query = select(event_store).where(event_store.c.stream == stream)
        if window.cursor is not None:
            query = query.where(event_store.c.version < decode_cursor(window.cursor, _EVENTS, int)[0])
        query = query.order_by(event_store.c.version.desc()).limit(window.limit + 1)
        for engine in self._engines:
            with reading(engine) as connection:
                rows = connection.execute(query).all()
            if rows:
                return _page(rows, window.limit)
        return Page([])


def _page(rows: Sequence[Any], limit: int) -> Page[StoredEvent]:
    cursor = encode_cursor(_EVENTS, rows[limit - 1].version) if len(rows) > limit else None
    return Page([_event(row) for row in rows[:limit]], cursor)


def _event(row: Any) -> StoredEvent:
    return StoredEvent(
        version=row.version, name=row.name, event_version=row.event_version, recorded_at=row.recorded_at,
        origin=row.origin, payload=row.payload,
    )  # fmt: skip
