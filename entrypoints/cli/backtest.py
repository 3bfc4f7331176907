"""`cryptoviz backtest`: what a strategy would have brought on stored candles."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from entrypoints.cli.data import DataDirOption, SourceOption
from entrypoints.cli.errors import USAGE, fail
from entrypoints.settings import load_settings
from entrypoints.source import source_named

if TYPE_CHECKING:
    from application.analytics.backtest.backtests import Report

_KINDS = (".html", ".png", ".svg")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(backtest)


def backtest(
    strategy: Annotated[
        str,
        typer.Option(
            help="[bold]buy-and-hold[/bold], [bold]sma-cross[/bold] (fast=10, slow=30), [bold]breakout[/bold] (enter=20, "
            "leave=10), [bold]forecast-following[/bold] (edge_bp=0) or [bold]sentiment-following[/bold] (window=24, "
            "threshold=0.05)."
        ),
    ],
    pair: Annotated[str, typer.Option(help="The pair, such as BTC-USD.")],
    interval: Annotated[str, typer.Option(help="Of the candles: 1m, 5m, 15m, 1h, 4h or 1d.")] = "1h",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the strategy; may be given several times."),
    ] = None,
    fee_pct: Annotated[float, typer.Option(help="Percent of what is traded, at each fill.")] = 0.4,
    slippage_bp: Annotated[float, typer.Option(help="Basis points that a fill is worse than the open.")] = 5.0,
    start: Annotated[str | None, typer.Option(help="From when on, such as 2024-01-01 or 2024-01-01T12:00:00Z.")] = None,
    end: Annotated[str | None, typer.Option(help="Until when (exclusive).")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write equity and drawdown to FILE.png or FILE.svg, or all to FILE.html.")
    ] = None,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Test a strategy on stored candles, beside buying and holding.

    What is decided on the close of a candle is filled at the open of the next one, with all there is: long, or not at all.
    It is checked that no decision changes with what comes later. Nothing is traded, and no profit of the past is a promise.

    Example: [bold]cryptoviz backtest --strategy sma-cross --pair BTC-USD --interval 1h --set fast=24 --set slow=168
    --report sma.html[/bold]. History comes in by [bold]cryptoviz import[/bold] and [bold]cryptoviz backfill[/bold].
    """
    from adapters.kraken.names import canonical
    from application.analytics.backtest.backtests import Order
    from domain.errors import InvalidValue
    from domain.market.candle import Interval
    from entrypoints.offline import catch_up, opened

    if report and report.suffix not in _KINDS:
        fail(f"--report {report} has an unknown ending: expected .html, .png or .svg", USAGE)
    settings = load_settings(source=source, data_dir=data_dir)
    try:
        length = Interval(interval)
    except ValueError:
        fail(f"'{interval[:20]}' is not an interval: expected 1m, 5m, 15m, 1h, 4h or 1d", USAGE)
    try:
        order = Order(
            strategy=strategy,
            pair=canonical(pair),
            interval=length,
            parameters=_parameters(set_ or []),
            fee_pct=fee_pct,
            slippage_bp=slippage_bp,
            start=_time(start, "start"),
            end=_time(end, "end"),
        )
        with opened(settings, source_named(settings.source), "cryptoviz backtest") as box:
            catch_up(box)
            found = box.backtests().run(order)
    except InvalidValue as error:
        fail(str(error), USAGE)
    _show(found)
    if report:
        _write(report, found)


def _parameters(texts: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            fail(f"--set {text[:40]} is not understood: expected NAME=NUMBER, such as fast=10", USAGE)
    return found


def _time(text: str | None, field: str) -> datetime | None:
    from domain.values import parse_time

    if text is None:
        return None
    return parse_time(f"{text}T00:00:00Z" if len(text) == len("2024-01-01") else text, field)


def _show(report: "Report") -> None:
    from entrypoints.backtest.words import fees_of, notes_of, rows_of, span_of, title_of

    console = Console()
    console.print(title_of(report), style="bold", highlight=False, markup=False)
    console.print(span_of(report), highlight=False, markup=False)
    table = Table()
    table.add_column("Figure")
    table.add_column("Strategy", justify="right")
    table.add_column("Buy and hold", justify="right")
    for row in rows_of(report):
        table.add_row(*row)
    console.print(table)
    for sentence in (fees_of(report), *notes_of(report)):
        console.print(sentence, highlight=False, markup=False)


def _write(file: Path, report: "Report") -> None:
    from entrypoints.backtest.page import write_page
    from entrypoints.backtest.plot import svg_of, write_plot
    from entrypoints.plots import matplotlib_missing

    missing = matplotlib_missing()
    if file.suffix == ".html":
        write_page(file, report, missing or svg_of(report))
    elif missing:
        fail(missing)
    else:
        write_plot(file, report)
    typer.echo(f"Written to {file}")
