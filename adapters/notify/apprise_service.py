"""Alerts over the services that apprise knows (https://github.com/caronc/apprise), each named by its address's scheme."""

import json
import threading
from collections.abc import Collection
from typing import Any

from adapters.web.isolation import IsolatedParser, ParserFailed
from application.ports.notifier import Message, NotDelivered
from domain.errors import InvalidValue

_REACHED_OVER_HTTP = """
bark barks betterstack brevo bulksms clicksend discord gchat goalert goalerts gotify gotifys groupme guilded hassio
hassios ifttt ilert incidentio join line mailersend mailgun mastodon mastodons matrix matrixs mmost mmosts msgbird
nctalk nctalks nexmo ntfy ntfys onesignal opsgenie pagerduty pagertree pbul plivo postmark pover prowl push pushy
resend rocket rockets ryver sendgrid signal signals signl4 simplepush sinch slack smseagle smseagles sns sparkpost
spike splunk squadcast synology synologys tgram threema toot toots twilio twist victorops vonage webex whatsapp
workflow workflows wxteams zulip
"""
SERVICES = frozenset(_REACHED_OVER_HTTP.split())
"""What may be used. Left out: what talks to programs, files or the desktop of this machine, and json://,
xml://, form:// and mailto://, for which there are webhooks and e-mail."""

_SECONDS = 20.0


def service_of(url: str) -> str:
    """The service of an address. Raises InvalidValue, without repeating the address: it holds tokens."""
    scheme, separator, _ = url.partition("://")
    service = scheme.strip().lower()
    if not separator or service not in SERVICES or not url.isprintable() or len(url) > 2_000:
        raise InvalidValue("url", f"url must begin with a service that is known, such as slack://; all: {_listed()}")
    return service


class AppriseServices:
    """Sends in processes of their own, which can be ended, and may do nothing but send: one for each service that is used,
    so that none waits for another that hangs.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = ",".join(sorted(allowed))
        self._children: dict[str, IsolatedParser] = {}
        self._children_lock = threading.Lock()

    def check(self, service: str | None, url: str, stop: threading.Event) -> None:
        """Whether apprise understands the address as one of that service. Raises InvalidValue."""
        if service_of(url) != service:
            raise InvalidValue("url", f"url is of another service than {service}")
        try:
            answer = self._ask(service_of(url), {"url": url, "subject": None, "text": None}, stop)
        except NotDelivered as error:
            raise InvalidValue("url", f"url could not be checked: {error}") from error
        if not answer["done"]:
            raise InvalidValue("url", f"url: {answer['reason']}")

    def send(self, url: str, message: Message, stop: threading.Event) -> None:
        """Send once. Raises NotDelivered."""
        try:
            service = service_of(url)
        except InvalidValue as error:
            raise NotDelivered("the channel's address is gone, or of a service that is not offered") from error
        answer = self._ask(service, {"url": url, "subject": message.subject, "text": message.text}, stop)
        if not answer["done"]:
            raise NotDelivered(f"{service}: {answer['reason']}")

    def close(self) -> None:
        """End the processes."""
        with self._children_lock:
            for child in self._children.values():
                child.close()

    def _ask(self, service: str, document: dict[str, Any], stop: threading.Event) -> Any:
        with self._children_lock:
            child = self._children.get(service)
            if child is None:
                child = IsolatedParser("adapters.notify.apprise_child:notify_json", seconds=_SECONDS)
                self._children[service] = child
        try:
            return json.loads(child.parse(json.dumps(document).encode(), {"allowed": self._allowed}, stop))
        except ParserFailed as error:  # its words may hold the address
            raise NotDelivered(f"apprise gave no answer within {_SECONDS:g} s") from error


def _listed() -> str:
    return ", ".join(sorted(SERVICES))
