"""Running a Spark job: the steps, its session, its checkpoints, its heartbeat."""

from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.spark.config import JobConfig
from adapters.spark.queries import Queries, Step
from adapters.spark.session import spark_session
from entrypoints.jobs.executor import Services
from entrypoints.local import spark_jars
from entrypoints.processes.process import Process
from entrypoints.settings import Settings


def run_job(
    name: str,
    command: str,
    settings: Settings,
    steps: Callable[[Process, Services], Sequence[Step]],
    *,
    master: str,
    checkpoints: Path | None,
    trigger_s: float,
    records_at_once: int,
) -> None:
    """Run a job until it is asked to stop. Raises SparkUnavailable, NotAllowed, and `entrypoints.local`'s Missing."""
    process = Process(name, settings)
    process.listen_for_signals()
    assert settings.kafka_bootstrap_servers and settings.schema_registry_url and settings.database_url
    services = Services(settings.schema_registry_url, settings.database_url, process.source.origin)
    config = JobConfig(
        name=command,
        master=master,
        jars=spark_jars.provide(lambda line: process.heartbeat.beat("starting", line)),
        bootstrap_servers=settings.kafka_bootstrap_servers,
        checkpoints=checkpoints or process.box.directory().path / "spark" / command,
        trigger_s=trigger_s,
        records_at_once=records_at_once,
    )
    try:
        process.claim_store()
        with spark_session(config) as session:
            Queries(session, config, steps(process, services), process.heartbeat.beat).run(process.stop)
    finally:
        process.close()
