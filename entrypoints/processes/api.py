"""`cryptoviz api`: serves REST, stream and page from the shared log and store. As many of them as one likes."""

import asyncio
import threading
from collections.abc import Callable, Mapping

import uvicorn
from litestar.channels import ChannelsPlugin
from redis import RedisError

from adapters.kraken.names import canonical
from adapters.redis.cache import ResponseCache, probe
from adapters.redis.channels import CHANGES, RedisChannels
from application.ports.event_log import LogUnavailable
from application.ports.store import StoreUnavailable
from domain.errors import NotAllowed
from entrypoints.api.app import create_app
from entrypoints.api.server import server_config
from entrypoints.api.services import Component, NewsFeed, NotReady, Services
from entrypoints.outside import news_of
from entrypoints.processes.process import Process, status_of
from entrypoints.serve import calm_the_collector, is_loopback, listen
from entrypoints.settings import Settings
from entrypoints.web.page import page_handlers
from entrypoints.workers.worker import Worker

_PROBE_EVERY_S = 2.0


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

    def __init__(self, process: Process, changed: Callable[[], None]) -> None:
        self._process = process
        self._changed = changed
        self._services: Services | None = None
        self._trouble = "the API waits for its database"
        self._parts: Mapping[str, Component] = {"database": Component("starting", essential=True)}

    def services(self) -> Services:
        """What the handlers serve from. Raises NotReady."""
        if self._services is None:
            raise NotReady(self._trouble)
        return self._services

    def run(self, stop: threading.Event) -> None:
        """Claim the store, then look every 2 s how the services are."""
        try:
            self._process.claim_store()
        except NotAllowed as refused:
            self._trouble = str(refused)
            raise
        self._services = self._make_services()
        while not stop.is_set():
            self._parts = self._probe()
            self._process.heartbeat.beat(*status_of(self._parts))
            stop.wait(_PROBE_EVERY_S)

    def _make_services(self) -> Services:
        box, settings, source = self._process.box, self._process.settings, self._process.source
        news = news_of(settings, source)
        return Services(
            origin=source.origin,
            profile=settings.profile,
            started_at=box.clock().now(),
            pairs=tuple(settings.pairs),
            feeds=tuple(NewsFeed(name, url) for name, url in news.items()),
            feed_interval_s=settings.feed_interval_s,
            canonical_pair=canonical,
            clock=box.clock(),
            event_log=box.event_log(),
            market=box.market_reads(),
            news=box.news_reads(),
            alerts=box.alert_reads(),
            forecasts=box.forecast_reads(),
            sentiment=box.sentiment_reads(),
            commands=box.alert_commands(changed=self._changed),
            preview=box.rule_preview(),
            news_price=box.news_price(),
            backtests=box.backtests(),
            statistics=box.statistics(),
            health=lambda: self._parts,
        )

    def _probe(self) -> dict[str, Component]:
        box, redis_url = self._process.box, self._process.settings.redis_url
        parts = {
            "database": _component(lambda: box.market_reads().last_touch(), essential=True),
            "kafka": _component(lambda: box.event_log().head()),
            "schema_registry": _component(box.schema_ids().probe),
        }
        return parts | {"redis": _component(lambda: probe(redis_url))} if redis_url else parts


def run_api(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until asked to stop. Raises OSError when the port is taken, NotAllowed for another source's database."""
    process = Process("api", settings)
    process.listen_for_signals()  # uvicorn hands on the signal that ended it
    notices = Notices(settings.redis_url)
    api = Api(process, notices.changed)
    worker = Worker("api", api.run)
    on_loopback = is_loopback(settings.host)
    app = create_app(
        api.services,
        process.telemetry,
        bound_to_loopback=on_loopback,
        pages=page_handlers(),
        cache=ResponseCache(settings.redis_url) if settings.redis_url else None,
        channels=notices.channels,
        on_startup=[notices.start],
    )
    with listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        worker.start()
        try:
            say(f"CryptoViz serves {process.source.words} at http://{host}:{port}")
            calm_the_collector()
            uvicorn.Server(server_config(app, host=settings.host, port=settings.port)).run(sockets=[listener])
        finally:
            process.stop.set()
            worker.stop()
            process.close()


def _component(probe: Callable[[], object], *, essential: bool = False) -> Component:
    try:
        probe()
    except (StoreUnavailable, LogUnavailable, RedisError) as unavailable:
        return Component("down", str(unavailable), essential)
    return Component("ok", None, essential)
