"""Notification channels: an event-sourced aggregate, where alerts are sent to.

What a channel needs to keep secret (a signing key, a password, an address that holds a token) is in no event.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

from domain.errors import InvalidValue, NotAllowed, NotFound
from domain.event import Event
from domain.numbering import cannot_follow, must_follow
from domain.values import Origin

MOST_RECIPIENTS = 20
_LONGEST_URL = 2_000
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322, 3.2.3
_MAILBOX = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9:](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?", re.ASCII)


class ChannelKind(StrEnum):
    """How a channel reaches people."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    APPRISE = "apprise"


class Security(StrEnum):
    """How a connection to a mail server is protected: TLS from the start, STARTTLS before anything is said, or not."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that gets each alert as a signed POST. Raises InvalidValue for what is none."""

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or len(self.url) > _LONGEST_URL or not self.url.isprintable() or " " in self.url:
            raise InvalidValue("url", "url is not a web address: expected http://… or https://…")
        if "@" in parts.netloc:
            raise InvalidValue("url", "url holds a user name or password: what we send is signed instead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Recipients, and the mail server that takes what is for them. `sender` and `user` may hold no line ends.

    Raises InvalidValue, naming the field.
    """

    to: tuple[str, ...]
    host: str
    port: int
    security: Security
    user: str | None
    sender: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.to) <= MOST_RECIPIENTS:
            raise InvalidValue("to", f"to must name 1 to {MOST_RECIPIENTS} addresses, separated by commas")
        for address in self.to:
            _check_address(address, "to")
        _check_address(self.sender, "from")
        if not _HOST.fullmatch(self.host):
            raise InvalidValue("host", "host is not a mail server's name, such as smtp.example.org")
        if not 1 <= self.port <= 65_535:
            raise InvalidValue("port", f"port is {self.port}: expected 1 to 65535")
        if self.user is not None and (not 1 <= len(self.user) <= 320 or not self.user.isprintable()):
            raise InvalidValue("user", "user must have 1 to 320 printable characters")
        if self.user is not None and self.security is Security.NONE:
            raise InvalidValue("security", "security is none: a password is only sent over tls or starttls")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTerms:
    """Where a channel leads: exactly one of `webhook`, `mailbox`, and apprise's `service` (such as `slack`).

    Raises InvalidValue, naming the field.
    """

    title: str
    webhook: Webhook | None = None
    mailbox: Mailbox | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.title.strip()) <= 200 or not self.title.isprintable():
            raise InvalidValue("name", "name must have 1 to 200 printable characters")
        if sum(target is not None for target in (self.webhook, self.mailbox, self.service)) != 1:
            raise InvalidValue("kind", "a channel leads to one thing: a webhook, mailboxes, or a service")

    @property
    def kind(self) -> ChannelKind:
        """Which of the three it is."""
        if self.webhook:
            return ChannelKind.WEBHOOK
        return ChannelKind.EMAIL if self.mailbox else ChannelKind.APPRISE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(Event):
    """Something that happened to one channel, the `sequence`th thing (from 1) to do so."""

    channel_id: str
    sequence: int

    @property
    def event_id(self) -> str:
        """`channel:ID:2`."""
        return f"channel:{self.channel_id}:{self.sequence}"

    @property
    def key(self) -> str:
        """In order within a channel."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(ChannelEvent):
    """Alerts can be sent there."""

    name: ClassVar[str] = "channel-created"
    terms: ChannelTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged(ChannelEvent):
    """It leads elsewhere, or has other secrets."""

    name: ClassVar[str] = "channel-changed"
    terms: ChannelTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDeleted(ChannelEvent):
    """Nothing is sent there any more."""

    name: ClassVar[str] = "channel-deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel's present state; `version` counts its events."""

    channel_id: str
    terms: ChannelTerms
    deleted: bool
    version: int
    created_at: datetime
    recorded_at: datetime

    def change(self, terms: ChannelTerms, *, now: datetime) -> list[Event]:
        """Lead elsewhere. Raises NotFound for a deleted channel, NotAllowed for another kind."""
        self._must_be_there()
        if terms.kind is not self.terms.kind:
            raise NotAllowed(f"the channel is of kind {self.terms.kind}, and stays so: make another for {terms.kind}")
        return [
            ChannelChanged(
                channel_id=self.channel_id, sequence=self.version + 1, terms=terms,
                occurred_at=now, recorded_at=now, origin=Origin.LIVE,
            )
        ]  # fmt: skip

    def delete(self, *, now: datetime) -> list[Event]:
        """Send nothing there any more. Raises NotFound for a channel that was deleted before."""
        self._must_be_there()
        return [
            ChannelDeleted(
                channel_id=self.channel_id, sequence=self.version + 1,
                occurred_at=now, recorded_at=now, origin=Origin.LIVE,
            )
        ]  # fmt: skip

    def _must_be_there(self) -> None:
        if self.deleted:
            raise NotFound(f"the notification channel '{self.terms.title}' was deleted")


def create_channel(channel_id: str, terms: ChannelTerms, *, now: datetime) -> list[Event]:
    """Begin a channel."""
    return [
        ChannelCreated(
            channel_id=channel_id, sequence=1, terms=terms, occurred_at=now, recorded_at=now, origin=Origin.LIVE
        )
    ]


def evolve_channel(channel: Channel | None, event: Event) -> Channel:
    """Fold one event into a channel's state. Raises BrokenStream for an event that does not come next."""
    version = channel.version if channel else 0
    if isinstance(event, ChannelEvent):
        must_follow(event.name, event.sequence, event.key, version)
    match event:
        case ChannelCreated() if channel is None:
            return Channel(
                channel_id=event.channel_id, terms=event.terms, deleted=False, version=1,
                created_at=event.recorded_at, recorded_at=event.recorded_at,
            )  # fmt: skip
        case ChannelChanged() if channel:
            return replace(channel, terms=event.terms, version=channel.version + 1, recorded_at=event.recorded_at)
        case ChannelDeleted() if channel:
            return replace(channel, deleted=True, version=channel.version + 1, recorded_at=event.recorded_at)
    raise cannot_follow(event.name, "a notification channel", version)


def fold_channel(events: Iterable[Event]) -> Channel | None:
    """The state after all of a channel's events; None without any."""
    channel = None
    for event in events:
        channel = evolve_channel(channel, event)
    return channel


def _check_address(address: str, field: str) -> None:
    if len(address) > _LONGEST_ADDRESS or not _MAILBOX.fullmatch(address):
        raise InvalidValue(field, f"'{address[:60]}' is not a mail address, such as ann@example.org")
