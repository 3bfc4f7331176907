"""Commands on the data: `import`, `backfill`, `rebuild`, `db upgrade`."""

import threading
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from entrypoints.cli.errors import USAGE, fail
from entrypoints.cli.trail import note
from entrypoints.settings import load_settings
from entrypoints.source import source_named

SourceOption = Annotated[
    str | None,
    typer.Option(
        help="Whose data: [bold]kraken[/bold], [bold]simulated[/bold] or [bold]recording:FILE[/bold]; "
        "not given, CRYPTOVIZ_SOURCE says it (and without that, Kraken's)."
    ),
]
DataDirOption = Annotated[Path | None, typer.Option(help="Where the log and the store are kept.")]
PairOption = Annotated[str | None, typer.Option(help="The pair, such as BTC/USD; without it, the file's name tells.")]

db = typer.Typer(help="The database of the read models.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("import")(import_)
    app.command()(backfill)
    app.command()(rebuild)
    app.add_typer(db, name="db")


def _progress(*columns: object) -> Progress:
    return Progress(TextColumn("{task.description}"), *columns, TimeElapsedColumn(), console=Console(stderr=True))  # type: ignore[arg-type]


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Kraken's trades or OHLCVT CSV (also .gz), or trades as JSON Lines.")
    ],
    pair: PairOption = None,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Take over history: Kraken's downloadable CSV files, or JSON Lines of trades.

    XBTUSD.csv holds trades (time,price,volume), XBTUSD_60.csv candles of 60 minutes. Importing a file twice changes
    nothing. A line that cannot be read is named and counted; the others go in.
    """
    from adapters.kraken.errors import HistoryFileError
    from adapters.kraken.history_files import read_history
    from adapters.kraken.names import canonical
    from adapters.sql.history_reads import SqlHistoryReads
    from adapters.system.clock import SystemClock
    from application.market.import_history import Imported, import_history
    from domain.errors import InvalidValue
    from entrypoints.offline import catch_up, opened

    settings = load_settings(source=source, data_dir=data_dir)
    try:
        given = canonical(pair) if pair else None
        histories = [(file, read_history(file, now=SystemClock().now(), pair=given)) for file in files]
    except (InvalidValue, HistoryFileError) as error:
        fail(str(error), USAGE)
    counts = Imported()
    broken: list[str] = []
    with (
        opened(settings, source_named(settings.source), "cryptoviz import") as box,
        _progress(BarColumn(), TimeRemainingColumn()) as bar,
    ):
        for file, events in histories:
            task = bar.add_task(f"Importing {file.name}", total=_lines_about(file))
            of_file = Imported()
            reads, show = SqlHistoryReads(box.engine()), partial(bar.advance, task)
            try:
                import_history(events, of_file, box.event_log(), reads, lambda: catch_up(box), show)
            except HistoryFileError as error:  # a file that ends in the middle of its compression, say
                note(settings, "import", file.name, "broken off in the middle of this file")
                broken.append(str(error))
            bar.update(task, total=1, completed=1)
            counts.imported += of_file.imported
            counts.known += of_file.known
            counts.refused += of_file.refused
            for line in of_file.first_refusals:
                bar.console.print(f"{file}: {line}", highlight=False, markup=False, soft_wrap=True)
    if len(broken) < len(files):
        names = " ".join(file.name for file in files)
        note(settings, "import", names, f"{counts.imported} events, {counts.refused} lines could not be read")
    typer.echo(
        f"Imported {counts.imported} events from {len(files)} file(s)"
        + (f"; {counts.known} were there already" if counts.known else "")
        + (f"; {counts.refused} lines could not be read (`cryptoviz dead-letters list`)." if counts.refused else ".")
    )
    if broken:
        fail("; ".join(broken) + ". What stood before that is imported")
    if counts.refused and not counts.imported and not counts.known:
        raise typer.Exit(1)


def _lines_about(file: Path) -> float | None:
    """How many lines a file may have, from the length of its first ones; None for what is not plain text."""
    try:
        with file.open("rb") as opened_file:
            start = opened_file.read(1 << 16)
        return (
            file.stat().st_size / len(start) * start.count(b"\n")
            if start and not start.startswith(b"\x1f\x8b")
            else None
        )
    except OSError:
        return None


def backfill(
    pair: Annotated[str | None, typer.Option(help="One pair; without it, all that are configured.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Also fetch trades from this time (UTC) up to the first one stored.")
    ] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Fetch from Kraken's REST what is missing: gaps in the trades, the latest candles, and older trades if wanted.

    A running `cryptoviz run` does this by itself for what it missed. Kraken allows about one request of 1,000 trades
    a second.
    """
    from datetime import UTC

    from adapters.kraken.names import canonical
    from adapters.kraken.rest import KrakenHistory
    from application.market.backfill import Backfill
    from application.ports.trade_history import HistoryUnavailable
    from domain.errors import InvalidValue
    from domain.values import Origin, Pair
    from entrypoints.offline import catch_up, opened, resume
    from entrypoints.source import KRAKEN
    from entrypoints.workers.worker import Worker

    settings = load_settings(data_dir=data_dir)
    try:
        pairs = [canonical(pair)] if pair else settings.pairs
    except InvalidValue as error:
        fail(str(error), USAGE)
    stop = threading.Event()
    fetched = 0
    with opened(settings, KRAKEN, "cryptoviz backfill") as box, _progress(SpinnerColumn()) as bar:
        resume(box)
        history = KrakenHistory(
            settings.kraken_rest_url,
            origin=Origin.BACKFILL,
            clock=box.clock(),
            telemetry=box.telemetry(),
            requests_per_s=1.0,
        )
        work = Backfill(history, box.collector(), box.market_reads(), box.clock(), box.telemetry(), pairs)
        task = bar.add_task("Asking Kraken", total=None)

        def show(of: Pair, count: int) -> None:
            nonlocal fetched
            fetched += count
            bar.update(task, description=f"{of}: {fetched} trades fetched")

        writer = Worker("log-writer", box.log_writer().run)
        writer.start()
        try:
            for one in pairs:
                if since and box.market_reads().trade_id_bounds(one) is None:
                    bar.console.print(
                        f"{one}: no trade is stored yet, so there is nothing to go back from; run `cryptoviz run` first",
                        soft_wrap=True,
                    )
            refused = work.fetch_all(stop, since.replace(tzinfo=UTC) if since else None, show)
        except HistoryUnavailable as unavailable:
            note(settings, "backfill", " ".join(map(str, pairs)), f"{fetched} trades, then broken off")
            fail(f"Kraken's history at {settings.kraken_rest_url} cannot be had now: {unavailable}; try again later")
        finally:
            box.inbox().close()
            writer.stop(timeout_s=30)
            catch_up(box)
    note(settings, "backfill", " ".join(map(str, pairs)), f"{fetched} trades")
    typer.echo(f"Fetched {fetched} trades that were missing.")
    if refused:
        fail("; ".join(f"{one} could not be fetched: {reason}" for one, reason in refused.items()))


def rebuild(source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Make the read models (tables of trades, candles, articles ...) again from the log, beside the present ones.

    The present rows are replaced when the new ones are whole. Rows that the log has forgotten are kept as they are: they
    are frozen, as nothing can make them again. The log, the alert rules and the alerts' history stay as they are.
    """
    from adapters.embedded.errors import LogFileDamaged
    from entrypoints.offline import catch_up, opened

    settings = load_settings(source=source, data_dir=data_dir)
    for attempt in (1, 2):
        try:
            with (
                opened(settings, source_named(settings.source), "cryptoviz rebuild") as box,
                _progress(SpinnerColumn(), MofNCompleteColumn()) as bar,
            ):
                task = bar.add_task("Replaying the log", total=None)
                catch_up(box)
                rebuilt = box.rebuild().run(partial(bar.advance, task))
            break
        except LogFileDamaged as damaged:
            if attempt == 2:  # opening it has repaired it
                raise
            typer.echo(f"cryptoviz: {damaged}: repairing it first", err=True)
    kept = sum(rebuilt.frozen.values())
    frozen = ", ".join(f"{number:,} of {table}" for table, number in sorted(rebuilt.frozen.items()))
    note(
        settings,
        "rebuild",
        "the tables",
        f"from {rebuilt.records} records of the log" + (f", {kept} rows kept" if kept else ""),
    )
    typer.echo(
        f"Rebuilt the read models from {rebuilt.records} records of the log."
        + (f" Kept {kept:,} rows that the log has forgotten (frozen): {frozen}." if kept else "")
    )


@db.command()
def upgrade(source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Bring the tables up to this version's; safe to run again. `cryptoviz run` does it by itself."""
    from adapters.sql.engine import create_engine, shown
    from adapters.sql.migrate import upgrade as migrate
    from entrypoints.offline import opened

    settings = load_settings(source=source, data_dir=data_dir)
    if settings.profile == "cluster":
        engine = create_engine(str(settings.database_url))
        migrate(engine)
        typer.echo(f"The tables of {shown(engine)} are up to date.")
        return
    with opened(settings, source_named(settings.source), "cryptoviz db upgrade") as box:
        typer.echo(f"The tables in {box.directory().path} are up to date.")
