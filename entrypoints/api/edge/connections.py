"""Which connections are open, and which of them has to go when there are too many."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

FOREIGN_MOST = 256
"""Connections of one address: a user may have 100 streams open, and a browser opens 6 connections to a host."""


class Connection(Protocol):
    """A connection as its table sees it."""

    address: str

    def hang_up(self) -> None:
        """Close the connection at once; nothing more is sent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """`most` connections in all, `streams` of them WebSockets, and `most_of_one` of one address.

    `is_shared` says which addresses stand for many clients (this machine, a trusted proxy): for them only `most` holds.
    A whole request, also the next one of a connection, must come within `request_within_s`. A connection that leaves
    what was sent to it unread for `stuck_after_s` is closed.
    """

    most: int
    streams: int
    most_of_one: int
    is_shared: Callable[[str], bool]
    request_within_s: float = 10.0
    stuck_after_s: float = 60.0


class Connections:
    """The open connections of a server. Lives on the event loop.

    A connection waits while it has not sent a whole request. When there are too many, the one that has waited longest is
    closed, so that silent connections shut nobody out. One that is being answered, and a stream, is never closed for
    another: then the new connection is refused.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.lingering = 0  # refused, and not closed yet
        self._of: Counter[str] = Counter()
        self._open: dict[Connection, None] = {}
        self._streams: set[Connection] = set()
        self._waiting: dict[Connection, float] = {}  # in the order in which they began to wait
        self._waiting_of: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def admit(self, connection: Connection, now: float) -> bool:
        """Count a new connection in, closing another for it where need be. Returns False when there is no room."""
        address, limits = connection.address, self.limits
        if not limits.is_shared(address) and self._of[address] >= limits.most_of_one:
            if not self._make_room(self._waiting_of.get(address, {})):
                return False
        elif len(self._open) >= limits.most and not self._make_room(self._waiting):
            return False
        self._open[connection] = None
        self._of[address] += 1
        self.waits(connection, now)
        return True

    def waits(self, connection: Connection, now: float) -> None:
        """The connection waits for a request from now on."""
        if connection in self._open:
            self._waiting[connection] = now
            self._waiting_of.setdefault(connection.address, {})[connection] = None

    def is_served(self, connection: Connection) -> None:
        """The connection has sent a whole request."""
        if self._waiting.pop(connection, None) is not None:
            of_address = self._waiting_of[connection.address]
            del of_address[connection]
            if not of_address:
                del self._waiting_of[connection.address]

    def becomes_stream(self, connection: Connection) -> bool:
        """The connection is to be a WebSocket. Returns False when there are as many as may be."""
        if len(self._streams) >= self.limits.streams:
            return False
        self.is_served(connection)
        self._streams.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """The connection is closed."""
        if connection in self._open:
            self.is_served(connection)
            self._streams.discard(connection)
            del self._open[connection]
            self._of[connection.address] -= 1
            if not self._of[connection.address]:
                del self._of[connection.address]

    def waiting_since_before(self, time: float) -> list[Connection]:
        """Those that have waited since before `time`, the longest first."""
        found = []
        for connection, since in self._waiting.items():
            if since >= time:
                break
            found.append(connection)
        return found

    def close_longest_waiting(self) -> bool:
        """Close the connection that has waited longest. Returns False when none waits."""
        return self._make_room(self._waiting)

    def _make_room(self, among: dict[Connection, float] | dict[Connection, None]) -> bool:
        oldest = next(iter(among), None)
        if oldest is None:
            return False
        self.forget(oldest)
        oldest.hang_up()
        return True
