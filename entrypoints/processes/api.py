"""`cryptoviz api`: serves REST, stream and page from the shared log and store. As many of them as one likes."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from litestar.channels import ChannelsPlugin

from adapters.redis.cache import ResponseCache, probe
from adapters.redis.channels import CHANGES, RedisChannels
from adapters.redis.counts import RequestCounts
from application.fleet import Fleet
from application.health import Finding, judge_dead_letters
from application.sources import SourceCommands
from domain.errors import NotAllowed
from entrypoints.api.app import create_app
from entrypoints.api.server import Server, server_config
from entrypoints.api.services import Component, NotReady, Services
from entrypoints.house import open_house
from entrypoints.outside import news_of, pair_names_of
from entrypoints.processes.process import Process, Stopped
from entrypoints.serve import calm_the_collector, listen, say_how_to_set_up
from entrypoints.serving import Serving
from entrypoints.settings import Settings
from entrypoints.web.page import page_handlers

_BEAT_S = 2.0
_COUNTED = 10_000  # dead letters; more are as bad
_OTHERS = ("feed", "news", "alerting", "spark_ingestion", "spark_analytics")
_LOOK_EVERY_S = 0.5


class Notices:
    """Tells the other processes of commands, through Litestar's channels; without Redis they find out by themselves."""

    def __init__(self, redis_url: str | None) -> None:
        self.channels = ChannelsPlugin(RedisChannels(redis_url), channels=[CHANGES]) if redis_url else None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Called on the event loop that serves."""
        self._loop = asyncio.get_running_loop()

    def changed(self) -> None:
        """A command was carried out; from any thread."""
        if self.channels and self._loop:
            self._loop.call_soon_threadsafe(self.channels.publish, b"command", CHANGES)


class Api:
    """Becomes ready when the database has been reached; until then every request says what is waited for."""

    def __init__(
        self,
        process: Process,
        sources: SourceCommands,
        reached: Callable[[], None],
    ) -> None:
        self._process = process
        self._reached = reached
        settings, source = process.settings, process.source
        names = pair_names_of(settings, source, process.box.clock(), process.telemetry)
        self._plans = process.plans(sources, news_of(settings, source), names)
        self._serving: Serving | None = None
        self._trouble = "the API waits for its database"
        box = process.box
        self._fleet = Fleet(box.process_reports(), box.clock(), _OTHERS)

    def services(self) -> Services:
        """What the handlers serve from. Raises NotReady."""
        if self._serving is None:
            raise NotReady(self._trouble, self._process.board.report())
        return self._serving.services()

    def run(self, stop: threading.Event) -> None:
        """Claim the store, then tell the supervisor every 2 s how the process is."""
        self._watch_over()
        try:
            self._process.claim_store()
        except NotAllowed as refused:
            self._trouble = str(refused)
            raise
        except Stopped:
            return
        self._plans.present()
        box = self._process.box
        self._serving = Serving(box, self._plans, started_at=box.clock().now(), health=self.parts)
        self._reached()
        while not stop.is_set():
            self._process.beat()
            stop.wait(_BEAT_S)

    def parts(self) -> Mapping[str, Component]:
        """How the parts of this process, the services and all other processes are."""
        return {**self._process.board.report(), **self._fleet.parts()}

    def _watch_over(self) -> None:
        board, box, redis_url = self._process.board, self._process.box, self._process.settings.redis_url
        board.ask("database", self._fleet.look, every_s=1.0)
        board.follow_head("kafka", box.event_log().head)
        board.ask("schema_registry", box.schema_ids().probe)
        board.ask("dead-letters", self._count_dead_letters)
        if redis_url:
            board.ask("redis", lambda: probe(redis_url))

    def _count_dead_letters(self) -> Finding:
        box = self._process.box
        came = box.dead_letter_reads().count_since(box.clock().now() - timedelta(minutes=1), most=_COUNTED)
        return judge_dead_letters(came, or_more=came >= _COUNTED)

    def follow_plan(self, stop: threading.Event) -> None:
        """Look what is to be collected, so that no request has to."""
        while not stop.wait(_LOOK_EVERY_S):
            self._plans.present()


def run_api(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until asked to stop. Raises OSError when the port is taken, NotAllowed for another source's database."""
    notices = Notices(settings.redis_url)
    with open_house(settings) as house, listen(settings.host, settings.port) as listener:
        process = Process("api", settings, channels=house.channels(), changed=notices.changed)
        process.listen_for_signals()  # uvicorn hands on the signal that ended it
        host, port = listener.getsockname()[:2]
        reached = partial(say_how_to_set_up, house, f"http://{host}:{port}", say)
        api = Api(process, house.sources(), reached)
        workers = [process.worker("api", api.run), process.worker("plan", api.follow_plan)]
        app = create_app(
            api.services,
            process.telemetry,
            house.services(),
            bound_to_loopback=settings.on_loopback,
            public_reads=settings.public_reads,
            pages=page_handlers(),
            cache=ResponseCache(settings.redis_url) if settings.redis_url else None,
            counts=RequestCounts(settings.redis_url) if settings.redis_url else None,
            channels=notices.channels,
            on_startup=[notices.start],
        )
        server = server_config(
            app, process.telemetry, host=settings.host, port=settings.port, trusted_proxies=settings.trusted_proxies
        )
        for worker in workers:
            worker.start()
        try:
            say(f"CryptoViz serves {process.source.words} at http://{host}:{port}")
            calm_the_collector()
            _run_until_asked(Server(server, trusted_proxies=settings.trusted_proxies), listener, process.stop)
        finally:
            process.stop.set()
            for worker in workers:
                worker.stop()
            process.close()


def _run_until_asked(server: Server, listener: socket.socket, stop: threading.Event) -> None:
    """Serve. A signal that came before the server listened to signals ends it too."""

    def end() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=end, name="end-server", daemon=True).start()
    server.run(sockets=[listener])
