"""One process of the cluster profile: it waits for what it needs, keeps its workers going, and says how it is."""

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

import structlog

from adapters.metrics.prometheus import PrometheusTelemetry
from application.alerting.channels import Channels
from application.health import whole
from application.market.pair_names import PairNames
from application.ownership import claim
from application.ports.event_log import LogUnavailable
from application.ports.store import StoreUnavailable
from application.sources import SourceCommands
from domain.sources import NewsFeed
from domain.values import Origin
from entrypoints.container import SessionContainer
from entrypoints.plan import Plans
from entrypoints.settings import Settings
from entrypoints.signals import end_at_hangup
from entrypoints.source import Source, source_named
from entrypoints.workers.heartbeat import Heartbeat
from entrypoints.workers.reporter import Reporter
from entrypoints.workers.worker import Worker

log = structlog.get_logger(__name__)

_BEAT_S = 2.0
_START = "start"  # the part that stands for what is waited for before the work begins
_LONGEST_PAUSE_S = 10.0
_STOP_WITHIN_S = 10.0


class Stopped(Exception):
    """The process was asked to stop while it still waited."""


class Process:
    """Has `stop`, which SIGTERM and SIGINT set, the container, and the heartbeat that the supervisor reads."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        channels: Channels | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        """`channels` are the notification channels; `changed` is called after each command, instead of the relay."""
        self.settings = settings
        self.source: Source = source_named(settings.source)
        self.telemetry = PrometheusTelemetry()
        self.box = SessionContainer(
            settings=settings, source=self.source, telemetry=self.telemetry, channels=channels,
            **({"changed": changed} if changed else {}),
        )  # fmt: skip
        self.stop = threading.Event()
        self.heartbeat = Heartbeat(name)
        self.board = self.box.board()
        self._reporter = Reporter(name, self.board, self.box.process_reports())
        self._name = name

    def worker(self, name: str, job: Callable[[threading.Event], None], *, ends: str | None = None) -> Worker:
        """A worker whose progress is among the parts of this process."""
        return Worker(name, job, self.board.progress(name), ends=ends)

    def listen_for_signals(self) -> None:
        """SIGTERM, SIGINT and SIGHUP ask the process to stop; only the main thread may call this."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            self.stop.set()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        end_at_hangup()

    def plans(self, sources: SourceCommands, news: Mapping[str, str], names: PairNames | None = None) -> Plans:
        """What is to be collected, over the settings and these news feeds; a recording is played as it is."""
        feeds = [NewsFeed(name, url) for name, url in news.items()]
        return Plans(None if self.source.origin is Origin.RECORDING else sources, self.settings.pairs, feeds, names)

    def wait_until(self, what: str, attempt: Callable[[], None]) -> None:
        """Do what needs other services, again and again until they are there. Raises Stopped."""
        pause = 0.5
        while not self.stop.is_set():
            try:
                attempt()
                self.board.unsay(_START)
                return
            except (StoreUnavailable, LogUnavailable) as unavailable:
                self.board.say(_START, "starting", f"waits to {what}: {unavailable}")
                self.beat()
                log.warning("waiting", to=what, reason=str(unavailable), again_in_s=pause)
                self.stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
        raise Stopped

    def claim_store(self) -> None:
        """Wait for the database, and make sure that it is this source's. Raises NotAllowed, Stopped."""
        self.heartbeat.beat("starting")
        self.board.say(_START, "starting", "it waits for the database")
        self.board.start()
        self.wait_until("reach the database", lambda: claim(self.box.store(), self.box.directory().name))
        self._reporter.start()

    def beat(self) -> None:
        """Tell the supervisor how the process is, by the same report that the API reads."""
        self.heartbeat.beat(whole(self.board.report()))

    def work(self, workers: Sequence[Worker], at_end: Callable[[], None] | None = None) -> None:
        """Keep the workers going until asked to stop; then end them in their order, and do what is left to do."""
        for worker in workers:
            worker.start()
        log.info("started", process=self._name, source=self.source.words)
        while not self.stop.wait(_BEAT_S):
            self.beat()
        for worker in workers:
            if not worker.stop(_STOP_WITHIN_S):
                log.warning("a worker did not stop in time", worker=worker.name)
        if at_end:
            with suppress(StoreUnavailable, LogUnavailable):  # the next start does it
                at_end()

    def close(self) -> None:
        """Report the end, and give back connections."""
        self.board.stop()
        self._reporter.stop()
        self.box.event_log().close()
        self.box.engine().dispose()
        self.heartbeat.beat("down", "stopped")
