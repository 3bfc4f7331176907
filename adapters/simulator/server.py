"""The simulator as a server on this machine: Kraken's WebSocket v2 and REST, and five news sources."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
import uvicorn

from adapters.simulator.frames import HEARTBEAT
from adapters.simulator.market import Market
from adapters.simulator.moment import to_ns
from adapters.simulator.news import SOURCES, Newsroom
from adapters.simulator.pairs import LISTINGS
from adapters.simulator.path import MARKET_OPEN
from adapters.simulator.session import Session
from adapters.simulator.site import Response, Site

_PUMP_S = 0.05  # the longest a trade waits for its frame
_HEARTBEAT_S = 1.0
_MAX_JUMP_NS = 60 * 10**9
_MAX_REQUEST_BYTES = 64 * 1024
_STOP_S = 10

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_log = structlog.get_logger(__name__)


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class Simulator:
    """A simulated market and press, served from a background thread.

    `clock` returns aware UTC datetimes, later than the first day of the simulated market (2020-01-01). Two simulators
    with the same seed and clock serve the same market; a restarted one continues it.
    """

    def __init__(
        self, *, seed: int = 7, host: str = "127.0.0.1", port: int = 0, clock: Callable[[], datetime] = _wall_clock
    ) -> None:
        self._market = Market(seed)
        self._newsroom = Newsroom(seed, self._market)
        self._host = host
        self._port = port
        self._clock = clock
        self._address: str | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """`host:port`, once started."""
        if self._address is None:
            msg = "the simulator has no address before start()"
            raise RuntimeError(msg)
        return self._address

    @property
    def ws_url(self) -> str:
        """Kraken's WebSocket v2."""
        return f"ws://{self.address}/v2"

    @property
    def rest_url(self) -> str:
        """Kraken's REST; paths start with `/0/public/`."""
        return f"http://{self.address}"

    @property
    def feeds(self) -> dict[str, str]:
        """The RSS feeds: name of the source -> URL."""
        return {name: f"{self.rest_url}/news/{slug}.xml" for slug, name in SOURCES.items()}

    def start(self) -> None:
        """Listens; ready on return.

        Raises ValueError when the clock is before the market's second day, OSError when the port can't be had.
        """
        now_ns = self._now_ns()
        if now_ns < to_ns(MARKET_OPEN + timedelta(days=1)):
            msg = f"the simulated market opened on {MARKET_OPEN:%Y-%m-%d}, but the clock says {self._clock()}; set it right"
            raise ValueError(msg)
        for symbol in LISTINGS:
            self._market.ticker(symbol, now_ns)  # counts the day before, so that the first subscription need not
        listener = self._listen()
        self._address = f"{self._host}:{listener.getsockname()[1]}"
        app = _App(self._market, Site(self._market, self._newsroom, self.rest_url), self._now_ns)
        self._server = _Server(app)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="simulator", daemon=True)
        self._thread.start()
        self._server.wait_until_ready(self._thread)
        _log.info("simulator_started", address=self._address)

    def stop(self) -> None:
        """Closes every connection and joins the thread; does nothing when not running."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.should_exit = True
        thread.join(_STOP_S)
        if thread.is_alive():
            msg = f"the simulator at {self._address} did not stop within {_STOP_S} s"
            raise RuntimeError(msg)
        self._server = self._thread = None
        _log.info("simulator_stopped", address=self._address)

    def _now_ns(self) -> int:
        return to_ns(self._clock())

    def _listen(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            msg = f"the simulator can't listen on {self._host}:{self._port}: {error.strerror}; choose another port"
            raise OSError(error.errno, msg) from error
        return listener


class _Server(uvicorn.Server):
    def __init__(self, app: "_App") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="websockets-sansio",
                ws_max_size=_MAX_REQUEST_BYTES,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    def wait_until_ready(self, thread: threading.Thread) -> None:
        while not self._ready.wait(0.05):
            if not thread.is_alive():
                msg = "the simulator's server ended before it was ready; its log says why"
                raise RuntimeError(msg)


class _App:
    """The ASGI application: one WebSocket session a client, and plain GETs."""

    def __init__(self, market: Market, site: Site, now_ns: Callable[[], int]) -> None:
        self._market = market
        self._site = site
        self._now_ns = now_ns

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._http(scope, send)

    async def _http(self, scope: _Message, send: _Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            response = Response(405, {"allow": "GET, HEAD"})
        else:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            query = scope["query_string"].decode("latin-1")
            # In a thread: a long history takes a moment, and the sockets must not wait for it.
            response = await asyncio.to_thread(self._site.get, scope["path"], query, headers, self._now_ns())
        length = {} if response.status == 304 else {"content-length": str(len(response.body))}
        lines = [(name.encode(), value.encode()) for name, value in (response.headers | length).items()]
        await send({"type": "http.response.start", "status": response.status, "headers": lines})
        await send({"type": "http.response.body", "body": response.body})

    async def _websocket(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        await receive()  # websocket.connect
        if scope["path"].rstrip("/") != "/v2":
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})
        session = Session(self._market)
        await _send_all(send, [session.greeting()])
        turn = asyncio.Lock()  # a request's answers are not interleaved with updates
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump(session, send, turn))
            with suppress(OSError):  # ASGI's word for a client that has gone
                while (message := await receive())["type"] == "websocket.receive" and not pump.done():
                    text = message.get("text") or message.get("bytes") or ""
                    async with turn:
                        await _send_all(send, session.answer(text, self._now_ns()))
            pump.cancel()

    async def _pump(self, session: Session, send: _Send, turn: asyncio.Lock) -> None:
        clock = asyncio.get_running_loop().time
        next_beat = clock()
        before = self._now_ns()
        with suppress(OSError):
            while True:
                async with turn:
                    now = self._now_ns()
                    if now - before > _MAX_JUMP_NS:
                        # This machine slept, or the client did not read. Like the venue we drop it: REST has what it missed.
                        _log.warning("simulator_client_lost", behind_s=(now - before) // 10**9)
                        await send({"type": "websocket.close", "code": 1011, "reason": "too far behind"})
                        return
                    before = now
                    await _send_all(send, session.updates(now))
                    if not session.beating:
                        next_beat = clock()
                    elif clock() >= next_beat:
                        next_beat = max(
                            next_beat + _HEARTBEAT_S, clock() + _HEARTBEAT_S / 2
                        )  # late beats do not pile up
                        await _send_all(send, [HEARTBEAT])
                await asyncio.sleep(_PUMP_S)


async def _send_all(send: _Send, texts: list[str]) -> None:
    for text in texts:
        await send({"type": "websocket.send", "text": text})
