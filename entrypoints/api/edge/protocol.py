"""uvicorn's HTTP and WebSocket protocols, with what they lack: a deadline for a request, and a place in the table."""

import asyncio
import socket
import struct
from typing import Any, cast

import h11
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from domain.access.lockout import network_of
from entrypoints.api.edge.connections import Connections
from entrypoints.api.edge.seldom import Seldom
from entrypoints.api.edge.well_formed import fault_of
from entrypoints.api.headers import UNLESS_SAID
from entrypoints.api.problems import MEDIA_TYPE, Problem, problem

_WAITS = (h11.IDLE, h11.SEND_BODY)
_LINGER_S = 0.5
_MOST_LINGERING = 32
_STREAM_BUFFER = 256 * 1024


class Http(H11Protocol):
    """HTTP/1.1 on one connection, which is in the table of connections from its beginning to its end."""

    def __init__(
        self, table: Connections, seldom: Seldom, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.table = table
        self.address = ""
        self._seldom = seldom
        self._unsent = 0
        self._unsent_since = 0.0
        self._is_waiting = True
        self._is_refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place in the table, or say that there is none."""
        super().connection_made(cast("asyncio.Transport", transport))
        host = self.client[0] if self.client else ""
        self.address = host if self.table.limits.is_shared(host) else network_of(host)
        if not self.table.admit(self, self.loop.time()):
            self._seldom.warn("a connection was refused: too many are open", open=len(self.table))
            if self.table.lingering >= _MOST_LINGERING:
                self.transport.abort()
                return
            self._refuse(503, "too many connections are open: close some, or try again in a moment")

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the table."""
        self.table.forget(self)
        self.table.lingering -= self._is_refused
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, but not after a refusal."""
        if not self._is_refused:
            super().data_received(data)

    def handle_events(self) -> None:
        """Read on; then say whether a whole request has come."""
        super().handle_events()
        self._note_state()

    def on_response_complete(self) -> None:
        """The next request has as much time as the first."""
        super().on_response_complete()
        self._note_state()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to the WebSocket protocol, while there is room for a stream."""
        path, _, query = event.target.partition(b"?")
        fault = fault_of(path, query, self.headers)
        if fault is not None:
            self._refuse(400, fault)
            return
        if not self.table.becomes_stream(self):
            self._seldom.warn("a stream was refused: too many are open", streams=self.table.limits.streams)
            self._refuse(503, "too many streams are open: try again later")
            return
        # Left alone, the system takes some 4 MB for a client that reads nothing, before we notice.
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _STREAM_BUFFER)
        super().handle_websocket_upgrade(event)
        protocol = self.transport.get_protocol()
        if isinstance(protocol, Stream):
            protocol.http = self

    def _unsupported_upgrade_warning(self) -> None:
        self._seldom.warn("a client asked for another protocol than WebSocket, and gets HTTP/1.1")

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets problem details like every other error; not in the middle of another answer."""
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.abort()
            return
        self._refuse(400, "this is no HTTP/1.1 request: its line, its headers or the length of its body cannot be read")

    def hang_up(self) -> None:
        """Close at once."""
        self.transport.abort()

    def time_out(self) -> None:
        """The whole request did not come in time: say so to who has begun one, and close."""
        self.table.is_served(self)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._refuse(408, f"the request was not complete within {self.table.limits.request_within_s:g} s")
        else:
            self.transport.abort()

    def end_if_stuck(self, now: float) -> None:
        """Close where nothing of what was sent has been read for too long."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since >= self.table.limits.stuck_after_s:
            # A reset: otherwise the system would keep the unsent bytes after us.
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def _note_state(self) -> None:
        is_waiting = self.conn.their_state in _WAITS
        if is_waiting and not self._is_waiting:
            self.table.waits(self, self.loop.time())
        elif self._is_waiting and not is_waiting:
            self.table.is_served(self)
        self._is_waiting = is_waiting

    def _refuse(self, status: int, detail: str) -> None:
        """Answer and close. What still comes in is read a moment longer, as it would otherwise reset the answer."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self.table.lingering += 1
        self.table.is_served(self)
        self.transport.write(_answer(problem(status, detail)))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.abort)


class Stream(WebSocketsSansIOProtocol):
    """A WebSocket, which leaves the table of connections at its end."""

    http: Http | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the table."""
        if self.http is not None:
            self.http.table.forget(self.http)
        super().connection_lost(exc)


def _answer(content: Problem) -> bytes:
    fields: dict[str, Any] = {"type": content.type, **msgspec.to_builtins(content)}
    body = msgspec.json.encode(fields)
    headers = {
        b"content-type": MEDIA_TYPE.encode(),
        b"content-length": str(len(body)).encode(),
        b"connection": b"close",
    } | UNLESS_SAID
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {content.status} {content.title}\r\n".encode() + lines + b"\r\n" + body
