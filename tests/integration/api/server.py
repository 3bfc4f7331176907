"""The API on a real server on loopback, and clients for it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.system.clock import SystemClock
from entrypoints.api.access.limits import Limits
from entrypoints.api.app import create_app
from entrypoints.api.edge.connections import ConnectionLimits
from entrypoints.api.server import Server, server_config
from entrypoints.api.services import CurrentServices
from entrypoints.api.stream.outbox import QueueLimits
from entrypoints.house import HouseContainer
from entrypoints.web.page import page_handlers
from tests.house import bearer, house_at, key_of

PATIENCE_S = 10.0


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.005)


class Api:
    """`http` and `stream` are a program's that may do everything, unless told otherwise."""

    def __init__(self, port: int, meter: PrometheusTelemetry, house: HouseContainer) -> None:
        self.port = port
        self.house = house
        self.key = key_of(house, "admin")
        self.meter = meter
        self.url = f"http://127.0.0.1:{port}"

    def http(self, *, anonymous: bool = False) -> httpx.Client:
        headers = {} if anonymous else bearer(self.key)
        return httpx.Client(base_url=self.url, trust_env=False, headers=headers)

    @contextmanager
    def stream(self, **options: Any) -> "Iterator[Stream]":
        url = f"ws://127.0.0.1:{self.port}/api/v1/stream"
        with connect(url, compression=None, proxy=None, legacy=False, **options) as connection:
            yield Stream(connection)

    def clients(self) -> int:
        line = next(
            x for x in self.meter.exposition().decode().splitlines() if x.startswith("cryptoviz_stream_clients ")
        )
        return int(float(line.split()[1]))


class Stream:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def hear(self, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout_s))
        return message

    def ask(self, **message: Any) -> dict[str, Any]:
        self.say(**message)
        return self.hear()

    def subscribe(self, channel: str, **more: Any) -> dict[str, Any]:
        answer = self.ask(action="subscribe", channel=channel, **more)
        assert answer["channel"] == "ack", answer
        return answer

    def rows(self, count: int) -> list[dict[str, Any]]:
        return [self.hear() for _ in range(count)]

    def silent(self) -> bool:
        """Nothing is under way: a ping is answered before anything else."""
        return self.ask(action="ping") == {"channel": "pong"}

    def close_code(self) -> int | None:
        """Read on until the server hangs up."""
        try:
            while True:
                self.connection.recv(PATIENCE_S)
        except ConnectionClosed:
            return self.connection.close_code


@contextmanager
def serving(
    services: CurrentServices,
    *,
    queue_limits: QueueLimits | None = None,
    house: HouseContainer | None = None,
    limits: Limits | None = None,
    public_reads: bool = False,
    trusted_proxies: Sequence[str] = (),
    bound_to_loopback: bool = True,
    connection_limits: ConnectionLimits | None = None,
) -> Iterator[Api]:
    meter = PrometheusTelemetry()
    house = house or house_at(SystemClock())
    app = create_app(
        services, meter, house.services(), bound_to_loopback=bound_to_loopback, public_reads=public_reads, limits=limits,
        pages=page_handlers(), queue_limits=queue_limits,
    )  # fmt: skip
    config = server_config(app, meter, host="127.0.0.1", port=0, trusted_proxies=trusted_proxies)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        server = Server(config, trusted_proxies=trusted_proxies, limits=connection_limits)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api-under-test")
        thread.start()
        try:
            until(lambda: server.started, "the server to start")
            yield Api(listener.getsockname()[1], meter, house)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
