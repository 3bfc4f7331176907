"""`cryptoviz backup` and `cryptoviz restore`: the data directory in one file, and back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.data import DataDirOption
from entrypoints.cli.errors import USAGE, fail
from entrypoints.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as cryptoviz.tar.gz.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it exists.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Copy all data into one file: logs, stores, users, keys and channels. The server may go on running.

    FILE gets its name when it is whole; until then it is FILE.partial. Keep it to yourself: it holds password hashes and
    the addresses of channels. `cryptoviz restore FILE` brings it back.
    """
    from entrypoints.backup import back_up

    settings = _embedded(load_settings(data_dir=data_dir), "backup")
    with _bars() as begin:
        manifest = back_up(settings.data_dir, file, force=force, begin=begin)
    typer.echo(
        f"Backed up {len(manifest.files)} files of {settings.data_dir}, {_megabytes(manifest.bytes)}, "
        f"in {file} ({_megabytes(file.expanduser().stat().st_size)})."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What `cryptoviz backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a directory that is not empty; it is kept as DATA_DIR.before-TIME.")
    ] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Put the data of a backup into the data directory, which must be empty and not in use.

    All checksums are compared before anything is touched. The next `cryptoviz run` goes on where the backup ended and
    fetches what was missed. Users, keys and signed-in sessions are those of the backup: what was revoked since is back.
    """
    from entrypoints.restore import restore as restore_backup

    settings = _embedded(load_settings(data_dir=data_dir), "restore")
    with _bars() as begin:
        manifest, before = restore_backup(file, settings.data_dir, force=force, begin=begin)
    typer.echo(
        f"Restored {len(manifest.files)} files, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC, to {settings.data_dir}."
    )
    if before:
        typer.echo(f"What was there is in {before}: delete it when you no longer need it.")


def _embedded(settings: Settings, command: str) -> Settings:
    if settings.profile == "cluster":
        fail(
            f"CRYPTOVIZ_PROFILE is cluster, and `{command}` is the embedded profile's: a cluster's data is kept by its own "
            "services, with pg_dump, pg_restore and Kafka's topics (docs/backup.md)",
            USAGE,
        )
    return settings


@contextmanager
def _bars() -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """Begins a progress bar for each step."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield lambda step, size: partial(progress.advance, progress.add_task(step, total=size))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
