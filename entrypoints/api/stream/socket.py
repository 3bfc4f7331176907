"""`/api/v1/stream`: the WebSocket itself."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import WebsocketRouteHandler

from application.ports.telemetry import Telemetry
from entrypoints.api.stream.client import Client, QueueLimits
from entrypoints.api.stream.hub import Hub

_BURST = 100
_PER_SECOND = 20.0
_CLOSING_S = 60.0

Socket = WebSocket[Any, Any, Any]


class _Allowance:
    """A token bucket for what a client says."""

    def __init__(self) -> None:
        self._left = float(_BURST)
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(float(_BURST), self._left + (now - self._at) * _PER_SECOND)
        self._at = now
        self._left -= 1
        return self._left >= 0


def stream_handler(hub: Hub, telemetry: Telemetry, limits: QueueLimits) -> WebsocketRouteHandler:
    """The handler, over a hub."""

    @websocket("/stream")
    async def stream(socket: Socket) -> None:
        """Rows as they come: see the contract's messages."""
        await socket.accept()
        client = Client(hub, telemetry, limits)
        if hub.is_full:
            client.close(1013, "too many clients: try again later")
        hub.attach(client)
        tasks = [
            asyncio.create_task(_send(socket, client)),
            asyncio.create_task(_receive(socket, client)),
            asyncio.create_task(client.closed.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.detach(client)
            client.dismiss()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError | WebSocketDisconnect):
                raise outcome
        if client.closed.is_set():
            # It waits for a client that does not read; uvicorn's keepalive ends one that never will.
            with suppress(TimeoutError, OSError, WebSocketDisconnect):
                await asyncio.wait_for(socket.close(client.close_code, client.close_reason), _CLOSING_S)

    return stream


async def _send(socket: Socket, client: Client) -> None:
    while True:
        text = await client.next_text()
        await socket.send({"type": "websocket.send", "text": text, "bytes": None})


async def _receive(socket: Socket, client: Client) -> None:
    allowance = _Allowance()
    while True:
        message = await socket.receive()
        if message["type"] != "websocket.receive":
            return
        if not allowance.take():
            client.close(1008, f"too many messages: expected at most {_PER_SECOND:.0f} a second")
            return
        await client.hear(message.get("text") or message.get("bytes") or "")
