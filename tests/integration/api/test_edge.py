"""What strangers can do to the server: silent and slow connections, and what is no HTTP."""

import errno
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from entrypoints.api.edge.connections import ConnectionLimits
from tests.integration.api.server import Api, serving
from tests.unit.api.world import World
from tests.waiting import until

HEAD = b"GET /api/v1/tickers/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LIMITS = ConnectionLimits(
    most=20, streams=10, most_of_one=5, is_shared=lambda _: True, request_within_s=0.4, stuck_after_s=0.5
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    world = World()
    with serving(world.services, house=world.house_box) as api:
        yield api


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services, house=world.house_box, connection_limits=LIMITS) as api:
        yield api


def _connect(api: Api) -> socket.socket:
    return socket.create_connection(("127.0.0.1", api.port), timeout=10)


def _answer(api: Api, sent: bytes) -> tuple[int, dict[str, object]]:
    with closing(_connect(api)) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head.lower()
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        HEAD.replace(b"127.0.0.1", b"x:1:evil"),
        HEAD.replace(b"127.0.0.1", b"[::1"),
        HEAD.replace(b"127.0.0.1", b""),
        HEAD.replace(b"127.0.0.1", b"\xff"),
        HEAD + b"Host: 127.0.0.1\r\n",
        HEAD.replace(b"/api", b"http://127.0.0.1/api"),
        HEAD.replace(b"tickers/", b"articles/?q=%"),
        HEAD.replace(b"tickers/", b"tickers/%00"),
        HEAD.replace(b"tickers/", b"articles/?q=%ff"),
        HEAD.replace(b"tickers/", b"tickers/\xc3\xa9"),
        HEAD + b"Content-Length: -1\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n",
        HEAD + b"X: \x00\r\n",
        HEAD + b"X Y: 1\r\n",
        HEAD.replace(b"tickers/", b"stream").replace(b"127.0.0.1", b"x:1:evil")
        + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_bad_request(shared: Api, sent: bytes) -> None:
    status, told = _answer(shared, sent + b"Connection: close\r\n\r\n" if b"Upgrade" not in sent else sent + b"\r\n")
    assert (status, told["status"]) == (400, 400)
    assert told["detail"]


def test_silent_connections_shut_nobody_out(api: Api) -> None:
    with ExitStack() as crowd:
        for _ in range(3 * LIMITS.most):
            crowd.callback(_connect(api).close)
        began = time.monotonic()
        with api.http() as http:
            assert http.get("/api/v1/tickers/").status_code == 200
        assert time.monotonic() - began < 1


def test_a_connection_without_a_whole_request_is_closed_in_time(api: Api) -> None:
    silent, begun = _connect(api), _connect(api)
    began = time.monotonic()
    with closing(silent), closing(begun):
        begun.sendall(HEAD)
        assert silent.recv(1) == b""
        assert begun.recv(65536).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 5


def test_a_trickle_keeps_nothing_open_not_even_after_an_answer(api: Api) -> None:
    with closing(_connect(api)) as connection:
        connection.sendall(HEAD + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.settimeout(0.05)

        def is_closed() -> bool:
            try:
                connection.sendall(b"G" if sent == [] else b"E")
                sent.append(1)
                return connection.recv(65536) == b""
            except TimeoutError:
                return False
            except OSError:
                return True

        sent: list[int] = []
        assert until(is_closed, seconds=5)
    with closing(_connect(api)) as connection:
        connection.sendall(
            HEAD.replace(b"GET", b"POST") + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        while connection.recv(65536):
            pass  # until it is closed


def test_an_answer_that_nobody_reads_is_given_up(api: Api) -> None:
    with closing(socket.socket()) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", api.port))
        reader.settimeout(10)
        ask = HEAD.replace(b"/api/v1/tickers/", b"/schema/openapi.json") + b"\r\n"
        reader.sendall(ask * 30)  # far more than the sockets hold
        with closing(_connect(api)) as other:  # and others are served meanwhile
            other.sendall(HEAD + b"\r\n")
            assert other.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert until(lambda: reader.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET, seconds=10)


def test_one_address_has_no_more_connections_than_it_may(world: World) -> None:
    mine = ConnectionLimits(most=20, streams=10, most_of_one=3, is_shared=lambda _: False, request_within_s=30)
    with serving(world.services, house=world.house_box, connection_limits=mine) as api, ExitStack() as crowd:
        for _ in range(6):
            crowd.callback(_connect(api).close)
        with api.http() as http:  # one that waits makes room
            assert http.get("/api/v1/tickers/").status_code == 200
        streams = [crowd.enter_context(api.stream()) for _ in range(3)]
        assert all(stream.silent() for stream in streams)
        status, told = _answer(api, HEAD + b"\r\n")  # streams never do
        assert (status, "too many connections" in str(told["detail"])) == (503, True)
