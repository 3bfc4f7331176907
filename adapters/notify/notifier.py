"""Every kind of channel, each over its own adapter."""

import threading
from collections.abc import Sequence

from adapters.notify.apprise_service import AppriseServices
from adapters.notify.mail import send_mail
from adapters.notify.signature import key_bytes
from adapters.notify.webhook import send_webhook
from adapters.web.client import WebClient
from application.ports.clock import Clock
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import ChannelTerms
from domain.errors import InvalidValue


class ChannelNotifier:
    """Implements `application.ports.notifier.Notifier`. Private addresses are reached only where they are allowed."""

    def __init__(self, clock: Clock, *, allow_private_hosts: Sequence[str]) -> None:
        self._clock = clock
        self._allowed = frozenset(host.lower() for host in allow_private_hosts)
        self._web = WebClient(allow_private_hosts=self._allowed)
        self._apprise = AppriseServices(self._allowed)

    def check(self, terms: ChannelTerms, secret: str | None, stop: threading.Event) -> None:
        """Whether the channel could ever deliver, without trying. Raises InvalidValue, naming the field."""
        if terms.webhook:
            key_bytes(secret or "")
        elif terms.mailbox:
            if (terms.mailbox.user is None) != (secret is None):
                raise InvalidValue("password", "user and password come together: give both, or neither")
        else:
            self._apprise.check(terms.service, secret or "", stop)

    def send(self, terms: ChannelTerms, secret: str | None, message: Message, stop: threading.Event) -> None:
        """Send once, and break off when `stop` is set. Raises NotDelivered."""
        if terms.webhook:
            if secret is None:
                raise NotDelivered("the channel's signing key is gone: give it a new one")
            send_webhook(self._web, self._clock, terms.webhook, secret, message, stop)
        elif terms.mailbox:
            send_mail(self._clock, self._allowed, terms.mailbox, secret, message, stop)
        else:
            self._apprise.send(secret or "", message, stop)

    def close(self) -> None:
        """End what was started."""
        self._apprise.close()
