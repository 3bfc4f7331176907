"""One WebSocket connection on websocket-client: bounded in time and size, ended promptly from another thread."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import websocket
from websocket import ABNF, WebSocket, WebSocketException, WebSocketTimeoutException
from websocket._abnf import frame_buffer  # its only place that knows a frame's length before reading it

from adapters.kraken.errors import ConnectionLost

LONGEST_FRAME = 16 * 1024 * 1024
_POLL_S = 0.1
_SEND_TIMEOUT_S = 0.5
_DATA = frozenset({ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY})


class Connection:
    """An open WebSocket. Use `open_connection` to get one; `close` it when done. For one thread."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._until = time.monotonic() + timeout_s
        self._socket = _library_socket()
        self._frames = _BoundedFrames(self._bytes)
        self._socket.frame_buffer = self._frames
        try:
            self._socket.connect(url, timeout=timeout_s, redirect_limit=0, **_route(url, timeout_s))
        except (OSError, WebSocketException, ValueError) as error:
            self._socket.shutdown()
            raise ConnectionLost(f"no connection to {url}: {_words(error)}") from error

    def receive(self, timeout_s: float) -> bytes | None:
        """The next text or binary message; None when none was complete in time, or a ping came (it is answered)."""
        self._until = time.monotonic() + timeout_s
        self._socket.settimeout(timeout_s)
        try:
            opcode, frame = self._socket.recv_data_frame(control_frame=True)
        except WebSocketTimeoutException:
            return None
        except (OSError, WebSocketException) as error:
            raise ConnectionLost(f"the connection broke: {_words(error)}") from error
        if opcode in _DATA:
            return bytes(frame.data)
        if opcode == ABNF.OPCODE_CLOSE:
            raise ConnectionLost(f"Kraken closed the connection{_close_words(bytes(frame.data))}")
        return None

    def send(self, text: str) -> None:
        """Send a text message. Raises ConnectionLost."""
        self._socket.settimeout(_SEND_TIMEOUT_S)
        try:
            self._socket.send(text)
        except (OSError, WebSocketException) as error:
            raise ConnectionLost(f"the connection broke while sending: {_words(error)}") from error

    def close(self) -> None:
        """Say good-bye, without waiting for an answer, and close the socket."""
        try:
            self._socket.settimeout(_SEND_TIMEOUT_S)
            self._socket.send_close()
        except (OSError, WebSocketException):
            pass  # it is gone already
        finally:
            self._socket.shutdown()

    def _bytes(self, size: int) -> Any:
        """Read for a frame. The library would go on for as long as bytes trickle in; we stop at the time limit."""
        if time.monotonic() > self._until:
            raise WebSocketTimeoutException("a frame is incomplete")
        return self._socket._recv(size)


def _library_socket() -> Any:  # Any: the library types its parameters in part
    return WebSocket(skip_utf8_validation=True, enable_multithread=False)  # the JSON decoder checks UTF-8


class _BoundedFrames(frame_buffer):
    """Refuses a message beyond LONGEST_FRAME before its payload is read, be it in one frame or in many."""

    def __init__(self, recv: Callable[[int], Any]) -> None:
        super().__init__(recv, skip_utf8_validation=True)
        self._message = 0

    def recv_length(self) -> None:
        super().recv_length()
        if self._message + (self.length or 0) > LONGEST_FRAME:
            raise WebSocketException(f"a message longer than {LONGEST_FRAME // 1024**2} MiB")

    def recv_frame(self) -> Any:
        frame = super().recv_frame()
        if frame.opcode in _DATA or frame.opcode == ABNF.OPCODE_CONT:
            self._message = 0 if frame.fin else self._message + len(frame.data)
        return frame


def open_connection(url: str, *, timeout_s: float, stop: threading.Event) -> Connection | None:
    """Connect; None if `stop` was set meanwhile. Raises ConnectionLost with the reason in words.

    Name resolution and handshakes cannot be interrupted, so they happen on a thread that is left behind on `stop`:
    it ends by itself within `timeout_s`, and closes what it opened.
    """
    attempt = _Attempt(url, timeout_s)
    attempt.start()
    while not attempt.done.wait(_POLL_S):
        if stop.is_set():
            break
    return attempt.take(abandon=stop.is_set())


class _Attempt(threading.Thread):
    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(name="kraken-connect", daemon=True)
        self.done = threading.Event()
        self._url, self._timeout_s = url, timeout_s
        self._lock = threading.Lock()
        self._abandoned = False
        self._outcome: Connection | ConnectionLost | None = None

    def run(self) -> None:
        outcome: Connection | ConnectionLost
        try:
            outcome = Connection(self._url, self._timeout_s)
        except ConnectionLost as error:
            outcome = error
        with self._lock:
            self._outcome = outcome
            if self._abandoned and isinstance(outcome, Connection):
                outcome.close()
        self.done.set()

    def take(self, *, abandon: bool) -> Connection | None:
        with self._lock:
            self._abandoned = abandon
            if isinstance(self._outcome, ConnectionLost):
                if abandon:
                    return None
                raise self._outcome
            if abandon and self._outcome is not None:
                self._outcome.close()
                return None
            return self._outcome


def reachable(url: str, timeout_s: float) -> str | None:
    """None if Kraken answers there: a WebSocket opens and any message arrives. Otherwise the reason, in words."""
    until = time.monotonic() + timeout_s
    try:
        connection = open_connection(url, timeout_s=timeout_s, stop=threading.Event())
        if connection is None:
            return f"no connection to {url}"
        try:
            while (left := until - time.monotonic()) > 0:
                if connection.receive(left) is not None:
                    return None
        finally:
            connection.close()
    except ConnectionLost as error:
        return str(error)
    return f"{url} accepts connections but said nothing within {timeout_s:g} s"


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: then no proxy of the environment may stand between."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _route(url: str, timeout_s: float) -> dict[str, Any]:
    """How to get there: verified TLS with SNI; on this machine over a socket of our own, past any proxy."""
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValueError("expected an address such as wss://ws.kraken.com/v2")
    secure = parts.scheme == "wss"
    context = ssl.create_default_context() if secure else None
    if not is_loopback(url):
        return {"sslopt": {"context": context}} if secure else {}
    direct = socket.create_connection((parts.hostname, parts.port or (443 if secure else 80)), timeout_s)
    try:
        return {"socket": context.wrap_socket(direct, server_hostname=parts.hostname) if context else direct}
    except (OSError, ValueError):
        direct.close()
        raise


_IN_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((socket.gaierror, websocket.WebSocketAddressException), "its name could not be resolved; is this machine online?"),
    ((TimeoutError, WebSocketTimeoutException), "it did not answer in time"),
    (ConnectionRefusedError, "it refused the connection"),
    (websocket.WebSocketConnectionClosedException, "it closed without a word"),
)


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, websocket.WebSocketBadStatusException):
        return f"it answered with HTTP {error.status_code} instead of a WebSocket"
    for kinds, words in _IN_WORDS:
        if isinstance(error, kinds):
            return words
    return str(error)[:200] or type(error).__name__


def _close_words(data: bytes) -> str:
    if len(data) < 2:
        return ""
    said = data[2:].decode("utf-8", "replace")[:100]
    return f" ({int.from_bytes(data[:2], 'big')}{f': {said}' if said else ''})"
