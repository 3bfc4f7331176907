"""Streaming queries that keep running: started again when they fail, stopped between two batches."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from adapters.spark.config import JobConfig
from adapters.spark.errors import SparkUnavailable, is_lost_progress, reason_of
from adapters.spark.source import read_log

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_S = 15.0
_STOP_WITHIN_S = 60.0
_POLL_S = 0.5

Handle = Callable[[DataFrame], int]
"""Does a batch's work, and returns how many records it had when it is done for good. What it raises makes the batch come again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One query: a name (also its checkpoint's), the topics that it reads, and what it does with each batch of them."""

    name: str
    topics: Collection[str]
    handle: Handle


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneBatch:
    """A batch that is done: its query, Spark's number for it, when it began (UTC), and how many records it had."""

    query: str
    number: int
    started_at: datetime
    duration_ms: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryState:
    """How a query fares. `error` is set from a failure to the next batch that is done; `failures` counts them.

    `last_batch` changes with each batch that is done, None before the first. While `is_busy` a batch is under way, or
    Spark asks for the next one; `summary` and `behind` are of the last batch.
    """

    name: str
    runs: bool
    is_busy: bool
    error: str | None
    failures: int
    last_batch: str | None
    summary: str | None
    behind: int


Tell = Callable[[Sequence[QueryState]], None]


class _Stopping(Exception):
    """The next batch is left for the next start."""


@dataclass
class _Running:
    """A step's query, and how it fares: `error` is set from a failure to the next progress."""

    step: Step
    query: StreamingQuery | None = None
    reason: str | None = None  # why its last batch failed
    error: str | None = None
    failures: int = 0
    start_at: float = 0.0


class Queries:
    """Runs steps until told to stop. `tell` is called twice a second with how their queries are.

    `note` is called with each batch that was done, just before Spark saves its own checkpoint.
    """

    def __init__(
        self,
        session: SparkSession,
        config: JobConfig,
        steps: Sequence[Step],
        tell: Tell,
        note: Callable[[DoneBatch], None],
    ) -> None:
        self._session = session
        self._config = config
        self._running = [_Running(step) for step in steps]
        self._tell = tell
        self._note = note
        self._stop = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Run until `stop` is set; then let each query finish its batch. Raises SparkUnavailable when Spark is gone."""
        self._stop = stop
        try:
            while not stop.is_set():
                for running in self._running:
                    self._look_after(running)
                self._tell([_state_of(running) for running in self._running])
                stop.wait(_POLL_S)
            self._finish()
        except (Py4JNetworkError, ConnectionError) as error:
            raise SparkUnavailable(f"Spark's Java process has ended: {error or type(error).__name__}") from error

    def _look_after(self, running: _Running) -> None:
        query = running.query
        if query is not None and query.isActive:
            if running.error and query.lastProgress is not None:
                log.info("a query goes on", query=running.step.name)
                running.error, running.failures = None, 0
            return
        if query is not None:
            failure = query.exception()
            running.query = None
            if failure and is_lost_progress(failure):
                return
            running.error = running.reason or (reason_of(failure) if failure else "the query has ended")
            running.reason = None
            running.failures += 1
            pause = min(2.0 ** (running.failures - 1), _LONGEST_PAUSE_S)
            running.start_at = time.monotonic() + pause
            log.warning(
                "a query failed and will be started again", query=running.step.name, reason=running.error, pause_s=pause
            )
        if time.monotonic() >= running.start_at:
            self._start(running)

    def _start(self, running: _Running) -> None:
        step, config = running.step, self._config

        def handle(batch: DataFrame, number: int) -> None:
            if self._stop.is_set():
                raise _Stopping
            started_at, began = datetime.now(UTC), time.monotonic()
            try:
                records = step.handle(batch)
                took_ms = round((time.monotonic() - began) * 1000)
                self._note(
                    DoneBatch(
                        query=step.name, number=number, started_at=started_at, duration_ms=took_ms, records=records
                    )
                )
            except Exception as error:
                running.reason = reason_of(error)
                raise
            running.reason = None

        try:
            running.query = (
                read_log(self._session, config, step.topics)
                .writeStream.foreachBatch(handle)
                .queryName(step.name)
                .option("checkpointLocation", str(config.checkpoints / step.name))
                .trigger(processingTime=f"{int(config.trigger_s * 1000)} milliseconds")
                .start()
            )
        except PySparkException as error:
            running.failures += 1
            running.error = reason_of(error)
            running.start_at = time.monotonic() + min(2.0**running.failures, _LONGEST_PAUSE_S)
            log.warning("a query could not be started", query=step.name, reason=running.error)

    def _finish(self) -> None:
        deadline = time.monotonic() + _STOP_WITHIN_S
        for running in self._running:
            query = running.query
            if query is None:
                continue
            while query.isActive and query.status["isTriggerActive"] and time.monotonic() < deadline:
                time.sleep(0.05)
            query.stop()


def _state_of(running: _Running) -> QueryState:
    query = running.query
    runs = query is not None and query.isActive
    progress: Any = query.lastProgress if query is not None else None
    return QueryState(
        name=running.step.name,
        runs=runs,
        is_busy=query is not None and runs and bool(query.status["isTriggerActive"]),
        error=running.error,
        failures=running.failures,
        last_batch=f"{progress['batchId']} {progress['timestamp']}" if progress else None,
        summary=f"{progress['numInputRows']} records in {progress['batchDuration'] / 1000:.1f} s" if progress else None,
        behind=_behind(progress) if progress else 0,
    )


def _behind(progress: Any) -> int:
    """How many records its topics' ends are away, by the last batch."""
    metrics = [source.get("metrics") or {} for source in progress["sources"]]
    return max((int(float(one.get("maxOffsetsBehindLatest", 0))) for one in metrics), default=0)
