"""`cryptoviz feed|news|alerting|api`: the processes of the cluster profile, one each."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.settings import Settings, load_settings

SourceOption = Annotated[
    str | None,
    typer.Option(help="[bold]kraken[/bold], [bold]simulated[/bold] or [bold]recording:FILE[/bold]; `auto` is kraken."),
]
DataDirOption = Annotated[Path | None, typer.Option(help="Where what is not shared is kept.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    panel = "Processes of the cluster profile (`cryptoviz start` runs them all)"
    for command in (feed, news, alerting, api):
        app.command(rich_help_panel=panel)(command)


def cluster_settings(**overrides: object) -> Settings:
    """The settings, for the cluster profile whatever PROFILE says. Raises InvalidSettings."""
    return load_settings(profile="cluster", **overrides)


def feed(
    source: SourceOption = None,
    speed: Annotated[float | None, typer.Option(help="Pace of a recording; 0 is as fast as it goes.")] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Collect trades and tickers into Kafka, with the history that is missing. One at a time."""
    from entrypoints.processes.feed import run_feed

    run_feed(cluster_settings(source=source, speed=speed, data_dir=data_dir))


def news(source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Collect articles of the news feeds into Kafka. One at a time."""
    from entrypoints.processes.news import run_news

    run_news(cluster_settings(source=source, data_dir=data_dir))


def alerting(source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Watch the alert rules, relay what people did, and keep the tables within their retention. One at a time."""
    from entrypoints.processes.alerting import run_alerting

    run_alerting(cluster_settings(source=source, data_dir=data_dir))


def api(
    host: Annotated[
        str | None, typer.Option(help="Address to serve at; 127.0.0.1 is reached from this machine only.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve at; 0 picks a free one.")] = None,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve REST, stream and dashboard from Kafka and the database. As many as you like."""
    from entrypoints.processes.api import run_api

    run_api(
        cluster_settings(source=source, host=host, port=port, data_dir=data_dir),
        say=lambda line: typer.echo(line, err=True),
    )
