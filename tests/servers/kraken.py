"""A local WebSocket server that speaks Kraken's v2 protocol, and misbehaves as it is told to."""

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

NOW = "2026-09-25T17:48:24.745996Z"
RATE_EXCEEDED = '{"Error":"Exceeded msg rate"}'


def trade_row(trade_id: int, symbol: str = "BTC/USD", price: str = "83744.3", qty: str = "0.00044780") -> str:
    """A row of a trade frame; numbers as text, so that they are sent digit for digit."""
    return (
        f'{{"symbol":"{symbol}","side":"buy","price":{price},"qty":{qty},"ord_type":"limit",'
        f'"trade_id":{trade_id},"timestamp":"2026-09-25T17:48:26.844359Z"}}'
    )


def ticker_row(symbol: str = "BTC/USD", last: str = "83744.3", timestamp: str | None = NOW) -> str:
    """A row of a ticker frame; without a timestamp as frames were before 2026."""
    at = f',"trades":135262,"timestamp":"{timestamp}"' if timestamp else ""
    return (
        f'{{"symbol":"{symbol}","bid":83744.2,"bid_qty":0.56251979,"ask":83744.3,"ask_qty":0.00044780,"last":{last},'
        f'"volume":3156.84782110,"vwap":84174.6,"low":83163.6,"high":85247.4,"change":-429.3,"change_pct":-0.51{at}}}'
    )


def frame(channel: str, *rows: str, kind: str = "update") -> str:
    """A data frame."""
    return f'{{"channel":"{channel}","type":"{kind}","data":[{",".join(rows)}]}}'


def status(system: str) -> str:
    """A status frame."""
    state = {"version": "2.0.10", "system": system, "api_version": "v2", "connection_id": 18125794168470749634}
    return json.dumps({"channel": "status", "type": "update", "data": [state]})


class KrakenServer:
    """Behaves like Kraken until told otherwise: set its attributes before or while clients are connected.

    `silent` and `unacked` hold (channel, pair); `rejected` maps a pair to the error's text. `requests` are those
    received, in order. `drop` aborts all connections, `send` says something to each.
    """

    def __init__(self) -> None:
        self.status = "online"
        self.heartbeat_s: float | None = 0.05
        self.ping_s: float | None = None
        self.silent: set[tuple[str, str]] = set()
        self.unacked: set[tuple[str, str]] = set()
        self.rejected: dict[str, str] = {}
        self.rate_exceeded = 0  # so many of the next requests get that answer
        self.refuse_connections = False
        self.snapshots: dict[tuple[str, str], list[str]] = {}
        self.requests: list[dict[str, Any]] = []
        self.connected = 0  # ever
        self._open: set[ServerConnection] = set()
        self._changed = threading.Condition()
        self._speaking = threading.Lock()

    def __enter__(self) -> "KrakenServer":
        self._server = serve(self._serve, "127.0.0.1", 0, max_size=2**20)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="kraken-server")
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.drop()
        self._server.shutdown()
        self._thread.join(5)
        self.wait_for(lambda: not self._open)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v2"

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def send(self, raw: str | bytes | list[str]) -> None:
        """Send a message to everybody; a list is sent in fragments."""
        for connection in list(self._open):
            self._say(connection, raw)

    def drop(self) -> None:
        """Cut every connection, without a close frame."""
        for connection in list(self._open):
            with suppress(OSError):  # it is closed already
                connection.socket.shutdown(socket.SHUT_RDWR)

    def close(self, code: int, reason: str) -> None:
        """Say good-bye on every connection."""
        for connection in list(self._open):
            connection.close(code, reason)

    def subscriptions(self, method: str = "subscribe") -> list[tuple[str, str]]:
        """The (channel, pair) asked for so far, in order."""
        return [
            (request["params"]["channel"], symbol)
            for request in self.requests
            if request["method"] == method
            for symbol in request["params"]["symbol"]
        ]

    def wait_for(self, condition: Callable[[], object], timeout_s: float = 10) -> None:
        with self._changed:
            until = time.monotonic() + timeout_s
            while not condition():
                left = until - time.monotonic()
                assert left > 0, f"not within {timeout_s} s; requests: {self.requests}"
                self._changed.wait(min(left, 0.05))

    def _serve(self, connection: ServerConnection) -> None:
        with self._changed:
            self.connected += 1
            self._open.add(connection)
        try:
            if self.refuse_connections:
                connection.close(1013, "try again later")
                return
            self._talk(connection)
        except (ConnectionClosed, OSError):
            pass  # the client left, or we dropped it
        finally:
            with self._changed:
                self._open.discard(connection)
                self._changed.notify_all()

    def _say(self, connection: ServerConnection, raw: str | bytes | list[str]) -> None:
        with self._speaking:  # a heartbeat must not come between two fragments
            connection.send(raw)

    def _talk(self, connection: ServerConnection) -> None:
        self._say(connection, status(self.status))
        subscribed = False
        beat = pinged = time.monotonic()
        while True:
            try:
                request = json.loads(connection.recv(timeout=0.01))
            except TimeoutError:
                now = time.monotonic()
                if subscribed and self.heartbeat_s is not None and now - beat >= self.heartbeat_s:
                    self._say(connection, '{"channel":"heartbeat"}')
                    beat = now
                if self.ping_s is not None and now - pinged >= self.ping_s:
                    connection.ping()
                    self._say(connection, '{"method":"pong","req_id":101}')
                    pinged = now
                continue
            subscribed = True
            with self._changed:
                self.requests.append(request)
                self._changed.notify_all()
            for answer in self._answers(request):
                self._say(connection, answer)

    def _answers(self, request: dict[str, Any]) -> list[str]:
        if self.rate_exceeded:
            self.rate_exceeded -= 1
            return [RATE_EXCEEDED]
        answers = []
        channel = request["params"]["channel"]
        for symbol in request["params"]["symbol"]:
            answer = {"method": request["method"], "req_id": request["req_id"], "time_in": NOW, "time_out": NOW}
            if symbol in self.rejected:
                answers.append(
                    json.dumps(answer | {"success": False, "error": self.rejected[symbol], "symbol": symbol})
                )
                continue
            if (channel, symbol) not in self.unacked:
                result = {"channel": channel, "snapshot": True, "symbol": symbol}
                answers.append(json.dumps(answer | {"success": True, "result": result}))
            if request["method"] == "subscribe" and not {(channel, symbol)} & (self.silent | self.unacked):
                answers.append(frame(channel, *self._snapshot(channel, symbol), kind="snapshot"))
        return answers

    def _snapshot(self, channel: str, symbol: str) -> list[str]:
        if (channel, symbol) in self.snapshots:
            return self.snapshots[channel, symbol]
        return [trade_row(1, symbol), trade_row(2, symbol)] if channel == "trade" else [ticker_row(symbol)]
