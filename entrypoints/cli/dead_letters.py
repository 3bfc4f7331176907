"""`cryptoviz dead-letters`: what could not be understood."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from application.dead_letters import DeadLetterCommands
from application.ports.alert_reads import DeadLetterReads
from entrypoints.cli.data import DataDirOption, SourceOption
from entrypoints.cli.errors import fail
from entrypoints.cli.trail import note
from entrypoints.settings import load_settings
from entrypoints.source import source_named

app = typer.Typer(
    help="What could not be understood is kept, with the reason: look at it, read it again, or give it up.",
    no_args_is_help=True,
)
LetterArgument = Annotated[str, typer.Argument(help="The letter's id, as `list` shows it.")]


@contextmanager
def _opened(
    source: str | None, data_dir: Path | None, command: str
) -> Iterator[tuple[DeadLetterReads, DeadLetterCommands]]:
    from domain.errors import NotAllowed, NotFound
    from entrypoints.offline import catch_up, opened
    from entrypoints.redrive import readers

    settings = load_settings(source=source, data_dir=data_dir)
    with opened(settings, source_named(settings.source), f"cryptoviz dead-letters {command}") as box:
        reads = box.dead_letter_reads()
        try:
            yield reads, DeadLetterCommands(box.event_log(), reads, box.clock(), readers(box))
        except (NotFound, NotAllowed) as refused:
            fail(str(refused))
        finally:
            catch_up(box)


@app.command("list")
def list_(
    outcome: Annotated[str, typer.Option(help="open, redriven, dropped or all.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    source: SourceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show the latest dead letters: id, when, kind, outcome, where from; and why."""
    from application.ports.page import Window
    from domain.values import rfc3339

    if outcome not in {"open", "redriven", "dropped", "all"}:
        fail(f"--outcome is '{outcome}': expected open, redriven, dropped or all", 2)
    with _opened(source, data_dir, "list") as (reads, _):
        page = reads.dead_letters(Window(limit=limit), outcome=None if outcome == "all" else outcome)
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

    with _opened(source, data_dir, "show") as (reads, _):
        kept = reads.dead_letter(letter_id)
    if kept is None:
        fail(f"there is no dead letter '{letter_id[:40]}'; `cryptoviz dead-letters list` shows them")
    letter = kept.letter
    typer.echo(f"id       {letter.letter_id}\nwhen     {rfc3339(letter.recorded_at)}\nkind     {letter.kind}")
    typer.echo(f"from     {letter.place}\nreason   {letter.reason}\noutcome  {kept.outcome}\n")
    typer.echo(letter.raw.decode("utf-8", "backslashreplace"))


@app.command()
def redrive(letter_id: LetterArgument, source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Read a dead letter again, and take in what it says. Twice makes no duplicate."""
    with _opened(source, data_dir, "redrive") as (_, commands):
        count = commands.redrive(letter_id)
    note(
        load_settings(source=source, data_dir=data_dir),
        "dead-letters redrive",
        letter_id,
        f"read again: {count} events",
    )
    typer.echo(f"Read again: {count} events.")


@app.command()
def drop(letter_id: LetterArgument, source: SourceOption = None, data_dir: DataDirOption = None) -> None:
    """Give a dead letter up; it stays on record as dropped."""
    with _opened(source, data_dir, "drop") as (_, commands):
        commands.drop(letter_id)
    note(load_settings(source=source, data_dir=data_dir), "dead-letters drop", letter_id)
    typer.echo("Dropped.")
