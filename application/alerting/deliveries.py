"""What people do with deliveries."""

from application.ports.clock import Clock
from application.ports.deliveries import DeliveryStore, KnownDelivery
from domain.alerting.alert import fold_alert
from domain.errors import NotFound


class DeliveryCommands:
    """Deliveries lie in the session's store, beside their alerts."""

    def __init__(self, store: DeliveryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def retry(self, alert_id: str, channel_id: str) -> KnownDelivery:
        """Try now, whatever went wrong. Raises NotFound, or NotAllowed for one that was sent."""
        with self._store.begin() as tx:
            delivery = tx.delivery(alert_id, channel_id)
            if delivery is None:
                raise NotFound(f"there is no delivery '{alert_id[:40]}-{channel_id[:40]}'")
            again = delivery.again(now=self._clock.now())
            tx.put_delivery(again)
            alert = fold_alert(tx.load(f"alert:{alert_id}"))
        return KnownDelivery(again, alert.raised.pair if alert else None, alert.raised.kind if alert else None)
