"""Port: alerts on their way to channels, kept in the session's store beside the alerts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.checkpoints import Checkpoints
from application.ports.event_store import EventStore
from application.ports.page import Page, Window
from domain.alerting.delivery import Delivery, DeliveryState
from domain.values import Pair


class Deliveries(Protocol):
    """One delivery for each alert and channel."""

    def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Add deliveries, but those that are there already."""
        ...

    def delivery(self, alert_id: str, channel_id: str) -> Delivery | None:
        """One of them."""
        ...

    def claim_delivery(self, channel_id: str, *, now: datetime, until: datetime) -> Delivery | None:
        """The channel's oldest delivery that is due, its attempt counted; nobody else gets it before `until`.

        Its `next_try_at` says since when it was due.
        """
        ...

    def put_delivery(self, delivery: Delivery) -> None:
        """Replace a delivery by its present state."""
        ...


class NotifyingTransaction(EventStore, Checkpoints, Deliveries, Protocol):
    """One unit of work."""

    def savepoint(self) -> AbstractContextManager[None]:
        """See application.ports.store.Transaction."""
        ...


class DeliveryStore(Protocol):
    """Hands out transactions, one writer at a time."""

    def begin(self) -> AbstractContextManager[NotifyingTransaction]:
        """Committed when the block ends, rolled back when it raises. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class KnownDelivery:
    """A delivery, and of what: None where the alert's row has expired."""

    delivery: Delivery
    pair: Pair | None
    kind: str | None


class DeliveryReads(Protocol):
    """What queries read of deliveries. Safe for several threads."""

    def deliveries(self, window: Window, *, state: DeliveryState | None = None) -> Page[KnownDelivery]:
        """Newest first by when they were made."""
        ...

    def due_channels(self, now: datetime) -> list[str]:
        """The channels that have deliveries to be tried now."""
        ...
