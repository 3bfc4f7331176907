"""Notification channels, and what became of each alert that was sent over them."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody, QueryParameter

from application.ports.notifier import NotDelivered
from application.ports.page import Window
from domain.alerting.channel import ChannelKind, ChannelTerms, Mailbox, Security, Webhook
from domain.alerting.delivery import DeliveryState
from domain.errors import InvalidValue
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.needs import Need
from entrypoints.api.house import House
from entrypoints.api.params import Limit, OfHouse, PageCursor, Session, page_of, read_text
from entrypoints.api.routes import change, command, create, read, remove
from entrypoints.api.rows.channels import (
    ChannelPage,
    ChannelRow,
    DeliveryPage,
    DeliveryRow,
    TrialRow,
    channel_row,
    delivery_row,
)

StateQuery = Annotated[str | None, QueryParameter(name="state", schema_extra={"enum": list(DeliveryState)})]
_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}  # RFC 8314, RFC 6409, RFC 5321


class ChannelBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A channel; what it has depends on its `kind`.

    `webhook`: `url`, and `signing_key` (`whsec_…`; left out, one is made). `email`: `to` (addresses, separated by
    commas), `host`, `port`, `security` (tls, starttls, none), `from`, and where the server wants them `user` and
    `password`. `apprise`: `url`, as apprise documents it for the service. What is secret is never answered.
    """

    name: str
    kind: ChannelKind
    url: str | None = None
    signing_key: str | None = None
    to: str | None = None
    host: str | None = None
    port: int | None = None
    security: Security = Security.STARTTLS
    user: str | None = None
    password: str | None = None
    from_: str | None = msgspec.field(name="from", default=None)


class ChannelController(Controller):
    """Notification channels."""

    path = "/admin/channels"
    tags = ["notifications"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Notification channels")
    def channels(self, house: OfHouse, limit: Limit = 100, cursor: PageCursor = None) -> ChannelPage:
        """Newest first, without their secrets."""
        page = page_of(house.channels.all()[::-1], limit, read_text(cursor, "cursor"))
        return ChannelPage([channel_row(channel) for channel in page.items], page.next_cursor)

    @create(summary="Make a notification channel", opt={"needs": Need.ADMIN})
    def create_channel(
        self, request: Request[Any, Any, Any], house: OfHouse, data: JSONBody[ChannelBody]
    ) -> ChannelRow:
        """A webhook's `signing_key` is shown in this answer alone."""
        made = house.channels.create(*_read(data, None))
        audited(request, target=made.channel.channel_id, detail=made.channel.terms.title)
        return channel_row(made.channel, made.signing_key)

    @change("/{channel_id:str}", summary="Change a notification channel", opt={"needs": Need.ADMIN})
    def change_channel(
        self, request: Request[Any, Any, Any], house: OfHouse, channel_id: FromPath[str], data: JSONBody[ChannelBody]
    ) -> ChannelRow:
        """What is secret and left out stays; the kind cannot change."""
        terms, secret = _read(data, house.channels.one(channel_id).terms)
        audited(request, target=channel_id, detail=terms.title)
        return channel_row(house.channels.change(channel_id, terms, secret))

    @remove("/{channel_id:str}", summary="Delete a notification channel", opt={"needs": Need.ADMIN})
    def delete_channel(self, house: OfHouse, channel_id: FromPath[str]) -> None:
        """With its secret; what was still to be sent over it fails."""
        house.channels.delete(channel_id)

    @command("/{channel_id:str}/test", summary="Send a test message", opt={"needs": Need.ADMIN})
    def test(self, services: Session, house: OfHouse, channel_id: FromPath[str]) -> TrialRow:
        """Now, and once: the answer says whether the receiver took it."""
        try:
            house.channels.test(channel_id, services.origin)
        except NotDelivered as refused:
            return TrialRow(delivered=False, detail=str(refused))
        return TrialRow(delivered=True, detail=None)


class DeliveryController(Controller):
    """What became of each alert that was sent over channels."""

    path = "/admin/deliveries"
    tags = ["notifications"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Deliveries of alerts")
    def deliveries(
        self,
        services: Session,
        house: OfHouse,
        having: StateQuery = None,
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> DeliveryPage:
        """Newest first, of the present session."""
        window = Window(limit=limit, cursor=read_text(cursor, "cursor"))
        page = services.deliveries.deliveries(window, state=_read_state(having))
        names = _names(house)
        rows = [delivery_row(known, names.get(known.delivery.channel_id, "")) for known in page.items]
        return DeliveryPage(rows, page.next_cursor)

    @command("/{delivery_id:str}/retry", summary="Try a delivery now")
    def retry(self, services: Session, house: OfHouse, delivery_id: FromPath[str]) -> DeliveryRow:
        """Whatever went wrong before; one that was sent answers 409."""
        alert_id, _, channel_id = delivery_id.rpartition("-")
        known = services.delivery_commands.retry(alert_id, channel_id)
        return delivery_row(known, _names(house).get(channel_id, ""))


def _names(house: House) -> dict[str, str]:
    """Of deleted channels too."""
    return {channel.channel_id: channel.terms.title for channel in house.channels.ever()}


def _read_state(text: str | None) -> DeliveryState | None:
    if text is None:
        return None
    try:
        return DeliveryState(text)
    except ValueError:
        known = ", ".join(state.value for state in DeliveryState)
        raise InvalidValue("state", f"state '{text[:20]}' is unknown: expected one of {known}") from None


def _read(body: ChannelBody, present: ChannelTerms | None) -> tuple[ChannelTerms, str | None]:
    """The channel, and its secret where one is given. Raises InvalidValue, naming the field."""
    _only_its_own(body)
    match body.kind:
        case ChannelKind.WEBHOOK:
            return ChannelTerms(title=body.name, webhook=Webhook(url=_needed(body.url, "url"))), body.signing_key
        case ChannelKind.EMAIL:
            return ChannelTerms(title=body.name, mailbox=_mailbox(body)), body.password
        case ChannelKind.APPRISE if body.url is None and present and present.service:
            return ChannelTerms(title=body.name, service=present.service), None
    url = _needed(body.url, "url")
    return ChannelTerms(title=body.name, service=url.partition("://")[0].lower()), url


def _mailbox(body: ChannelBody) -> Mailbox:
    return Mailbox(
        to=tuple(address.strip() for address in _needed(body.to, "to").split(",")),
        host=_needed(body.host, "host"),
        port=_PORTS[body.security] if body.port is None else body.port,
        security=body.security,
        user=body.user,
        sender=_needed(body.from_, "from"),
    )


_OWN = {
    ChannelKind.WEBHOOK: {"url", "signing_key"},
    ChannelKind.EMAIL: {"to", "host", "port", "user", "password", "from"},
    ChannelKind.APPRISE: {"url"},
}


def _only_its_own(body: ChannelBody) -> None:
    given = msgspec.to_builtins(body)
    for field in sorted(set().union(*_OWN.values()) - _OWN[body.kind]):
        if given[field] is not None:
            raise InvalidValue(field, f"{field} must be left out: a channel of kind {body.kind} has none")


def _needed(text: str | None, field: str) -> str:
    if not text:
        raise InvalidValue(field, f"{field} is missing: this kind of channel needs it")
    return text
