"""A session: one source, its data directory, and the workers that keep log, store and alerts up with it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from adapters.embedded.data_directory import DataDirectory
from adapters.kraken.names import canonical
from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sql.migrate import upgrade
from entrypoints.api.services import Component, NewsFeed, Services
from entrypoints.container import SessionContainer
from entrypoints.outside import Outside, open_outside
from entrypoints.settings import Settings
from entrypoints.source import Source
from entrypoints.workers.state import state_of
from entrypoints.workers.worker import Worker

log = structlog.get_logger(__name__)

Progress = Callable[[int], None]


class Session:
    """Runs one source in the embedded profile. `start` returns when queries can be served; `stop` loses nothing."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        telemetry: PrometheusTelemetry,
        *,
        standing_in: Callable[[], str] | None = None,
    ) -> None:
        self.source = source
        self._standing_in = standing_in  # says what this session's source stands in for, and why
        self._settings = settings
        self._telemetry = telemetry
        self._container = SessionContainer(settings=settings, source=source, telemetry=telemetry)
        self._outside: Outside | None = None
        self._inbound: list[Worker] = []  # what brings events in
        self._inner: list[Worker] = []  # what works on the log
        self._writer: Worker | None = None
        self._services: Services | None = None

    def start(self, progress: Progress | None = None) -> None:
        """Lock the data directory, bring the store up to date, and begin to collect.

        `progress` is told of each batch of the log that the store had not seen. Raises DirectoryInUse and the
        adapters' errors, each a sentence.
        """
        box = self._container
        directory: DataDirectory = box.directory()
        directory.lock(command="cryptoviz run")
        try:
            upgrade(box.engine())
            box.projection().catch_up(progress)
            box.alert_commands().set_up()
            self._outside = open_outside(self._settings, self.source, box.clock(), self._telemetry)
            self._start_workers(self._outside)
        except BaseException:
            self.stop()
            raise
        self._services = self._make_services(self._outside, box.clock().now())

    def stop(self) -> None:
        """End the feeds, let what they brought reach log and store, close everything. Safe to call twice."""
        box = self._container
        _stop_all(self._inbound)
        box.inbox().close()
        if self._writer:
            self._writer.stop(timeout_s=30)
        _stop_all(self._inner)
        if self._outside:
            self._outside.stop()
            box.relay().relay_pending()
            box.projection().catch_up()
        self._inbound, self._inner, self._writer, self._outside = [], [], None, None
        box.event_log().close()
        box.engine().dispose()
        box.directory().release()

    @property
    def services(self) -> Services:
        """What the API serves from; only after `start`."""
        if self._services is None:
            raise RuntimeError("the session has not been started")
        return self._services

    def _start_workers(self, outside: Outside) -> None:
        box, settings = self._container, self._settings
        collector = box.collector()
        self._writer = Worker("log-writer", box.log_writer().run)
        self._inner = [
            Worker("store", box.projection().run),
            Worker("relay", box.relay().run),
            Worker("alerting", box.alert_watch().run),
            Worker("sentiment", box.sentiment_scoring().run),
            Worker("forecasts", partial(box.forecasting().run, settings.pairs)),
        ]
        if not settings.keeps_everything:
            self._inner.append(Worker("retention", box.retention().run))
        self._inbound = [Worker("feed", lambda stop: outside.feed.run(collector.accept, stop))]
        backfill = outside.backfill(collector, box.market_reads(), box.clock(), self._telemetry, settings)
        if backfill:
            self._inbound.append(Worker("backfill", backfill.run))
        if outside.news:
            news = outside.news_collector(
                box.event_log(), box.news_reads(), box.clock(), self._telemetry, settings.feed_interval_s
            )
            self._inbound.append(Worker("news", news.run))
        for worker in (self._writer, *self._inner, *self._inbound):
            worker.start()

    def _make_services(self, outside: Outside, started_at: datetime) -> Services:
        box, settings = self._container, self._settings
        return Services(
            origin=self.source.origin,
            profile=settings.profile,
            started_at=started_at,
            pairs=tuple(settings.pairs),
            feeds=tuple(NewsFeed(name, url) for name, url in outside.news.items()),
            feed_interval_s=settings.feed_interval_s,
            canonical_pair=canonical,
            clock=box.clock(),
            event_log=box.event_log(),
            market=box.market_reads(),
            news=box.news_reads(),
            alerts=box.alert_reads(),
            forecasts=box.forecast_reads(),
            sentiment=box.sentiment_reads(),
            commands=box.alert_commands(),
            preview=box.rule_preview(),
            news_price=box.news_price(),
            backtests=box.backtests(),
            statistics=box.statistics(),
            health=self._health,
        )

    def _health(self) -> Mapping[str, Component]:
        workers = [*self._inbound, *self._inner, *([self._writer] if self._writer else [])]
        components = {worker.name: state_of(worker, self.source) for worker in workers}
        if self._standing_in:
            components["kraken"] = Component("down", self._standing_in())
        return components


def _stop_all(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.ask_to_stop()
    for worker in workers:
        if not worker.stop():
            log.warning("a worker did not stop in time", worker=worker.name)
