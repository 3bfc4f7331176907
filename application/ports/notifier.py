"""Port: what brings a message to people."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.alerting.channel import ChannelTerms


class NotDelivered(Exception):
    """The message did not arrive; the sentence says why, and holds no secret.

    `rest_s`: the receiver asked to be left alone so many seconds.
    """

    def __init__(self, reason: str, *, rest_s: float = 0) -> None:
        super().__init__(reason)
        self.rest_s = rest_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said: in words for people, in fields (for JSON) for programs.

    `message_id` is the same at each attempt, so that a receiver can drop what comes again.
    """

    message_id: str
    subject: str
    text: str
    fields: Mapping[str, object]


class Notifier(Protocol):
    """Sends over every kind of channel. Safe for several threads."""

    def check(self, terms: ChannelTerms, secret: str | None, stop: threading.Event) -> None:
        """Whether the channel could ever deliver, without trying. Raises InvalidValue, naming the field."""
        ...

    def send(self, terms: ChannelTerms, secret: str | None, message: Message, stop: threading.Event) -> None:
        """Send once, and break off when `stop` is set. Raises NotDelivered."""
        ...
