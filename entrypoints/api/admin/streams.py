"""The event store. Users' passwords, keys' hashes and channels' secrets are in no event."""

from typing import Annotated

from litestar import Controller
from litestar.params import FromPath, QueryParameter

from application.ports.page import Window
from domain.errors import NotFound
from entrypoints.api.params import Limit, PageCursor, Session, read_text
from entrypoints.api.routes import read
from entrypoints.api.rows.operations import StoredEventPage, StreamPage, stored_event_row, stream_row

Prefix = Annotated[str | None, QueryParameter(description="How the name begins: alert:, rule:, channel:, audit:")]


class StreamController(Controller):
    """Streams of events."""

    path = "/admin/streams"
    tags = ["operations"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="The event store's streams")
    def streams(
        self, services: Session, prefix: Prefix = None, limit: Limit = 100, cursor: PageCursor = None
    ) -> StreamPage:
        """By their last event, newest first: the session's, and those that outlive it."""
        window = Window(limit=limit, cursor=read_text(cursor, "cursor"))
        page = services.operations.streams.streams(window, prefix=read_text(prefix, "prefix") or "")
        return StreamPage([stream_row(found) for found in page.items], page.next_cursor)

    @read("/{stream:str}", summary="The events of a stream")
    def events(
        self, services: Session, stream: FromPath[str], limit: Limit = 100, cursor: PageCursor = None
    ) -> StoredEventPage:
        """Newest first, as they are stored."""
        page = services.operations.streams.events(stream, Window(limit=limit, cursor=read_text(cursor, "cursor")))
        if not page.items and cursor is None:
            raise NotFound(f"there is no stream '{stream[:80]}'")
        return StoredEventPage([stored_event_row(event) for event in page.items], page.next_cursor)
