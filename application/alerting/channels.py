"""Notification channels: made, changed, deleted, tried, and sent over."""

import base64
import secrets
import threading
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from application.alerting.message import trial_message
from application.ports.alert_reads import AlertReads
from application.ports.channel_store import ChannelStore, ChannelTransaction
from application.ports.clock import Clock
from application.ports.notifier import Message, Notifier
from application.streams import folded
from domain.alerting.channel import Channel, ChannelKind, ChannelTerms, create_channel, evolve_channel, fold_channel
from domain.errors import InvalidValue, NotFound
from domain.event import Event
from domain.values import Origin

_STREAM = "channel:"


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel that was made just now; `signing_key` is what a webhook's requests are signed with, shown this once."""

    channel: Channel
    signing_key: str | None


class Channels:
    """Channels live in the house database: they outlive sessions. Secrets go in, and out to the notifier alone."""

    def __init__(self, store: ChannelStore, streams: AlertReads, clock: Clock, notifier: Notifier) -> None:
        self._store = store
        self._streams = streams
        self._clock = clock
        self._notifier = notifier
        self._never = threading.Event()

    def all(self) -> list[Channel]:
        """Those that were not deleted, in the order of their creation."""
        return [channel for channel in self.ever() if not channel.deleted]

    def ever(self) -> list[Channel]:
        """Deleted ones too."""
        return folded(self._streams.streams(_STREAM), fold_channel)

    def must_be_there(self, channel_ids: Collection[str]) -> None:
        """Raises InvalidValue, naming the first of these that is no channel, or no more."""
        known = {channel.channel_id for channel in self.all()} if channel_ids else set()
        for channel_id in channel_ids:
            if channel_id not in known:
                raise InvalidValue("notify", f"there is no notification channel '{channel_id[:40]}'")

    def create(self, terms: ChannelTerms, secret: str | None) -> NewChannel:
        """Make a channel. A webhook without a key gets a new one. Raises InvalidValue, also for a name that one has."""
        self._must_be_free(terms.title)
        made = None
        if terms.kind is ChannelKind.WEBHOOK and secret is None:
            secret = made = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        self._notifier.check(terms, secret, self._never)
        channel_id = uuid.uuid4().hex[:12]
        events = create_channel(channel_id, terms, now=self._clock.now())
        with self._store.begin() as tx:
            tx.append(_STREAM + channel_id, events, expected_version=0)
            if secret is not None:
                tx.put_channel_secret(channel_id, secret)
        return NewChannel(evolve_channel(None, events[0]), made)

    def change(self, channel_id: str, terms: ChannelTerms, secret: str | None) -> Channel:
        """Lead elsewhere; without a new secret the channel keeps its own.

        Raises NotFound, NotAllowed for another kind, and InvalidValue also where a kept password would go to another
        server than it was given for.
        """
        self._must_be_free(terms.title, but_for=channel_id)
        if secret is None:
            with self._store.begin() as tx:
                secret = _still_fit(self.one(channel_id).terms, terms, tx.channel_secret(channel_id))
        self._notifier.check(terms, secret, self._never)

        def keep(tx: ChannelTransaction) -> None:
            if secret is None:
                tx.delete_channel_secret(channel_id)
            else:
                tx.put_channel_secret(channel_id, secret)

        return self._on(channel_id, lambda channel: channel.change(terms, now=self._clock.now()), keep)

    def delete(self, channel_id: str) -> None:
        """Send nothing there any more, and forget its secret. Raises NotFound."""
        self._on(
            channel_id,
            lambda channel: channel.delete(now=self._clock.now()),
            lambda tx: tx.delete_channel_secret(channel_id),
        )

    def one(self, channel_id: str) -> Channel:
        """A channel by its id. Raises NotFound for one that was deleted, too."""
        channel = fold_channel(self._streams.streams(_STREAM + channel_id).get(_STREAM + channel_id, []))
        if channel is None or channel.deleted:
            raise NotFound(f"there is no notification channel '{channel_id[:40]}'")
        return channel

    def test(self, channel_id: str, origin: Origin) -> None:
        """Send a test message now. Raises NotFound, NotDelivered."""
        self.send(channel_id, trial_message(f"test-{uuid.uuid4().hex[:12]}", origin), self._never)

    def send(self, channel_id: str, message: Message, stop: threading.Event) -> None:
        """Send once. Raises NotFound, NotDelivered."""
        channel, secret = self._with_secret(channel_id)
        self._notifier.send(channel.terms, secret, message, stop)

    def _with_secret(self, channel_id: str) -> tuple[Channel, str | None]:
        """A channel and its secret of the same moment: a new password never goes to the server of before."""
        channel = self.one(channel_id)
        while True:
            with self._store.begin() as tx:
                secret = tx.channel_secret(channel_id)
            seen, channel = channel, self.one(channel_id)
            if channel.version == seen.version:
                return channel, secret

    def _must_be_free(self, name: str, but_for: str | None = None) -> None:
        if any(channel.terms.title == name and channel.channel_id != but_for for channel in self.all()):
            raise InvalidValue("name", f"a channel is named '{name}' already: choose another name")

    def _on(
        self,
        channel_id: str,
        decide: Callable[[Channel], list[Event]],
        keep: Callable[[ChannelTransaction], None],
    ) -> Channel:
        stream = _STREAM + channel_id
        with self._store.begin() as tx:
            channel = fold_channel(tx.load(stream))
            if channel is None:
                raise NotFound(f"there is no notification channel '{channel_id[:40]}'")
            events = decide(channel)
            tx.append(stream, events, expected_version=channel.version)
            keep(tx)
        for event in events:
            channel = evolve_channel(channel, event)
        return channel


def _still_fit(present: ChannelTerms, wanted: ChannelTerms, secret: str | None) -> str | None:
    """The secret, where it is still needed. Raises InvalidValue for a password that would go where it did not go before:
    else whoever may change the server could read it.
    """
    one, other = present.mailbox, wanted.mailbox
    if one is None or other is None or secret is None:
        return secret
    if other.user is None:
        return None
    if (one.host, one.port, one.security, one.user) != (other.host, other.port, other.security, other.user):
        raise InvalidValue("password", "password is missing: it was given for another server or user")
    return secret
