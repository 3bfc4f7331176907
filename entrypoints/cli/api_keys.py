"""`cryptoviz api-key`: how programs come in. Works while the server runs, on its database."""

from typing import Annotated

import typer

from entrypoints.cli.data import DataDirOption
from entrypoints.cli.users import opened
from entrypoints.settings import load_settings

app = typer.Typer(
    help="How programs come in: Authorization: Bearer cvk_… . It may be used while the server runs.",
    no_args_is_help=True,
)


@app.command()
def create(
    title: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="read, command or admin; may stand several times.")],
    expires_at: Annotated[str | None, typer.Option(help="RFC 3339; left out, it works until it is revoked.")] = None,
    data_dir: DataDirOption = None,
) -> None:
    """Make an API key and print it, this once: only its hash is kept."""
    from domain.access.account import COMMAND_LINE
    from domain.values import parse_time

    with opened(data_dir, "api-key create", title) as house:
        until = None if expires_at is None else parse_time(expires_at, "expires_at")
        _, text = house.keys().create(title, scope, created_by=COMMAND_LINE, expires_at=until)
    typer.echo(text)


@app.command("list")
def list_(data_dir: DataDirOption = None) -> None:
    """Show all API keys: id, scopes, who made it, when last used, title."""
    from domain.values import rfc3339
    from entrypoints.house import open_house

    with open_house(load_settings(data_dir=data_dir)) as house:
        keys = house.keys().list()
    for key in keys:
        used = rfc3339(key.last_used_at) if key.last_used_at else "never used"
        until = f", until {rfc3339(key.expires_at)}" if key.expires_at else ""
        typer.echo(f"{key.key_id}  {' '.join(key.scopes)}  by {key.created_by}  {used}{until}  {key.title}")
    if not keys:
        typer.echo("No API keys.")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")], data_dir: DataDirOption = None
) -> None:
    """Revoke an API key: it is of no use from now on."""
    with opened(data_dir, "api-key revoke", key_id) as house:
        house.keys().revoke(key_id)
    typer.echo(f"{key_id} is revoked.")
