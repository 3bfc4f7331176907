"""Sockets that reach public addresses only, and never longer than a deadline allows.

The address is checked where the connection is made, so a name that resolves to something else the second time
(DNS rebinding) gains nothing.
"""

import errno
import os
import queue
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, TypeVar

import httpcore

from adapters.web.addresses import why_refused
from adapters.web.errors import Unreachable, WebError

_SLICE_S = 0.1  # how often a waiting socket looks whether it is to stop
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0))
_T = TypeVar("_T")


class Deadline:
    """When a fetch ends at the latest, and whether it is to be broken off before."""

    def __init__(self, seconds: float, stop: threading.Event) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._stop = stop

    def left(self, host: str) -> float:
        """Seconds left. Raises WebError when there are none, or when the fetch is to stop."""
        if self._stop.is_set():
            raise WebError("broken off: we are stopping")
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Unreachable(f"{host} timed out: the answer was not complete after {self._seconds:g} s")
        return left


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system resolves them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore. `allowed` holds the `host:port` that may be private."""

    def __init__(self, allowed: Collection[str], deadline: Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "GuardedStream":
        """Connect to one of the host's public addresses. Raises WebError."""
        addresses = self._checked(host, port)
        failure: OSError | None = None
        for number, address in enumerate(addresses):
            share = self._deadline.left(host) / (len(addresses) - number)
            try:
                return GuardedStream(self._connect(address, port, host, share), host, self._deadline)
            except OSError as error:
                failure = error
        raise Unreachable(f"{host} cannot be reached: {_words(failure)}")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Never asked for. Raises WebError."""
        raise WebError("only http and https addresses are fetched")

    def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between retries."""
        time.sleep(min(seconds, self._deadline.left("the host")))

    def _checked(self, host: str, port: int) -> list[str]:
        addresses = self._resolved(host, port)
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if name.lower() in self._allowed:
            return addresses
        public = [address for address in addresses if why_refused(address) is None]
        if not public:
            raise WebError(
                f"{name} is refused: {addresses[0]} is {why_refused(addresses[0])}, and CRYPTOVIZ_ALLOW_PRIVATE_HOSTS "
                "does not name it"
            )
        return public

    def _resolved(self, host: str, port: int) -> list[str]:
        # The system's resolver knows no deadline, so it is asked on a thread that a hanging name server may keep.
        answer: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(resolve(host, port))
            except (OSError, ValueError) as error:
                answer.put(error)

        threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        while True:
            try:
                found = answer.get(timeout=min(_SLICE_S, self._deadline.left(host)))
            except queue.Empty:
                continue
            if isinstance(found, Exception) or not found:
                raise Unreachable(f"the name {host} could not be resolved")
            return found

    def _connect(self, address: str, port: int, host: str, seconds: float) -> socket.socket:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            begun = sock.connect_ex((address, port))
            if begun not in _UNDER_WAY:
                raise OSError(begun, os.strerror(begun))
            ends = time.monotonic() + seconds
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_WRITE)
                while not selector.select(min(_SLICE_S, self._deadline.left(host))):
                    if time.monotonic() > ends:
                        raise TimeoutError("no answer")
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, os.strerror(error))
        except BaseException:
            sock.close()
            raise
        return sock


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline."""

    def __init__(self, sock: socket.socket, host: str, deadline: Deadline) -> None:
        self._sock = sock
        self._host = host
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`; empty at the end. Raises WebError."""
        return self._within_the_deadline(lambda: self._sock.recv(max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it. Raises WebError."""
        while buffer:
            buffer = buffer[self._within_the_deadline(partial(self._sock.send, buffer)) :]

    def close(self) -> None:
        """End the connection."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "GuardedStream":
        """Speak TLS from here on. Raises WebError."""
        try:
            wrapped = ssl_context.wrap_socket(
                self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            self._sock.close()
            raise Unreachable(f"no secure connection to {self._host}: {_words(error)}") from error
        secure = GuardedStream(wrapped, self._host, self._deadline)
        try:
            secure._within_the_deadline(wrapped.do_handshake)
        except BaseException:
            wrapped.close()
            raise
        return secure

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know of a connection."""
        match info:
            case "ssl_object":
                return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
            case "socket":
                return self._sock
            case "is_readable":
                return False  # connections are not kept: nobody asks whether one went stale
        return None

    def _within_the_deadline(self, step: Callable[[], _T]) -> _T:
        while True:
            self._sock.settimeout(min(_SLICE_S, self._deadline.left(self._host)))
            try:
                return step()
            except TimeoutError:
                continue
            except ssl.SSLCertVerificationError as error:
                raise Unreachable(f"the certificate of {self._host} is not valid: {error.verify_message}") from error
            except OSError as error:
                raise Unreachable(f"the connection to {self._host} broke off: {_words(error)}") from error


def _words(error: BaseException | None) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]
