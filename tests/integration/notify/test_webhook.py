import base64
import json
import re
import threading
import time
from pathlib import Path

import pytest

from adapters.notify.signature import signed_headers
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import ChannelTerms, Webhook
from domain.errors import InvalidValue
from domain.values import parse_time
from tests.integration.notify.conftest import notifier
from tests.servers.http import Exchange, HttpServer, Request

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
DOCS = Path(__file__).parents[3] / "docs" / "notifications.md"


def hook(server: HttpServer, path: str = "/hook") -> ChannelTerms:
    return ChannelTerms(title="Hook", webhook=Webhook(url=server.url(path)))


def verify_as_documented(request: Request, signing_key: str) -> None:
    """Runs the snippet of the documentation. Raises what it raises."""
    (snippet,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    scope: dict[str, object] = {}
    exec(snippet, scope)
    scope["verify"](signing_key, request.headers, request.body)  # type: ignore[operator]


def test_an_alert_comes_signed_and_with_its_id(server: HttpServer, message: Message, stop: threading.Event) -> None:
    server.serve("/hook", "", status=204)
    for _ in range(2):  # the second is a repeat, as after a crash
        notifier(server.address).send(hook(server), KEY, message, stop)
    request, again = server.asked("/hook")
    body = json.loads(request.body)
    assert (body["type"], body["alert_id"], body["subject"]) == ("alert.raised", message.message_id, message.subject)
    assert body["alert"] == message.fields
    assert request.headers["x-cryptoviz-alert"] == again.headers["x-cryptoviz-alert"] == message.message_id
    assert request.headers["webhook-id"] == message.message_id
    assert request.headers["content-type"] == "application/json"
    verify_as_documented(request, KEY)


def test_whoever_changes_a_byte_or_waits_too_long_is_found_out(
    server: HttpServer, message: Message, stop: threading.Event
) -> None:
    server.serve("/hook", "")
    notifier(server.address).send(hook(server), KEY, message, stop)
    (request,) = server.requests
    other_key = "whsec_" + base64.b64encode(b"x" * 32).decode()
    with pytest.raises(ValueError, match="signature"):
        verify_as_documented(request, other_key)
    old = str(int(time.time()) - 3600)
    for change in ({"webhook-id": "other"}, {"webhook-timestamp": old}, {"webhook-signature": "v1,AAAA"}):
        headers = {**request.headers, **change}
        with pytest.raises(ValueError, match=r"signature|old"):
            verify_as_documented(Request("/hook", headers, 0, body=request.body), KEY)
    with pytest.raises(ValueError, match="signature"):
        verify_as_documented(Request("/hook", request.headers, 0, body=request.body + b" "), KEY)


def test_the_scheme_is_standard_webhooks() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests.
    key, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", parse_time("2021-02-25T14:06:29Z")
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-timestamp"] == "1614261989"
    assert len(base64.b64decode(headers["webhook-signature"].removeprefix("v1,"))) == 32


@pytest.mark.parametrize("key", ["", "whsec_", "secret", "whsec_c2hvcnQ=", "whsec_%%%", KEY.removeprefix("whsec_")])
def test_a_key_of_another_form_is_refused_without_being_repeated(key: str, server: HttpServer) -> None:
    with pytest.raises(InvalidValue, match="signing_key must be") as refused:
        notifier().check(hook(server), key, threading.Event())
    assert not key or key not in str(refused.value).replace("whsec_", "", 1) or key == "whsec_"


def test_trouble_comes_in_words(server: HttpServer, message: Message, stop: threading.Event) -> None:
    server.serve("/500", "", status=500)
    server.serve("/429", "", status=429, retry_after="90")
    server.redirect("/302", server.url("/hook"))
    server.routes["/reset"] = lambda exchange: exchange.reset()
    sender = notifier(server.address)
    for path, words in (("/500", r"trouble of its own \(500\)"), ("/429", r"less often \(429\)"),
                        ("/302", r"unexpected status \(302\)"), ("/reset", "broke off"), ("/none", r"\(404\)")):  # fmt: skip
        with pytest.raises(NotDelivered, match=words) as refused:
            sender.send(hook(server, path), KEY, message, stop)
        assert refused.value.rest_s == (90 if path == "/429" else 0)
    assert server.asked("/hook") == []  # redirects are not followed


def test_private_addresses_are_reached_only_when_they_are_allowed(
    server: HttpServer, message: Message, stop: threading.Event
) -> None:
    server.serve("/hook", "")
    with pytest.raises(NotDelivered, match="ALLOW_PRIVATE_HOSTS"):
        notifier().send(hook(server), KEY, message, stop)
    assert server.requests == []


def test_a_receiver_that_takes_it_and_then_hangs_has_taken_it(
    server: HttpServer, message: Message, stop: threading.Event
) -> None:
    server.routes["/hook"] = lambda exchange: exchange.drip()
    notifier(server.address).send(hook(server), KEY, message, stop)
    assert [request.path for request in server.requests] == ["/hook"], "once, and the answer's head was enough"


def test_a_receiver_that_never_answers_is_broken_off_when_asked(
    server: HttpServer, message: Message, stop: threading.Event
) -> None:
    def hang(_exchange: Exchange) -> None:
        server.stopping.wait(30)

    server.routes["/hook"] = hang
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(NotDelivered, match="stopping"):
        notifier(server.address).send(hook(server), KEY, message, stop)
    assert time.monotonic() - began < 5
