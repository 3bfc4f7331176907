"""Alerts as signed HTTP requests."""

import threading

import msgspec

from adapters.notify.signature import signed_headers
from adapters.web.client import WebClient
from adapters.web.errors import WebError
from application.ports.clock import Clock
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import Webhook
from domain.values import rfc3339


def send_webhook(
    web: WebClient, clock: Clock, webhook: Webhook, signing_key: str, message: Message, stop: threading.Event
) -> None:
    """POST the message, signed; any status 2xx is success. Raises NotDelivered."""
    now = clock.now()
    body = msgspec.json.encode(
        {
            "type": "test" if message.fields["kind"] == "test" else "alert.raised",
            "alert_id": message.message_id,
            "sent_at": rfc3339(now),
            "subject": message.subject,
            "text": message.text,
            "alert": message.fields,
        }
    )
    headers = {
        "content-type": "application/json",
        "x-cryptoviz-alert": message.message_id,
        **signed_headers(signing_key, message.message_id, now, body),
    }
    try:
        web.post(webhook.url, body, headers=headers, stop=stop)
    except WebError as error:
        raise NotDelivered(str(error), rest_s=error.retry_after_s or 0) from error
