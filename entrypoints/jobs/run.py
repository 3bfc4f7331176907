"""Running a Spark job: its steps, its session, its checkpoints, its heartbeat."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from adapters.spark.config import JobConfig
from adapters.spark.queries import DoneBatch, Queries, Step
from adapters.spark.session import spark_session
from application.lost_records import note_lost_records
from application.ports.batches import Batch, BatchLog
from application.ports.store import StoreUnavailable
from entrypoints.jobs.executor import Services
from entrypoints.jobs.progress import JobProgress
from entrypoints.local import spark_jars
from entrypoints.processes.process import Process, Stopped
from entrypoints.settings import Settings

log = structlog.get_logger(__name__)

INGEST = "ingest"
PYTHON_DAEMON = "entrypoints.jobs.daemon"
_BEAT_S = 2.0
_SPARK = "spark"


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What the command line says. `name` is what `status` calls the job, `command` what starts it."""

    name: str
    command: str
    master: str
    checkpoints: Path | None
    trigger_s: float
    records_at_once: int


def run_job(options: JobOptions, settings: Settings, steps: Callable[[Process, Services], Sequence[Step]]) -> None:
    """Run a job until it is asked to stop. Raises SparkUnavailable, NotAllowed, and `entrypoints.local`'s Missing."""
    process = Process(options.name, settings)
    process.listen_for_signals()
    assert settings.kafka_bootstrap_servers and settings.schema_registry_url and settings.database_url
    services = Services(
        kafka_bootstrap_servers=settings.kafka_bootstrap_servers,
        schema_registry_url=settings.schema_registry_url,
        database_url=settings.database_url,
        origin=process.source.origin,
        pairs=tuple(settings.pairs),
        sentiment_model=settings.sentiment_model,
    )
    try:
        with ExitStack() as stack:
            with _starting(process):
                config = JobConfig(
                    name=options.command,
                    master=options.master,
                    jars=spark_jars.provide(log.info),
                    bootstrap_servers=settings.kafka_bootstrap_servers,
                    checkpoints=options.checkpoints or process.box.directory().path / "spark" / options.command,
                    trigger_s=options.trigger_s,
                    records_at_once=options.records_at_once,
                    python_daemon=PYTHON_DAEMON,
                )
                process.claim_store()
                if options.command == INGEST:
                    process.wait_until("look where the log begins", partial(_note_lost, process))
                session = stack.enter_context(spark_session(config))
            log.info("started", process=options.name, source=process.source.words, master=options.master)
            note = partial(_note, process.box.batches(), options.command)
            Queries(session, config, steps(process, services), JobProgress(process).tell, note).run(process.stop)
    except Stopped:
        pass  # asked to, while it still waited
    finally:
        process.close()


def _note_lost(process: Process) -> None:
    """Told to go on with what is left (`--forget-checkpoints`), the ingestion tells what it could not read."""
    box = process.box
    note_lost_records(box.event_log(), box.store(), box.clock(), reader=INGEST, origin=process.source.origin)


def _note(batches: BatchLog, job: str, done: DoneBatch) -> None:
    """Keep what a batch was, for the operator. What was done stays done where that cannot be written."""
    batch = Batch(
        job=f"{job}/{done.query}", batch_id=done.number, started_at=done.started_at, duration_ms=done.duration_ms,
        rows=done.records,
    )  # fmt: skip
    try:
        batches.note(batch)
    except StoreUnavailable as unavailable:
        log.warning("a batch could not be noted", job=batch.job, number=batch.batch_id, reason=str(unavailable))


@contextmanager
def _starting(process: Process) -> Iterator[None]:
    """Say every two seconds that the job starts: Spark takes its time, and nothing else can be done meanwhile."""
    ready = threading.Event()
    process.board.say(_SPARK, "starting", "Spark starts")

    def beat() -> None:
        while not ready.is_set():
            process.beat()
            ready.wait(_BEAT_S)

    thread = threading.Thread(target=beat, name="starting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        process.board.unsay(_SPARK)
        ready.set()
        thread.join()
