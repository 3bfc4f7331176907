"""One alert on its way to one channel: tried until it is sent, or until that has failed for a day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import NotAllowed

TOO_OLD = timedelta(hours=1)
"""Alerts of what happened longer ago are not sent any more, nor what was due longer ago: a move of an hour ago is no alarm."""

GIVE_UP_AFTER = timedelta(days=1)
_MINUTE, _HOUR = 60, 3_600
# The last try comes 23.6 hours after the first.
_WAITS_S = (1, 5, 30, 5 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 8 * _HOUR, 8 * _HOUR)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`attempts` counts those that have begun. `last_error` says why it is not sent yet, failed or was skipped."""

    alert_id: str
    channel_id: str
    state: DeliveryState
    attempts: int = 0
    last_error: str | None = None
    next_try_at: datetime | None = None
    created_at: datetime
    sent_at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody could try for more than an hour when it was due, as while nothing ran."""
        return self.next_try_at is not None and now - self.next_try_at > TOO_OLD

    def sent(self, *, now: datetime) -> "Delivery":
        """The channel has taken it."""
        return replace(self, state=DeliveryState.SENT, next_try_at=None, last_error=None, sent_at=now)

    def refused(self, reason: str, *, now: datetime, rest_s: float = 0) -> "Delivery":
        """An attempt went wrong: the next one is due after growing waits, and not before `rest_s` seconds.

        It has failed where that would be more than a day after the delivery was made.
        """
        wait_s = max(_WAITS_S[min(max(self.attempts, 1), len(_WAITS_S)) - 1], rest_s)
        next_try_at = now + timedelta(seconds=wait_s)
        if next_try_at - self.created_at > GIVE_UP_AFTER:
            return self.failed(reason)
        return replace(self, state=DeliveryState.PENDING, last_error=reason, next_try_at=next_try_at)

    def failed(self, reason: str) -> "Delivery":
        """It is not tried any more."""
        return replace(self, state=DeliveryState.FAILED, last_error=reason, next_try_at=None)

    def skipped(self, reason: str) -> "Delivery":
        """It shall not be sent."""
        return replace(self, state=DeliveryState.SKIPPED, last_error=reason, next_try_at=None)

    def again(self, *, now: datetime) -> "Delivery":
        """Try now, whatever went wrong; more than a day after it was made, once. Raises NotAllowed for one that was sent."""
        if self.state is DeliveryState.SENT:
            raise NotAllowed("the delivery was sent already: its channel would get the alert twice")
        return replace(self, state=DeliveryState.PENDING, next_try_at=now)


def new_delivery(alert_id: str, channel_id: str, *, occurred_at: datetime, now: datetime) -> Delivery:
    """Due at once; skipped where what the alert is about happened more than an hour ago."""
    delivery = Delivery(
        alert_id=alert_id, channel_id=channel_id, state=DeliveryState.PENDING, created_at=now, next_try_at=now
    )
    if now - occurred_at > TOO_OLD:
        return delivery.skipped("the alert was more than an hour old when it could have been sent")
    return delivery
