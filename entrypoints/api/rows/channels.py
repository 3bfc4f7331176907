"""Rows of notification channels and deliveries. Secrets are in none of them."""

import msgspec

from application.ports.deliveries import KnownDelivery
from domain.alerting.channel import Channel, ChannelKind, Security
from domain.alerting.delivery import DeliveryState
from domain.values import rfc3339
from entrypoints.api.rows.times import rfc3339_or_null


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One channel; of `url` (webhook), `to` to `from` (email) and `service` (apprise) what its kind has, else null.

    `signing_key` is what a webhook's requests are signed with: shown where we made it, in the answer to that, else null.
    """

    id: str
    name: str
    kind: ChannelKind
    url: str | None
    to: str | None
    host: str | None
    port: int | None
    security: Security | None
    user: str | None
    from_: str | None = msgspec.field(name="from")
    service: str | None
    signing_key: str | None
    version: int
    created_at: str
    recorded_at: str


class ChannelPage(msgspec.Struct, frozen=True):
    """Channels, newest first."""

    items: list[ChannelRow]
    next_cursor: str | None


class TrialRow(msgspec.Struct, frozen=True):
    """Whether the test message was taken, and if not, why."""

    delivered: bool
    detail: str | None


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on its way to one channel. `channel` is its name; `last_error` says why it is not sent (yet).

    `pair` and `kind` are the alert's, null where its row has expired.
    """

    id: str
    alert_id: str
    channel_id: str
    channel: str
    pair: str | None
    kind: str | None
    state: DeliveryState
    attempts: int
    last_error: str | None
    next_try_at: str | None
    created_at: str
    sent_at: str | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """Deliveries, newest first by when they were made."""

    items: list[DeliveryRow]
    next_cursor: str | None


def channel_row(channel: Channel, signing_key: str | None = None) -> ChannelRow:
    """A channel's state as a row."""
    terms = channel.terms
    mailbox = terms.mailbox
    return ChannelRow(
        id=channel.channel_id,
        name=terms.title,
        kind=terms.kind,
        url=terms.webhook.url if terms.webhook else None,
        to=", ".join(mailbox.to) if mailbox else None,
        host=mailbox.host if mailbox else None,
        port=mailbox.port if mailbox else None,
        security=mailbox.security if mailbox else None,
        user=mailbox.user if mailbox else None,
        from_=mailbox.sender if mailbox else None,
        service=terms.service,
        signing_key=signing_key,
        version=channel.version,
        created_at=rfc3339(channel.created_at),
        recorded_at=rfc3339(channel.recorded_at),
    )


def delivery_row(known: KnownDelivery, channel: str) -> DeliveryRow:
    """A delivery as a row."""
    delivery = known.delivery
    return DeliveryRow(
        id=f"{delivery.alert_id}-{delivery.channel_id}",
        alert_id=delivery.alert_id,
        channel_id=delivery.channel_id,
        channel=channel,
        pair=None if known.pair is None else str(known.pair),
        kind=known.kind,
        state=delivery.state,
        attempts=delivery.attempts,
        last_error=delivery.last_error,
        next_try_at=rfc3339_or_null(delivery.next_try_at),
        created_at=rfc3339(delivery.created_at),
        sent_at=rfc3339_or_null(delivery.sent_at),
    )
