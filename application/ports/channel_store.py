"""Port: where notification channels are kept: their streams, and apart from these their secrets."""

from contextlib import AbstractContextManager
from typing import Protocol

from application.ports.event_store import EventStore


class ChannelSecrets(Protocol):
    """One secret a channel: what it is depends on the channel's kind."""

    def channel_secret(self, channel_id: str) -> str | None:
        """The secret; None where the channel has none."""
        ...

    def put_channel_secret(self, channel_id: str, secret: str) -> None:
        """Keep or replace it."""
        ...

    def delete_channel_secret(self, channel_id: str) -> None:
        """Forget it."""
        ...


class ChannelTransaction(EventStore, ChannelSecrets, Protocol):
    """One unit of work."""


class ChannelStore(Protocol):
    """Hands out transactions, one writer at a time."""

    def begin(self) -> AbstractContextManager[ChannelTransaction]:
        """Committed when the block ends, rolled back when it raises. Raises StoreUnavailable."""
        ...
