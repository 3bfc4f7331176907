"""What queries read of alerts, and the streams of rules and watchlist."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, select

from adapters.sql.alert_rows import to_alert
from adapters.sql.engine import reading
from adapters.sql.event_json import decode_event
from adapters.sql.event_store import load_streams
from adapters.sql.listing import Listing
from adapters.sql.statements import chunks
from adapters.sql.tables import alert_data, event_store
from application.ports.page import Page, Window
from domain.alerting.alert import Alert, AlertStatus, evolve_alert
from domain.event import Event
from domain.numbering import BrokenStream
from domain.upcasting import UnknownEvent
from domain.values import Pair

log = structlog.get_logger(__name__)

_NEWEST_FIRST = Listing("alerts", alert_data, alert_data.c.timestamp, (alert_data.c.alert_id,))


class SqlAlertReads:
    """See application.ports.alert_reads.AlertReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def alerts(
        self,
        window: Window,
        *,
        status: AlertStatus | None = None,
        pair: Pair | None = None,
        now: datetime | None = None,
    ) -> Page[Alert]:
        """Alerts by the time of the trade that triggered them; see the port."""
        query = select(alert_data)
        if pair is not None:
            query = query.where(alert_data.c.pair == pair)
        with reading(self._engine) as connection:
            if window.as_of is not None:
                return _page_as_of(connection, query, window, window.as_of, status)
            if status is not None:
                query = query.where(_has_status(status, now))
            page = _NEWEST_FIRST.page(connection, query, window, to_alert)
            return page if now is None else Page([alert.at(now) for alert in page.items], page.next_cursor)

    def streams(self, prefix: str, *, as_of: datetime | None = None) -> dict[str, list[Event]]:
        """The event store's streams whose name starts with `prefix`, in order of their creation."""
        with reading(self._engine) as connection:
            return load_streams(connection, prefix, as_of)


def _has_status(status: AlertStatus, now: datetime | None) -> Any:
    table = alert_data.c
    if now is None or status not in (AlertStatus.SILENCED, AlertStatus.RAISED):
        return table.status == status
    is_silenced = table.status == AlertStatus.SILENCED
    if status is AlertStatus.SILENCED:
        return is_silenced & (table.silenced_until > now)
    return (table.status == status) | (is_silenced & (table.silenced_until <= now))


def _page_as_of(
    connection: Connection, query: Any, window: Window, as_of: datetime, status: AlertStatus | None
) -> Page[Alert]:
    """The status of then is in the streams alone: read on until the page is full of alerts that had it."""
    alerts: list[Alert] = []
    cursors: list[str] = []
    while True:
        rows = connection.execute(_NEWEST_FIRST.within(query, window)).all()
        more = len(rows) > window.limit
        rows = rows[: window.limit]
        for row, then in zip(rows, _as_they_were(connection, rows, as_of), strict=True):
            alert = then.at(as_of)
            if status is None or alert.status is status:
                alerts.append(alert)
                cursors.append(_NEWEST_FIRST.cursor_after(row))
        if len(alerts) > window.limit:
            return Page(alerts[: window.limit], cursors[window.limit - 1])
        if not more:
            return Page(alerts)
        window = replace(window, cursor=_NEWEST_FIRST.cursor_after(rows[-1]))


def _as_they_were(connection: Connection, rows: Any, as_of: datetime) -> list[Alert]:
    changed_later = [f"alert:{row.alert_id}" for row in rows if row.changed_at > as_of]
    folded: dict[str, Alert | None] = {}
    for chunk in chunks(changed_later):
        query = select(event_store).where(event_store.c.stream.in_(chunk), event_store.c.recorded_at <= as_of)
        for row in connection.execute(query.order_by(event_store.c.stream, event_store.c.version)):
            try:
                event = decode_event(row.name, row.event_version, row.payload)
                folded[row.stream] = evolve_alert(folded.get(row.stream), event)
            except (UnknownEvent, BrokenStream) as error:  # the alert's stream alone: it is as it was before
                log.error("an alert's past cannot be read whole", stream=row.stream, reason=str(error))  # noqa: TRY400
    return [folded.get(f"alert:{alert.raised.alert_id}") or _at_first(alert, as_of) for alert in map(to_alert, rows)]


def _at_first(alert: Alert, as_of: datetime) -> Alert:
    return alert if alert.recorded_at <= as_of else evolve_alert(None, alert.raised)
