"""`cryptoviz dead-letters`: what could not be understood or processed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from adapters.embedded.data_directory import DataDirectory
from application.dead_letters import DeadLetterCommands
from application.ports.alert_reads import DeadLetterReads
from entrypoints.cli.data import DataDirOption, SourceOption
from entrypoints.cli.errors import fail
from entrypoints.cli.trail import note
from entrypoints.data_sets import DataSet, meant
from entrypoints.settings import Settings, load_settings

app = typer.Typer(
    help="What could not be understood or processed is kept, with the reason: look at it, read it again, or give it up. "
    "Without --source: the data set that runs, else the one written last.",
    no_args_is_help=True,
)
LetterArgument = Annotated[str, typer.Argument(help="The letter's id, as `list` shows it.")]


def _directory(settings: Settings, data_set: DataSet) -> DataDirectory:
    source = data_set.source
    return DataDirectory(settings.data_dir, origin=source.origin, recording=source.recording)


def _is_there(settings: Settings, data_set: DataSet) -> bool:
    return settings.profile == "cluster" or _directory(settings, data_set).log_file.exists()


@contextmanager
def _looking(settings: Settings, data_set: DataSet, command: str) -> Iterator[DeadLetterReads]:
    """Look at a data set's dead letters, also while somebody else holds it."""
    from adapters.sql.dead_letter_reads import SqlDeadLetterReads
    from adapters.sql.engine import create_engine
    from entrypoints.offline import catch_up, opened

    if data_set.holder is None:
        with opened(settings, data_set.source, f"cryptoviz dead-letters {command}") as box:
            catch_up(box)
            yield box.dead_letter_reads()
        return
    engine = create_engine(_directory(settings, data_set).store_url)
    try:
        yield SqlDeadLetterReads(engine)
    finally:
        engine.dispose()


@contextmanager
def _changing(settings: Settings, data_set: DataSet, command: str) -> Iterator[DeadLetterCommands]:
    from domain.errors import NotAllowed, NotFound
    from entrypoints.offline import catch_up, opened
    from entrypoints.redrive import readers

    if data_set.holder:
        fail(
            f"the data set {data_set.name} is in use by {data_set.holder}: {command} the letter on its page "
            "(Operations, dead letters), or stop it first"
        )
    with opened(settings, data_set.source, f"cryptoviz dead-letters {command}") as box:
        catch_up(box)
        try:
            yield DeadLetterCommands(box.event_log(), box.dead_letter_reads(), box.clock(), readers(box))
        except (NotFound, NotAllowed) as refused:
            fail(str(refused))
        finally:
            catch_up(box)


def _holding(settings: Settings, letter_id: str, command: str) -> DataSet:
    """The data set that has a letter, of those that are meant."""
    candidates = meant(settings)
    found = next((one for one in candidates if _has(settings, one, letter_id, command)), None)
    if found is None:
        names = ", ".join(one.name for one in candidates)
        fail(f"there is no dead letter '{letter_id[:40]}' in {names}; `cryptoviz dead-letters list` shows them")
    return found


def _has(settings: Settings, data_set: DataSet, letter_id: str, command: str) -> bool:
    if not _is_there(settings, data_set):
        return False
    with _looking(settings, data_set, command) as reads:
        return reads.dead_letter(letter_id) is not None


@app.command("list")
def list_(
    outcome: Annotated[str, typer.Option(help="open, redriven, dropped or all.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show the latest dead letters: id, when, kind, outcome, where from; and why. Says which data set they are of."""
    from application.ports.page import Window
    from domain.values import rfc3339

    if outcome not in {"open", "redriven", "dropped", "all"}:
        fail(f"--outcome is '{outcome}': expected open, redriven, dropped or all", 2)
    settings = load_settings(source=source, data_dir=data_dir)
    data_set, *others = meant(settings)
    if not _is_there(settings, data_set):
        typer.echo(f"No dead letters: nothing was collected or imported in {_directory(settings, data_set).path} yet.")
        return
    with _looking(settings, data_set, "list") as reads:
        page = reads.dead_letters(Window(limit=limit), outcome=None if outcome == "all" else outcome)
    running = ", which runs" if data_set.holder else ""
    typer.echo(f"Data set: {data_set.name}{running} ({data_set.option})", err=True)  # the rows alone can be piped
    for other in others:
        typer.echo(f"Also there: {other.name} ({other.option})", err=True)
    if not page.items:
        typer.echo("No dead letters.")
        return
    for kept in page.items:
        letter = kept.letter
        typer.echo(f"{letter.letter_id}  {rfc3339(letter.recorded_at)}  {letter.kind}  {kept.outcome}  {letter.place}")
        typer.echo(f"    {letter.reason}")


@app.command()
def show(letter_id: LetterArgument, source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Show one dead letter whole, with its raw bytes."""
    from domain.values import rfc3339

    settings = load_settings(source=source, data_dir=data_dir)
    data_set = _holding(settings, letter_id, "show")
    with _looking(settings, data_set, "show") as reads:
        kept = reads.dead_letter(letter_id)
    if kept is None:
        fail(f"the dead letter '{letter_id[:40]}' has gone meanwhile")
    letter = kept.letter
    typer.echo(f"id       {letter.letter_id}\nwhen     {rfc3339(letter.recorded_at)}\nkind     {letter.kind}")
    typer.echo(f"data set {data_set.name}\nfrom     {letter.place}\nreason   {letter.reason}\noutcome  {kept.outcome}")
    if letter.reader:
        typer.echo(f"reader   {letter.reader}\nfailed   {letter.location}")
    typer.echo()
    typer.echo(letter.raw.decode("utf-8", "backslashreplace"))


@app.command()
def redrive(letter_id: LetterArgument, source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Read a dead letter again, and take in what it says. Twice makes no duplicate."""
    settings = load_settings(source=source, data_dir=data_dir)
    data_set = _holding(settings, letter_id, "redrive")
    with _changing(settings, data_set, "redrive") as commands:
        count = commands.redrive(letter_id)
    note(settings, "dead-letters redrive", letter_id, f"read again: {count} events")
    typer.echo(f"Read again: {count} events, in the data set {data_set.name}.")


@app.command()
def drop(letter_id: LetterArgument, source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Give a dead letter up; it stays on record as dropped."""
    settings = load_settings(source=source, data_dir=data_dir)
    data_set = _holding(settings, letter_id, "drop")
    with _changing(settings, data_set, "drop") as commands:
        commands.drop(letter_id)
    note(settings, "dead-letters drop", letter_id)
    typer.echo(f"Dropped, in the data set {data_set.name}.")
