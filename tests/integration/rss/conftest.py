import threading
from collections.abc import Iterator

import pytest

from adapters.web.client import WebClient
from tests.servers.http import HttpServer, http_server


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as running:
        yield running


@pytest.fixture
def web(server: HttpServer) -> WebClient:
    return WebClient(allow_private_hosts=[server.address], seconds=2)


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()
