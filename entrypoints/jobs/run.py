"""Running a Spark job: its steps, its session, its checkpoints, its heartbeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.spark.config import JobConfig
from adapters.spark.queries import Queries, Step
from adapters.spark.session import spark_session
from entrypoints.jobs.executor import Services
from entrypoints.local import spark_jars
from entrypoints.processes.process import Process
from entrypoints.settings import Settings


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
    services = Services(settings.schema_registry_url, settings.database_url, process.source.origin)
    try:
        config = JobConfig(
            name=options.command,
            master=options.master,
            jars=spark_jars.provide(lambda line: process.heartbeat.beat("starting", line)),
            bootstrap_servers=settings.kafka_bootstrap_servers,
            checkpoints=options.checkpoints or process.box.directory().path / "spark" / options.command,
            trigger_s=options.trigger_s,
            records_at_once=options.records_at_once,
        )
        process.claim_store()
        with spark_session(config) as session:
            Queries(session, config, steps(process, services), process.heartbeat.beat).run(process.stop)
    finally:
        process.close()
