"""What is on its way to one client's socket: sent at once where the socket takes it at once, else queued."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any

from litestar.exceptions import WebSocketDisconnect

Sending = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for one client before it is closed as too slow."""

    messages: int = 10_000
    characters: int = 8 << 20


class Outbox:
    """Texts for one socket, in order. Lives on the event loop; `drained` is set while nothing waits.

    Each row goes to a thousand clients, and to wake a task for every one of them is a good part of what that costs. Nearly
    always the socket takes a text at once: so `put` sends it itself, as asyncio's eager tasks would from Python 3.12 on, and
    `run` goes on with what had to wait. `python -m benchmarks.fan_out` measures it.
    """

    def __init__(self, send: Callable[[str], Sending], limits: QueueLimits) -> None:
        self.drained = asyncio.Event()
        self.drained.set()
        self._send = send
        self._limits = limits
        self._queue: deque[str] = deque()
        self._characters = 0
        self._begun: _Begun | Exception | None = None
        self._stalled = asyncio.Event()

    def put(self, text: str) -> bool:
        """Send a text, after what waits. Returns False when more waits now than may."""
        if self.drained.is_set():
            self._begin(text)
            return True
        self._queue.append(text)
        self._characters += len(text)
        return len(self._queue) <= self._limits.messages and self._characters <= self._limits.characters

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()
        self._characters = 0

    async def run(self) -> None:
        """Send what had to wait, without end. Raises what sending raises, also what `put` met with."""
        while True:
            await self._stalled.wait()
            self._stalled.clear()
            begun, self._begun = self._begun, None
            if isinstance(begun, Exception):
                raise begun
            if begun is not None:
                await begun
            while self._queue:
                text = self._queue.popleft()
                self._characters -= len(text)
                await self._send(text)
            self.drained.set()

    def _begin(self, text: str) -> None:
        sending = self._send(text)
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return  # the socket has it
        except (OSError, RuntimeError, WebSocketDisconnect) as error:  # the socket is gone: `run` tells
            self._begun = error
        else:
            self._begun = _Begun(sending, waits_for)
        self.drained.clear()
        self._stalled.set()


class _Begun:
    """A coroutine that was begun outside of a task, and the future that it waits for: goes on where it is awaited."""

    def __init__(self, sending: Sending, waits_for: Any) -> None:
        self._sending = sending
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, None, None]:
        try:
            while True:
                yield self._waits_for
                self._waits_for = self._sending.send(None)
        except StopIteration:
            return
        finally:
            self._sending.close()
