"""`cryptoviz run`: everything in one process."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.errors import USAGE, fail
from entrypoints.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(run)


def run(
    source: Annotated[
        str | None,
        typer.Option(
            help="Where the data comes from: [bold]auto[/bold] (Kraken, or the simulator while Kraken does not answer), "
            "[bold]kraken[/bold], [bold]simulated[/bold], or [bold]recording:FILE[/bold] made by `cryptoviz record`.",
        ),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="Pace of a recording: 1 as it was, 10 ten times as fast, 0 as fast as it goes.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to serve at; 127.0.0.1 is reached from this machine only.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve at; 0 picks a free one.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the log and the store are kept.")] = None,
) -> None:
    """Watch the market: collect, keep, and serve the dashboard and the API, all in this process.

    Ctrl-C stops it; nothing is lost, and the next start goes on where this one ended.
    """
    settings = load_settings(source=source, speed=speed, host=host, port=port, data_dir=data_dir)
    if settings.profile == "cluster":
        fail(
            "CRYPTOVIZ_PROFILE is cluster, and `run` is the embedded profile: see `cryptoviz start`, or unset it", USAGE
        )
    from entrypoints.serve import serve  # takes two seconds: a wrong setting is told before

    try:
        serve(settings, say=lambda line: typer.echo(line, err=True))
    except KeyboardInterrupt:
        typer.echo("Stopped; the next start goes on from here.", err=True)
