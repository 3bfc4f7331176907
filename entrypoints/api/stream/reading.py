"""Threads and readers for the past, shared by all clients of a process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from domain.errors import NotAllowed
from entrypoints.api.services import NotReady

_THREADS = 8
_MOST_OPEN = 16
_MOST_PLAYED = 50


class Closable(Protocol):
    """What is read from."""

    def close(self) -> None:
        """Give back what it holds."""
        ...


S = TypeVar("S", bound=Closable)
T = TypeVar("T")


class PastReaders:
    """Bounds what clients that ask for the past can take of a process. Lives on the event loop.

    At most 16 readers that catch up are open at once; the next client waits in line. They are read by 8 threads in turn.
    At most 50 clients play the past.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stream-past")
        self._catching_up = asyncio.Semaphore(_MOST_OPEN)
        self._playing = 0
        self._in_line = 0

    @property
    def others_wait(self) -> bool:
        """Whether a client waits in line."""
        return self._in_line > 0

    async def catch_up(self, opened: Callable[[], S]) -> "Reading[S]":
        """Open a reader, after those that came first. Raises what `opened` raises."""
        self._in_line += 1
        try:
            await self._catching_up.acquire()
        finally:
            self._in_line -= 1
        return await self._open(opened, self._catching_up.release)

    async def play(self, opened: Callable[[], S]) -> "Reading[S]":
        """Open the past for a client that plays it. Raises NotAllowed, and what `opened` raises."""
        if self._playing >= _MOST_PLAYED:
            raise NotAllowed(f"{_MOST_PLAYED} clients play the past already: try again when one has ended")
        self._playing += 1
        return await self._open(opened, self._played)

    def close(self) -> None:
        """End the threads after what they are doing."""
        self._threads.shutdown(wait=False)

    def _played(self) -> None:
        self._playing -= 1

    async def _open(self, opened: Callable[[], S], given_back: Callable[[], None]) -> "Reading[S]":
        try:
            opening = _submitted(self._threads, opened)
        except NotReady:
            given_back()
            raise
        try:
            source = await asyncio.wrap_future(opening)
        except BaseException:
            opening.add_done_callback(_close_opened)
            given_back()
            raise
        return Reading(self._threads, source, given_back)


class Reading(Generic[S]):
    """One open source, used by one thread at a time, and closed once."""

    def __init__(self, threads: ThreadPoolExecutor, source: S, given_back: Callable[[], None]) -> None:
        self.source = source
        self._threads = threads
        self._given_back = given_back
        self._busy: Future[object] | None = None
        self._is_closed = False

    async def run(self, step: Callable[[], T]) -> T:
        """Do a step that reads from the source, in a thread. Raises NotReady while the server stops, and what it raises."""
        future = _submitted(self._threads, step)
        self._busy = future  # type: ignore[assignment]  # it is only waited for
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Close the source after the step in hand; from the event loop."""
        if self._is_closed:
            return
        self._is_closed = True
        self._given_back()
        if self._busy is None or self._busy.done():
            self._close_in_thread()
        else:
            self._busy.add_done_callback(lambda _: self.source.close())

    def _close_in_thread(self) -> None:
        try:
            self._threads.submit(self.source.close)
        except RuntimeError:  # the threads have ended with the process's serving
            self.source.close()


def _submitted(threads: ThreadPoolExecutor, step: Callable[[], T]) -> "Future[T]":
    try:
        return threads.submit(step)
    except RuntimeError as error:
        raise NotReady("the server stops") from error


def _close_opened(opening: "Future[S]") -> None:
    """Close what was opened for nobody. Called in the thread that opened it, or after it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
