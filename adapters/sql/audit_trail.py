"""The audit trail: events in the event store, and rows to look them up by."""

from typing import Any

from sqlalchemy import Engine, func, select

from adapters.sql.engine import reading, writing
from adapters.sql.event_store import Streams
from adapters.sql.house_tables import audit_entry
from adapters.sql.listing import Listing
from adapters.sql.statements import only_writer_of, upsert
from adapters.sql.tables import event_store
from application.ports.page import Page, Window
from domain.access.audit import CommandAudited
from domain.values import Origin

_NEWEST_FIRST = Listing("audit", audit_entry, audit_entry.c.recorded_at, (audit_entry.c.event_id,))
_FIELDS = ("actor", "action", "target", "detail", "outcome", "address")


class SqlAuditTrail:
    """See application.ports.audit_trail.AuditTrail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, event: CommandAudited) -> None:
        """Append to the day's stream, after whatever is there: nothing is decided on what stands before."""
        stream = event.key
        with writing(self._engine) as connection:
            only_writer_of(connection, event_store.name)
            latest = select(func.coalesce(func.max(event_store.c.version), 0)).where(event_store.c.stream == stream)
            Streams(connection).append(stream, [event], expected_version=connection.scalar(latest) or 0)
            row = {field: getattr(event, field) for field in _FIELDS}
            upsert(connection, audit_entry, [row | {"event_id": event.event_id, "recorded_at": event.recorded_at}])

    def entries(self, window: Window, *, actor: str | None = None, action: str | None = None) -> Page[CommandAudited]:
        """Newest first; `action` is how it begins."""
        query = select(audit_entry)
        if actor is not None:
            query = query.where(audit_entry.c.actor == actor)
        if action is not None:
            # Names compare by bytes on every database, so a range finds a prefix.
            query = query.where(audit_entry.c.action >= action, audit_entry.c.action < action + "\U0010ffff")
        with reading(self._engine) as connection:
            return _NEWEST_FIRST.page(connection, query, window, _to_event)


def _to_event(row: Any) -> CommandAudited:
    return CommandAudited(
        audit_id=row.event_id.removeprefix("audit:"), occurred_at=row.recorded_at, recorded_at=row.recorded_at, origin=Origin.LIVE,
        **{field: getattr(row, field) for field in _FIELDS},
    )  # fmt: skip
