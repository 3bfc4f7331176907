"""Apprise against a server on loopback that its gotify plugin takes for Gotify; nothing here leaves this machine."""

import json
import threading
from collections.abc import Iterator

import apprise
import pytest

from adapters.notify.apprise_service import SERVICES
from adapters.notify.notifier import ChannelNotifier
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import ChannelTerms
from domain.errors import InvalidValue
from tests.integration.notify.conftest import notifier
from tests.servers.http import HttpServer, http_server

GOTIFY = ChannelTerms(title="Chat", service="gotify")
TOKEN = "Sup3rS3cretT0ken"


@pytest.fixture
def sender(server: HttpServer) -> Iterator[ChannelNotifier]:
    made = notifier(f"localhost:{server.port}")
    yield made
    made.close()


def test_an_alert_reaches_the_service(
    server: HttpServer, sender: ChannelNotifier, message: Message, stop: threading.Event
) -> None:
    server.serve("/message", '{"id": 1}', media_type="application/json")
    url = f"gotify://localhost:{server.port}/{TOKEN}"
    sender.check(GOTIFY, url, stop)
    assert server.requests == []
    sender.send(GOTIFY, url, message, stop)
    (request,) = server.requests
    body = json.loads(request.body)
    assert (body["title"], body["message"]) == (message.subject, message.text)


def test_what_went_wrong_is_said_without_the_token(
    server: HttpServer, sender: ChannelNotifier, message: Message, stop: threading.Event,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    server.serve("/message", f'{{"error": "{TOKEN} is wrong"}}', status=401, media_type="application/json")
    with pytest.raises(NotDelivered) as refused:
        sender.send(GOTIFY, f"gotify://localhost:{server.port}/{TOKEN}", message, stop)
    assert str(refused.value) == "gotify: it answered with status 401"
    sender.close()
    assert TOKEN not in "".join(capfd.readouterr())


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0.0.0.0", "169.254.169.254"])
def test_private_addresses_are_refused_wherever_the_service_connects(
    server: HttpServer, sender: ChannelNotifier, message: Message, stop: threading.Event, host: str
) -> None:
    with pytest.raises(NotDelivered, match=r"ALLOW_PRIVATE_HOSTS|could not be reached"):
        sender.send(GOTIFY, f"gotify://{host}:{server.port}/{TOKEN}", message, stop)
    assert server.requests == []


def test_a_redirect_to_a_private_address_is_refused_too(
    server: HttpServer, sender: ChannelNotifier, message: Message, stop: threading.Event
) -> None:
    with http_server() as other:
        server.redirect("/message", other.url("/metadata"), status=307)
        with pytest.raises(NotDelivered, match=r"127\.0\.0\.1:\d+ is a loopback address"):
            sender.send(GOTIFY, f"gotify://localhost:{server.port}/{TOKEN}", message, stop)
        assert other.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/", "xml://127.0.0.1", "form://127.0.0.1", "file:///etc/passwd", "dbus://", "gnome://",
        "syslog://", "macosx://", "windows://", "mailto://a:b@example.org", "", "slack", "apprise://127.0.0.1/x",
    ],
)  # fmt: skip
def test_what_touches_this_machine_is_no_service(sender: ChannelNotifier, stop: threading.Event, url: str) -> None:
    with pytest.raises(InvalidValue, match="must begin with a service") as refused:
        sender.check(ChannelTerms(title="x", service=url.partition(":")[0] or "x"), url, stop)
    assert refused.value.field == "url"


def test_files_of_this_machine_are_not_read(sender: ChannelNotifier, message: Message, stop: threading.Event) -> None:
    url = f"discord://{'1' * 18}/{'a' * 64}?template=/etc/passwd"
    terms = ChannelTerms(title="x", service="discord")
    with pytest.raises(InvalidValue):
        sender.check(terms, url, stop)


def test_an_address_that_apprise_does_not_understand_is_refused(sender: ChannelNotifier, stop: threading.Event) -> None:
    with pytest.raises(InvalidValue, match="not one that apprise understands"):
        sender.check(ChannelTerms(title="x", service="tgram"), "tgram://x", stop)
    with pytest.raises(InvalidValue, match="of another service"):
        sender.check(GOTIFY, "slack://a/b/c", stop)


def test_every_service_is_one_that_apprise_has() -> None:
    known = {schema for plugin in apprise.Apprise().details()["schemas"] for key in ("protocols", "secure_protocols")
             for schema in plugin[key] or ()}  # fmt: skip
    assert known >= SERVICES
