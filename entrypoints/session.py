"""A session: one source, its data directory, and the workers that keep log, store and alerts up with it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog
from sqlalchemy import Engine

from adapters.embedded.data_directory import DataDirectory
from adapters.metrics.prometheus import PrometheusTelemetry
from application.alerting.channels import Channels
from application.courtesy import GiveWay, at_once
from application.health import DeadLetterRate, answered
from application.source_troubles import SourceTroubles
from application.sources import SourceCommands
from application.watched_log import WatchedLog
from domain.sources import NewsFeed
from domain.values import Origin
from entrypoints.api.services import Component, Services
from entrypoints.collecting import Backfilling, MarketCollecting, NewsCollecting
from entrypoints.container import SessionContainer
from entrypoints.data_health import look_at_disk, look_at_files
from entrypoints.outside import Outside, open_outside
from entrypoints.plan import Plans
from entrypoints.serving import Serving
from entrypoints.settings import Settings
from entrypoints.source import Source
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
        channels: Channels | None = None,
        sources: SourceCommands | None = None,
        house_engine: Engine | None = None,
        standing_in: Callable[[], str] | None = None,
        give_way: GiveWay = at_once,
    ) -> None:
        """`channels` are where alerts are sent to; without them, and of a recording, nobody is notified. `sources` say what
        is collected instead of what the settings say; a recording is played as it is. `house_engine` is the house's
        database where the session has one of its own: the operator sees into both. History and forecasts `give_way`.
        """
        self.source = source
        self._channels = channels
        self._sources = None if source.origin is Origin.RECORDING else sources
        self._standing_in = standing_in  # says what this session's source stands in for, and why
        self._give_way = give_way
        self._settings = settings
        self._telemetry = telemetry
        self._container = SessionContainer(
            settings=settings, source=source, telemetry=telemetry, channels=channels, house_engine=house_engine
        )
        self._outside: Outside | None = None
        self._inbound: list[Worker] = []  # what brings events in
        self._inner: list[Worker] = []  # what works on the log
        self._writer: Worker | None = None
        self._serving: Serving | None = None

    def start(self, progress: Progress | None = None) -> None:
        """Lock the data directory, bring the store up to date, and begin to collect.

        `progress` is told of each batch of the log that the store had not seen. Raises DirectoryInUse and the
        adapters' errors, each a sentence.
        """
        box = self._container
        directory: DataDirectory = box.directory()
        directory.lock(command="cryptoviz run")
        try:
            box.data_files().prepare()
            box.file_watch()  # from here on it notices when one of them is deleted or replaced
            box.projection().catch_up(progress)
            self._outside = outside = open_outside(self._settings, self.source, box.clock(), self._telemetry)
            news = [NewsFeed(name, url) for name, url in outside.news.items()]
            plans = Plans(self._sources, self._settings.pairs, news, outside.names)
            box.alert_commands().set_up(plans.present().pairs)
            self._start_workers(outside, plans)
        except BaseException:
            self.stop()
            raise
        self._serving = Serving(box, plans, started_at=box.clock().now(), health=self._health)

    def room(self) -> str:
        """How much a day takes on the disk, and for how many days there is room. Raises LogUnavailable, StoreUnavailable."""
        return str(self._container.rooms().room())

    def stop(self) -> None:
        """End the feeds, let what they brought reach log and store, close everything. Safe to call twice."""
        box = self._container
        box.board().stop()
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
        """What the API serves from, by the present plan; only after `start`."""
        if self._serving is None:
            raise RuntimeError("the session has not been started")
        return self._serving.services()

    def _start_workers(self, outside: Outside, plans: Plans) -> None:
        box, settings = self._container, self._settings
        collector = box.collector()
        self._writer = self._worker("log-writer", box.log_writer().run)
        self._inner = [
            self._worker("store", box.projection().run),
            self._worker("relay", box.relay().run),
            self._worker("alerting", box.alert_watch().run),
            self._worker("sentiment", box.sentiment_scoring().run),
            self._worker(
                "forecasts", partial(box.forecasting().run, lambda: plans.present().pairs, give_way=self._give_way)
            ),
        ]
        if self._channels and self.source.origin is not Origin.RECORDING:
            self._inner.append(self._worker("notifying", box.notifying().run))
        if not settings.keeps_everything:
            self._inner.append(self._worker("retention", box.retention().run))
        progress = box.board().progress
        market = MarketCollecting(plans, outside, collector, box.clock(), self.source.origin, progress("feed"))
        ends = "the recording has ended" if self.source.recording else None
        self._inbound = [Worker("feed", market.run, progress("feed"), ends=ends)]
        backfill = outside.backfill(
            collector, box.market_reads(), box.clock(), self._telemetry, settings, self._give_way
        )
        if backfill:
            self._inbound.append(self._worker("backfill", Backfilling(plans, backfill).run))
        if plans.present().feeds or self._sources:
            troubles = SourceTroubles("the news feeds")
            progress("news").explain_by(troubles.look)
            news_log = WatchedLog(box.event_log(), progress("news"), troubles.note)
            collector_of = partial(
                outside.news_collector, pairs=lambda: plans.latest.pairs, event_log=news_log, reads=box.news_reads(), clock=box.clock(),
                telemetry=self._telemetry, interval_s=settings.feed_interval_s,
            )  # fmt: skip
            news = NewsCollecting(plans, collector_of, box.event_log(), box.clock(), outside.news_origin, troubles)
            self._inbound.append(self._worker("news", news.run))
        for worker in (self._writer, *self._inner, *self._inbound):
            worker.start()
        self._watch_over()

    def _worker(self, name: str, job: Callable[[threading.Event], None]) -> Worker:
        return Worker(name, job, self._container.board().progress(name))

    def _watch_over(self) -> None:
        """Begin to ask the parts that are no workers how they are."""
        box, board = self._container, self._container.board()
        board.ask("database", lambda: answered(box.market_reads().last_touch()))
        board.ask("files", partial(look_at_files, box.file_watch()))
        board.ask("disk", partial(look_at_disk, box.rooms()))
        board.follow_head("log", box.event_log().head)
        board.ask("dead-letters", DeadLetterRate(lambda: self._telemetry.total("dead_letters")).look)
        board.start()

    def _health(self) -> Mapping[str, Component]:
        if self._standing_in:
            self._container.board().say("kraken", "down", self._standing_in())
        return self._container.board().report()


def _stop_all(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.ask_to_stop()
    for worker in workers:
        if not worker.stop():
            log.warning("a worker did not stop in time", worker=worker.name)
