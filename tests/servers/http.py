"""An HTTP server on loopback that misbehaves as it is told to."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class Request:
    """What came, and when; `ended` is None while it is being answered. Times are monotonic seconds."""

    path: str
    headers: Mapping[str, str]
    began: float
    ended: float | None = None
    body: bytes = b""


class Exchange(BaseHTTPRequestHandler):
    """One request being answered. A behaviour may answer properly, or write whatever it likes."""

    server: "_Server"

    def answer(self, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """A proper answer."""
        fields = {"content-length": str(len(body)), **(headers or {})}
        lines = [f"HTTP/1.1 {status} X", "connection: close", *(f"{name}: {value}" for name, value in fields.items())]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, head: bytes = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", every_s: float = 0.05) -> None:
        """One byte after the other, until the server stops or the client has had enough."""
        self.wfile.write(head)
        while not self.server.house.stopping.wait(every_s):
            self.wfile.write(b"x")
            self.wfile.flush()

    def reset(self) -> None:
        """Break the connection off with a reset."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def do_GET(self) -> None:
        """Do as this path is told to."""
        house = self.server.house
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, time.monotonic())
        request.body = self.rfile.read(int(headers.get("content-length", 0)))
        house.requests.append(request)
        try:
            house.behaviour(self.path)(self)
        except OSError:
            pass  # the client left: that is what many of these tests are about
        finally:
            request.ended = time.monotonic()

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """As the standard library does, for a connection that may be gone."""
        with suppress(OSError, ValueError):
            super().finish()


Behaviour = Callable[[Exchange], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined when the server closes
    block_on_close = True
    house: "HttpServer"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is no error here."""


@dataclass(slots=True)
class HttpServer:
    """Serves `routes`; what has none is a 404."""

    port: int
    routes: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.address}{path}"

    def serve(
        self,
        path: str,
        body: bytes | str,
        *,
        status: int = 200,
        media_type: str = "text/html; charset=utf-8",
        **headers: str,
    ) -> None:
        """Answer properly there; `retry_after="5"` becomes the header `retry-after`."""
        data = body.encode() if isinstance(body, str) else body
        fields = {"content-type": media_type} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[path] = lambda exchange: exchange.answer(status, data, fields)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Send on to another address."""
        self.routes[path] = lambda exchange: exchange.answer(status, b"", {"location": to})

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, so far."""
        return [request for request in self.requests if request.path == path]

    def behaviour(self, path: str) -> Behaviour:
        """What is done for a path."""
        return self.routes.get(path) or (lambda exchange: exchange.answer(404, b"nothing here"))


@contextmanager
def http_server() -> Iterator[HttpServer]:
    """A server on a free port, gone with its threads when the block ends."""
    server = _Server(("127.0.0.1", 0), Exchange)
    house = server.house = HttpServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="http server")
    thread.start()
    try:
        yield house
    finally:
        house.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
