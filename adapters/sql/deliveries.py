"""Alerts on their way to channels."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from adapters.sql.engine import reading
from adapters.sql.listing import Listing
from adapters.sql.statements import insert_new, upsert
from adapters.sql.tables import alert_data
from adapters.sql.tables import delivery as table
from adapters.sql.unit_of_work import UnitOfWork
from application.ports.deliveries import KnownDelivery
from application.ports.page import Page, Window
from domain.alerting.delivery import Delivery, DeliveryState
from domain.values import Pair

_FIELDS = (
    "alert_id", "channel_id", "state", "attempts", "last_error", "next_try_at", "created_at", "sent_at",
)  # fmt: skip
_NEWEST_FIRST = Listing("deliveries", table, table.c.created_at, (table.c.alert_id, table.c.channel_id))


class DeliveryWrites(UnitOfWork):
    """See application.ports.deliveries.Deliveries."""

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Add deliveries, but those that are there already."""
        insert_new(self.connection, table, [_row(delivery) for delivery in deliveries])

    def delivery(self, alert_id: str, channel_id: str) -> Delivery | None:
        """One of them."""
        query = select(table).where(table.c.alert_id == alert_id, table.c.channel_id == channel_id)
        row = self.connection.execute(query).one_or_none()
        return None if row is None else _delivery(row)

    def claim_delivery(self, channel_id: str, *, now: datetime, until: datetime) -> Delivery | None:
        """The channel's oldest delivery that is due, its attempt counted; nobody else gets it before `until`.

        Its `next_try_at` says since when it was due.
        """
        query = (
            select(table)
            .where(*_due(now), table.c.channel_id == channel_id)
            .order_by(table.c.created_at, table.c.alert_id)
            .limit(1)
            .with_for_update(skip_locked=True)  # on PostgreSQL; SQLite has one writer
        )
        row = self.connection.execute(query).one_or_none()
        if row is None:
            return None
        claimed = replace(_delivery(row), attempts=row.attempts + 1)
        self.put_delivery(replace(claimed, next_try_at=until))
        return claimed

    def put_delivery(self, delivery: Delivery) -> None:
        """Replace a delivery by its present state."""
        upsert(self.connection, table, [_row(delivery)])


class SqlDeliveryReads:
    """See application.ports.deliveries.DeliveryReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def deliveries(self, window: Window, *, state: DeliveryState | None = None) -> Page[KnownDelivery]:
        """Newest first by when they were made."""
        query = select(table, alert_data.c.pair, alert_data.c.kind).select_from(
            table.outerjoin(alert_data, alert_data.c.alert_id == table.c.alert_id)
        )
        if state is not None:
            query = query.where(table.c.state == state)
        with reading(self._engine) as connection:
            return _NEWEST_FIRST.page(connection, query, window, _known)

    def due_channels(self, now: datetime) -> list[str]:
        """The channels that have deliveries to be tried now."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(table.c.channel_id).where(*_due(now)).distinct()))


def _due(now: datetime) -> tuple[Any, ...]:
    return (table.c.state == DeliveryState.PENDING, table.c.next_try_at <= now)


def _row(delivery: Delivery) -> dict[str, object]:
    return {field: getattr(delivery, field) for field in _FIELDS}


def _delivery(row: Any) -> Delivery:
    fields = {field: getattr(row, field) for field in _FIELDS if field != "state"}
    return Delivery(state=DeliveryState(row.state), **fields)


def _known(row: Any) -> KnownDelivery:
    return KnownDelivery(_delivery(row), None if row.pair is None else Pair(row.pair), row.kind)
