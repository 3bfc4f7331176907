"""`cryptoviz evaluate`: what the forecasts are worth, on stored history."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from entrypoints.cli.errors import USAGE, fail
from entrypoints.settings import load_settings
from entrypoints.source import source_named

_FEWEST_BARS = 1000


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(evaluate)


def evaluate(
    report: Annotated[Path, typer.Option(help="The directory to write the report to: report.md and its plots.")],
    pair: Annotated[
        list[str] | None, typer.Option(help="A pair, such as BTC/USD; may be given several times. Without it, all.")
    ] = None,
    interval: Annotated[str, typer.Option(help="Of the candles: 1m, 5m, 15m, 1h, 4h or 1d.")] = "1h",
    source: Annotated[str | None, typer.Option(help="Whose data: kraken, simulated or recording:FILE.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the log and the store are kept.")] = None,
) -> None:
    """Walk the forecasting models forward over stored candles, and report what they are worth.

    Every model forecasts each candle before it learns it. Also walked: simple references, LightGBM if it is installed,
    and the same returns shuffled, where no model must find anything. More history comes in by `cryptoviz import`.
    """
    from adapters.forecasting.models import REFERENCES, SERVED, challengers
    from adapters.kraken.names import canonical
    from application.analytics.evaluation import stored_bars
    from domain.errors import InvalidValue
    from domain.market.candle import Interval
    from entrypoints.evaluation.report import plots_or_reason, write_report
    from entrypoints.evaluation.run import evaluate_series, work_of
    from entrypoints.offline import opened

    settings = load_settings(source=source, data_dir=data_dir)
    try:
        pairs = [canonical(one) for one in pair] if pair else settings.pairs
        length = Interval(interval)
    except InvalidValue as error:
        fail(str(error), USAGE)
    except ValueError:
        fail(f"'{interval[:20]}' is not an interval: expected 1m, 5m, 15m, 1h, 4h or 1d", USAGE)
    found, reason = challengers()
    notes = [reason] if reason else []
    with opened(settings, source_named(settings.source), "cryptoviz evaluate") as box:
        now = box.clock().now()
        histories = {one: stored_bars(box.market_reads(), one, length, now) for one in pairs}
    short = [one for one, bars in histories.items() if len(bars) < _FEWEST_BARS]
    if short:
        names = ", ".join(f"{one} ({len(histories.pop(one))})" for one in short)
        notes.append(f"Not evaluated, as {_FEWEST_BARS} closed candles of {interval} are needed: {names}.")
    console = Console(stderr=True)
    for note in notes:
        console.print(note, highlight=False, markup=False)
    if not histories:
        fail("there is no history to evaluate on: `cryptoviz import XBTUSD_60.csv` takes over Kraken's")
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        results = []
        for one, bars in histories.items():
            task = bar.add_task(f"{one} {interval}", total=work_of(bars, SERVED, REFERENCES, found))
            results.append(evaluate_series(one, length, bars, SERVED, REFERENCES, found, partial(bar.advance, task)))
    no_plots = plots_or_reason(report, results)
    file = write_report(report, results, [*notes, *([no_plots] if no_plots else [])])
    typer.echo(file.read_text(encoding="utf-8"))
    typer.echo(f"Written to {file}")
