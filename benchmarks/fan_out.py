"""A thousand WebSocket clients on one API process: messages a second, and how late they come.

    python -m benchmarks.fan_out [--clients 1000] [--trades 200] [--rounds 3] [--rate 20] [--seconds 10]

A local server speaks Kraken's v2. `cryptoviz run` is one process, log and store included; its clients all subscribe to
`trades`. The floor in the same run, in turns, is a bare broadcast: an ASGI app on the same server (uvicorn, with the same
settings) that sends a text of the same length to each client in a loop. First as many trades at once as it takes to see
how fast they go out; then so many a second, to see how late each arrives. The clients are one process of their own, which
does little more than count.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from websockets.sync.client import connect

from benchmarks.report import line, ratio
from tests.e2e.program import Program
from tests.servers.kraken import KrakenServer, frame, trade_row
from tests.waiting import until

_LOOKED_AT = 50  # so many clients' messages are looked into, of the others they are counted
_ID = re.compile(rb'"trade_id":(\d+)')

_BARE = """
import asyncio, re, sys, threading
from websockets.sync.client import connect
import uvicorn
from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.server import server_config
clients, queue = [], asyncio.Queue()
text = sys.argv[2]
async def broadcast():
    while True:
        trade_id = await queue.get()
        message = {"type": "websocket.send", "text": text.replace("@", trade_id)}
        for send in clients:
            await send(message)
def follow(loop):
    with connect(sys.argv[1], compression=None) as venue:
        for raw in venue:
            if found := re.search(r'"trade_id":(\\d+)', raw):
                loop.call_soon_threadsafe(queue.put_nowait, found[1])
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        app.sender = asyncio.create_task(broadcast())
        threading.Thread(target=follow, args=(asyncio.get_running_loop(),), daemon=True).start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        clients.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        clients.remove(send)
uvicorn.Server(server_config(app, PrometheusTelemetry(), host="127.0.0.1", port=int(sys.argv[3]))).run()
"""


class Listener(asyncio.Protocol):
    """A WebSocket client that speaks the least it can: a handshake, one message, pongs. It counts."""

    def __init__(self, crowd: "Crowd", *, looks: bool) -> None:
        self.crowd = crowd
        self.looks = looks
        self.buffer = b""
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.crowd.path} HTTP/1.1\r\nHost: {self.crowd.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Read frame by frame (RFC 6455, 5.2)."""
        buffer = self.buffer + data
        if not self.open:
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self.buffer = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head[:200]
            self.open = True
            self._say(1, self.crowd.hello)
            self.crowd.joined += 1
            self.crowd.changed.set()
        at, length = 0, len(buffer)
        while length - at >= 4:
            opcode, size, start = buffer[at] & 15, buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            if start + size > length:
                break
            if opcode == 9:
                self._say(10, buffer[start : start + size])
            elif opcode == 8:
                raise AssertionError(f"closed: {buffer[start : start + size]!r}")
            elif buffer.startswith(b'{"channel":"trades"', start):
                self.crowd.heard += 1
                if self.looks and (found := _ID.search(buffer, start)):
                    self.crowd.seen.append((int(found[1]), time.perf_counter()))
            at = start + size
        self.buffer = buffer[at:]
        self.crowd.changed.set()

    def _say(self, opcode: int, payload: bytes) -> None:
        self.transport.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload)  # masked, with zeros


class Crowd:
    """Many listeners. Asked on stdin for a number of messages, it says on stdout when the last of them had come."""

    def __init__(self, url: str, hello: str) -> None:
        parts = urlsplit(url)
        self.host, self.path, self.hello = parts.netloc, parts.path, hello.encode()
        self.joined = self.heard = 0
        self.changed = asyncio.Event()
        self.seen: list[tuple[int, float]] = []

    async def run(self, clients: int) -> None:
        """Connect, then answer until stdin ends."""
        loop = asyncio.get_running_loop()
        host, port = self.host.split(":")
        for number in range(clients):
            listener = Listener(self, looks=number < _LOOKED_AT)
            await loop.create_connection(lambda: listener, host, int(port))  # noqa: B023 - called at once
            await self._until(lambda: self.joined > number - 50)  # noqa: B023 - awaited here
        await self._until(lambda: self.joined == clients)
        print("joined", flush=True)
        while asked := await loop.run_in_executor(None, sys.stdin.readline):
            await self._until(lambda: self.heard >= int(asked))
            print(json.dumps({"at": time.perf_counter(), "seen": self.seen}), flush=True)
            self.heard, self.seen = self.heard - int(asked), []

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()


class Side:
    """A server with its crowd."""

    def __init__(self, name: str, url: str, kraken: KrakenServer, clients: int) -> None:
        self.name = name
        self.kraken = kraken
        self.clients = clients
        self.next_id = 2
        self.speeds: list[float] = []
        hello = json.dumps({"action": "subscribe", "channel": "trades"})
        self.crowd = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fan_out", "--crowd", url, "--hello", hello, "--clients", str(clients)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said()

    def said(self) -> str:
        """A line of the crowd's."""
        assert self.crowd.stdout
        answer = self.crowd.stdout.readline()
        assert answer, f"the crowd of {self.name} is gone"
        return answer

    def play(self, trades: int, rate: float | None) -> tuple[float, list[float]]:
        """Send trades, all at once or so many a second. Seconds until all had all, and how late each came, in ms."""
        ids = range(self.next_id, self.next_id + trades)
        self.next_id = ids.stop
        sent: dict[int, float] = {}
        assert self.crowd.stdin
        self.crowd.stdin.write(f"{trades * self.clients}\n")
        self.crowd.stdin.flush()
        began = time.perf_counter()
        for number, trade_id in enumerate(ids):
            if rate:
                time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            sent[trade_id] = time.perf_counter()
            self.kraken.send(frame("trade", trade_row(trade_id)))
        answer = json.loads(self.said())
        return answer["at"] - began, [(at - sent[trade_id]) * 1000 for trade_id, at in answer["seen"]]

    def close(self) -> None:
        """Send the crowd home."""
        assert self.crowd.stdin
        self.crowd.stdin.close()
        self.crowd.wait(20)


def _compare(bare: Side, ours: Side, asked: argparse.Namespace) -> None:
    for _ in range(asked.rounds):
        for side in (bare, ours):
            seconds, _ = side.play(asked.trades, None)
            side.speeds.append(asked.trades * asked.clients / seconds)
    print(line("floor: a bare broadcast", bare.speeds, "messages/s"))
    print(line("trade frame -> log -> stream", ours.speeds, "messages/s"))
    print(ratio("to the floor", ours.speeds, bare.speeds, 0.7))
    rate = min(asked.rate, 0.8 * min(bare.speeds) / asked.clients)
    for side in (bare, ours):
        _, late = side.play(int(rate * asked.seconds), rate)
        quantiles = statistics.quantiles(late, n=100)
        ok = f"; wanted p99 under 250 ms: {'ok' if quantiles[98] < 250 else 'SHORT'}" if side is ours else ""
        print(
            f"{side.name}, {rate * asked.clients:,.0f} messages/s: p50 {quantiles[49]:.1f} ms, p99 {quantiles[98]:.1f} ms{ok}"
        )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=1000)
    options.add_argument("--trades", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rate", type=float, default=20, help="trades a second where the lateness is looked at")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--crowd", help=argparse.SUPPRESS)
    options.add_argument("--hello", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.crowd:
        asyncio.run(Crowd(asked.crowd, asked.hello).run(asked.clients))
        return
    settings = {"pairs": "BTC/USD", "feeds": "None=http://127.0.0.1:9/", "kraken_rest_url": "http://127.0.0.1:9"}
    with tempfile.TemporaryDirectory() as folder, KrakenServer() as for_bare, KrakenServer() as kraken:
        kraken.snapshots["trade", "BTC/USD"] = [trade_row(1)]
        with Program(Path(folder) / "data", "--source", "kraken", kraken_ws_url=kraken.url, **settings) as program:
            assert program.url
            assert until(lambda: program.feed("BTC/USD")["state"] == "live")
            text = _a_message(program.url, kraken)
            with _bare(for_bare, text) as url:
                sides = [
                    Side("floor", url, for_bare, asked.clients),
                    Side("ours", program.url.replace("http", "ws") + "/api/v1/stream", kraken, asked.clients),
                ]
                sides[1].next_id = 3
                try:
                    _compare(sides[0], sides[1], asked)
                finally:
                    for side in sides:
                        side.close()


def _a_message(url: str, kraken: KrakenServer) -> str:
    """What a client of ours gets, with @ for the trade's id."""
    with connect(url.replace("http", "ws") + "/api/v1/stream", compression=None) as client:
        client.send(json.dumps({"action": "subscribe", "channel": "trades"}))
        client.recv(10)
        kraken.send(frame("trade", trade_row(2)))
        return str(client.recv(10)).replace('"trade_id":2,', '"trade_id":@,')


@contextmanager
def _bare(kraken: KrakenServer, text: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", _BARE, kraken.url, text, str(port)])
    try:
        kraken.wait_for(lambda: kraken.connected == 1, 30)
        yield f"ws://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
