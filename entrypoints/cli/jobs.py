"""`cryptoviz ingest|analytics`: the Spark jobs of the cluster profile."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.errors import fail
from entrypoints.settings import load_settings

MasterOption = Annotated[
    str,
    typer.Option(
        help="Spark's master: [bold]local\\[*][/bold] (this process, all cores) or [bold]spark://HOST:PORT[/bold]. "
        "Executors elsewhere need this package in the Python that PYSPARK_PYTHON names (docs/spark.md)."
    ),
]
CheckpointsOption = Annotated[
    Path | None,
    typer.Option(
        help="Where the job remembers which records it has done; deleted, it reads the log from its beginning again, "
        "which changes no row. By default below the data directory; with executors elsewhere, a directory that all see."
    ),
]
TriggerOption = Annotated[
    float, typer.Option(min=0, max=3600, help="Seconds from the start of a batch to that of the next, at least.")
]
RecordsOption = Annotated[
    int, typer.Option(min=1000, max=10_000_000, help="Most records a batch takes on (maxOffsetsPerTrigger).")
]
SourceOption = Annotated[str | None, typer.Option(help="Whose data it is; `auto` is kraken.")]
DataDirOption = Annotated[Path | None, typer.Option(help="Where what is not shared is kept.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    panel = "Processes of the cluster profile (`cryptoviz start` runs them all)"
    for command in (ingest, analytics):
        app.command(rich_help_panel=panel)(command)


def ingest(
    master: MasterOption = "local[*]",
    checkpoints: CheckpointsOption = None,
    trigger: TriggerOption = 1.0,
    records_at_once: RecordsOption = 300_000,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Bring what is in Kafka into the tables, by Spark. One at a time.

    Late records need no watermark: a row is stored whenever it comes. SIGTERM ends it after the batch in hand.
    """
    settings = load_settings(profile="cluster", source=source, data_dir=data_dir)
    _needs_spark()
    from entrypoints.jobs.ingest import ingestion_steps
    from entrypoints.jobs.run import JobOptions, run_job

    options = JobOptions("spark_ingestion", "ingest", master, checkpoints, trigger, records_at_once)
    run_job(options, settings, lambda process, services: ingestion_steps(services, process.box.schema_ids()))


def analytics(
    master: MasterOption = "local[*]",
    checkpoints: CheckpointsOption = None,
    trigger: TriggerOption = 1.0,
    records_at_once: RecordsOption = 300_000,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Make candles of the stored trades, forecast from them, and score articles, by Spark, behind `cryptoviz ingest`. One at a time.

    Late trades need no watermark: the candles that they fall into are made again. SIGTERM ends it after the batch in hand.
    """
    settings = load_settings(profile="cluster", source=source, data_dir=data_dir)
    _needs_spark()
    from entrypoints.jobs.analytics import analytics_steps
    from entrypoints.jobs.run import JobOptions, run_job

    options = JobOptions("spark_analytics", "analytics", master, checkpoints, trigger, records_at_once)
    run_job(
        options,
        settings,
        lambda process, services: analytics_steps(
            services, process.box.schema_ids(), process.box.store(), process.stop
        ),
    )


def _needs_spark() -> None:
    try:
        import pyarrow  # noqa: F401 - only whether it is there
        import pyspark  # noqa: F401
    except ImportError as error:
        fail(f"Spark is not installed ({error.name} is missing): run `make setup`, or install cryptoviz[spark]")
