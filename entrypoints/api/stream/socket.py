"""`/api/v1/stream`: the WebSocket itself."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import WebsocketRouteHandler

from application.ports.telemetry import Telemetry
from entrypoints.api.access.limits import whose
from entrypoints.api.stream.client import Client
from entrypoints.api.stream.hub import Hub
from entrypoints.api.stream.outbox import Outbox, QueueLimits

_BURST = 100
_PER_SECOND = 20.0
_CLOSING_S = 60.0
_ASK_EVERY_S = 30.0

SIGNED_OUT = 4001

Socket = WebSocket[Any, Any, Any]
MayStay = Callable[[Socket], Awaitable[bool]]


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


def stream_handler(
    hub: Hub, telemetry: Telemetry, limits: QueueLimits, most_of_one: int, may_stay: MayStay
) -> WebsocketRouteHandler:
    """The handler, over a hub. `may_stay` is asked now and then: a stream ends soon after its session or key."""
    open_of: Counter[str] = Counter()

    @websocket("/stream")
    async def stream(socket: Socket) -> None:
        """Rows as they come: see the contract's messages."""
        await socket.accept()
        outbox = Outbox(partial(_send, socket), limits)
        client = Client(hub, telemetry, outbox)
        who = whose(socket.scope)
        if hub.is_full:
            client.close(1013, "too many clients: try again later")
        elif who and open_of[who] >= most_of_one:
            client.close(1013, f"too many streams: expected at most {most_of_one} of one user or address; close others")
        hub.attach(client)
        if who:
            open_of[who] += 1
        tasks = [
            asyncio.create_task(outbox.run()),
            asyncio.create_task(_receive(socket, client)),
            asyncio.create_task(client.closed.wait()),
            asyncio.create_task(_leave_when_told(socket, client, may_stay)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.detach(client)
            if who:
                open_of[who] -= 1
                if not open_of[who]:
                    del open_of[who]
            client.dismiss()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError | WebSocketDisconnect):
                raise outcome
        if client.closed.is_set():
            # It waits for a client that does not read; uvicorn's keepalive ends one that never will.
            with suppress(TimeoutError, OSError, RuntimeError, WebSocketDisconnect):
                await asyncio.wait_for(socket.close(client.close_code, client.close_reason), _CLOSING_S)

    return stream


async def _leave_when_told(socket: Socket, client: Client, may_stay: MayStay) -> None:
    while True:
        await asyncio.sleep(_ASK_EVERY_S)
        if not await may_stay(socket):
            client.close(SIGNED_OUT, "the session or the API key that opened this stream has ended")
            return


async def _send(socket: Socket, text: str) -> None:
    try:
        await socket.send({"type": "websocket.send", "text": text, "bytes": None})
    except (
        RuntimeError
    ) as error:  # uvicorn's word for a connection that it has closed itself, as nobody answered its pings
        raise WebSocketDisconnect(detail=str(error), code=1006) from error


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
