import threading
from collections.abc import Iterator

import pytest

from adapters.notify.notifier import ChannelNotifier
from adapters.system.clock import SystemClock
from application.ports.notifier import Message
from tests.servers.http import HttpServer, http_server


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as running:
        yield running


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def message() -> Message:
    return Message(
        message_id="0123456789abcdef0123",
        subject="BTC/USD moved +1.50 % within 5 min – Überraschung",
        text="BTC/USD moved.\nRule: 1 %\n.\nAlert: 0123456789abcdef0123",
        fields={"alert_id": "0123456789abcdef0123", "pair": "BTC/USD", "kind": "price-move", "origin": "live"},
    )


def notifier(*allowed: str) -> ChannelNotifier:
    return ChannelNotifier(SystemClock(), allow_private_hosts=allowed)
