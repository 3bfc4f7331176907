import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.api.stream.outbox import Outbox, QueueLimits


class Socket:
    """Takes a text at once, or once it is told to; how often it makes wait is given for each text in turn."""

    def __init__(self, *waits: int) -> None:
        self.waits = iter(waits)
        self.taken: list[str] = []
        self.given_up: list[str] = []
        self.gate = asyncio.Event()

    async def send(self, text: str) -> None:
        try:
            for _ in range(next(self.waits, 0)):
                await self.gate.wait()
                await asyncio.sleep(0)
        except (asyncio.CancelledError, GeneratorExit):
            self.given_up.append(text)
            raise
        self.taken.append(text)


def on_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 10))

    run.__name__ = test.__name__
    return run


def outbox_of(socket: Socket, **limits: int) -> Outbox:
    return Outbox(socket.send, QueueLimits(**limits))


@on_a_loop
async def test_what_the_socket_takes_at_once_is_sent_without_a_task() -> None:
    socket = Socket()
    outbox = outbox_of(socket)
    assert outbox.put("a") and outbox.put("b")
    assert (socket.taken, outbox.drained.is_set()) == (["a", "b"], True)


@on_a_loop
async def test_what_has_to_wait_goes_on_and_the_rest_follows_in_order() -> None:
    socket = Socket(0, 2, 0, 1)
    outbox = outbox_of(socket)
    for text in "abcd":
        assert outbox.put(text)
    running = asyncio.create_task(outbox.run())
    await asyncio.sleep(0.01)
    assert (socket.taken, outbox.drained.is_set()) == (["a"], False)
    socket.gate.set()
    await outbox.drained.wait()
    assert socket.taken == ["a", "b", "c", "d"]
    assert outbox.put("e")
    assert socket.taken[-1] == "e"
    running.cancel()


@on_a_loop
async def test_more_than_may_wait_is_told_and_can_be_forgotten() -> None:
    socket = Socket(1)
    outbox = outbox_of(socket, messages=2, characters=10)
    assert [outbox.put(text) for text in ("begun", "b", "c", "d")] == [True, True, True, False]
    outbox.clear()
    assert [outbox.put(text) for text in ("12345", "123456")] == [True, False]
    outbox.clear()
    running = asyncio.create_task(outbox.run())
    socket.gate.set()
    await outbox.drained.wait()
    assert socket.taken == ["begun"]
    running.cancel()


@on_a_loop
async def test_a_socket_that_is_gone_is_told_by_who_runs_the_outbox() -> None:
    async def gone(text: str) -> None:
        raise ConnectionResetError(text)

    outbox = Outbox(gone, QueueLimits())
    assert outbox.put("a") and outbox.put("b")
    with pytest.raises(ConnectionResetError, match="a"):
        await outbox.run()


@on_a_loop
async def test_an_end_while_a_text_waits_gives_it_up() -> None:
    socket = Socket(1)
    outbox = outbox_of(socket)
    outbox.put("a")
    running = asyncio.create_task(outbox.run())
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (socket.taken, socket.given_up) == ([], ["a"])


@given(waits=st.lists(st.integers(0, 2), max_size=30), pauses=st.sets(st.integers(0, 29)))
def test_each_text_arrives_once_and_in_order(waits: list[int], pauses: set[int]) -> None:
    async def all_sent() -> list[str]:
        socket = Socket(*waits)
        socket.gate.set()
        outbox = outbox_of(socket)
        running = asyncio.create_task(outbox.run())
        for number in range(len(waits)):
            assert outbox.put(str(number))
            if number in pauses:
                await asyncio.sleep(0)
        await outbox.drained.wait()
        running.cancel()
        return socket.taken

    assert asyncio.run(asyncio.wait_for(all_sent(), 10)) == [str(number) for number in range(len(waits))]
