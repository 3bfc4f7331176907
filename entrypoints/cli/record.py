"""`cryptoviz record`: keep Kraken's frames verbatim, for playing back later."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(record)


def record(
    file: Annotated[Path, typer.Argument(help="Where to write, JSON Lines; a new file.")],
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop after so many seconds; without it, at Ctrl-C.")
    ] = None,
) -> None:
    """Record Kraken's frames as they come, one a line: {"received_at": ..., "raw": "the frame"}.

    Play it with `cryptoviz run --source recording:FILE`.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from adapters.kraken.config import KrakenConfig
    from adapters.kraken.recorder import record as record_frames
    from adapters.metrics.prometheus import PrometheusTelemetry
    from adapters.system.clock import SystemClock
    from entrypoints.signals import end_at_hangup

    settings = load_settings()
    config = KrakenConfig(url=settings.kraken_ws_url, pairs=tuple(settings.pairs))
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set) if seconds else None
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    end_at_hangup()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"Connecting to {config.url}", total=None)

        def show(frames: int, trouble: str | None) -> None:
            progress.update(task, description=f"{frames} frames of {config.url}" + (f" ({trouble})" if trouble else ""))

        if timer:
            timer.start()
        try:
            frames = record_frames(
                config, file, stop, clock=SystemClock(), telemetry=PrometheusTelemetry(), progress=show
            )
        finally:
            if timer:
                timer.cancel()
    typer.echo(f"Recorded {frames} frames in {file}. Play them: cryptoviz run --source recording:{file}")
