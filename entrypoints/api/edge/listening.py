"""Accepting connections, a few at a time, and closing those that keep others out."""

import asyncio
import errno
import socket
from collections.abc import Callable

from entrypoints.api.edge.connections import Connections
from entrypoints.api.edge.protocol import Http
from entrypoints.api.edge.seldom import Seldom

_AT_ONCE = 8
_LOOK_EVERY_S = 1.0
_PAUSE_S = 0.1
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listening:
    """Accepts the connections of one listening socket; in place of asyncio's own server.

    When no file may be opened, asyncio writes a trace for each connection that waits (2,048 of them, each second). Here
    the connection that has waited longest for its request makes room, and that is told once a minute.
    """

    def __init__(
        self, listener: socket.socket, protocol: Callable[[], Http], connections: Connections, seldom: Seldom
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._connections = connections
        self._seldom = seldom
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[object]] = set()
        self._is_closed = False
        self._at_once = max(1, min(_AT_ONCE, connections.limits.most // 8))
        listener.setblocking(False)
        self._loop.add_reader(listener, self._accept)
        self._looking = self._loop.create_task(self._look_round())

    def close(self) -> None:
        """Accept no more."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.remove_reader(self._listener)
            self._looking.cancel()

    async def wait_closed(self) -> None:
        """Wait until what was accepted has begun."""
        if self._beginning:
            await asyncio.wait(self._beginning)

    def _accept(self) -> None:
        if self._beginning:
            return  # first those are in the table, so that no more files are open than it says
        for _ in range(self._at_once):
            try:
                connection, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                self._make_room(error)
                return
            connection.setblocking(False)
            beginning = self._loop.create_task(self._begin(connection))
            self._beginning.add(beginning)
            beginning.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # it has gone already
            connection.close()

    def _make_room(self, error: OSError) -> None:
        made = self._connections.close_longest_waiting()
        self._seldom.warn(
            "no file may be opened for a new connection: raise the limit of open files (ulimit -n)",
            reason=error.strerror, open=len(self._connections), closed_one_that_waited=made,
        )  # fmt: skip
        if not made:
            self._loop.remove_reader(self._listener)
            self._loop.call_later(_PAUSE_S, self._accept_again)

    def _accept_again(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._listener, self._accept)

    async def _look_round(self) -> None:
        while True:
            await asyncio.sleep(min(_LOOK_EVERY_S, self._connections.limits.request_within_s / 4))
            now = self._loop.time()
            for connection in self._connections.waiting_since_before(now - self._connections.limits.request_within_s):
                if isinstance(connection, Http):
                    connection.time_out()
            for connection in self._connections:
                if isinstance(connection, Http):
                    connection.end_if_stuck(now)
