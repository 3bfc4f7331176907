"""`cryptoviz user`: who may sign in. Works while the server runs, on its database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from entrypoints.cli.data import DataDirOption
from entrypoints.cli.errors import USAGE, fail
from entrypoints.settings import load_settings

if TYPE_CHECKING:
    from entrypoints.house import HouseContainer

app = typer.Typer(
    help="Who may sign in, and what for. It may be used while the server runs.\n\n"
    "Roles: viewer (looks), operator (commands), admin (users, keys, what is collected).",
    no_args_is_help=True,
)
NameArgument = Annotated[str, typer.Argument(help="The user's name.")]
RoleOption = Annotated[str, typer.Option(help="viewer, operator or admin.")]


@contextmanager
def opened(data_dir: DataDirOption, action: str, target: str) -> "Iterator[HouseContainer]":
    """The house; what is done in the block is audited as the command line's. What it refuses, ends the command."""
    from domain.access.account import COMMAND_LINE
    from domain.errors import DomainError, InvalidValue
    from entrypoints.house import open_house

    with open_house(load_settings(data_dir=data_dir)) as house:
        try:
            yield house
        except InvalidValue as wrong:
            fail(str(wrong), USAGE)
        except DomainError as refused:
            fail(str(refused))
        house.audit().note(actor=COMMAND_LINE, action=action, target=target, outcome=200, address="")


@app.command()
def create(name: NameArgument, role: RoleOption = "viewer", data_dir: DataDirOption = None) -> None:
    """Make a user; the password is asked for, or read from standard input."""
    from domain.access.role import role_named

    password = _password()
    with opened(data_dir, "user create", name) as house:
        user = house.users().create(name, password, role_named(role))
    typer.echo(f"{user.name} may sign in as {user.role}.")


@app.command("list")
def list_(data_dir: DataDirOption = None) -> None:
    """Show all users: name, role, whether enabled, when last signed in."""
    from domain.values import rfc3339
    from entrypoints.house import open_house

    with open_house(load_settings(data_dir=data_dir)) as house:
        users = house.users().list()
    for user in users:
        seen = rfc3339(user.last_sign_in_at) if user.last_sign_in_at else "never signed in"
        typer.echo(f"{user.name:20}  {user.role:8}  {'enabled' if user.enabled else 'disabled':8}  {seen}")
    if not users:
        typer.echo("No users; `cryptoviz user create NAME --role admin` makes the first.")


@app.command()
def set_role(name: NameArgument, role: RoleOption, data_dir: DataDirOption = None) -> None:
    """Give a user another role."""
    from domain.access.role import role_named

    with opened(data_dir, "user set-role", name) as house:
        house.users().change(name, role=role_named(role))
    typer.echo(f"{name} is {role} now.")


@app.command()
def set_password(name: NameArgument, data_dir: DataDirOption = None) -> None:
    """Give a user another password, asked for or read from standard input; it ends all of the user's sessions."""
    password = _password()
    with opened(data_dir, "user set-password", name) as house:
        house.users().change(name, password=password)
    typer.echo(f"{name} has another password, and is signed out everywhere.")


@app.command()
def disable(name: NameArgument, data_dir: DataDirOption = None) -> None:
    """Let a user sign in no more; it ends all sessions, and the API keys that the user made."""
    with opened(data_dir, "user disable", name) as house:
        house.users().change(name, enabled=False)
    typer.echo(f"{name} is disabled, and signed out everywhere.")


@app.command()
def enable(name: NameArgument, data_dir: DataDirOption = None) -> None:
    """Let a disabled user sign in again."""
    with opened(data_dir, "user enable", name) as house:
        house.users().change(name, enabled=True)
    typer.echo(f"{name} may sign in again.")


@app.command()
def delete(name: NameArgument, data_dir: DataDirOption = None) -> None:
    """Delete a user; it ends all sessions, and the API keys that the user made."""
    with opened(data_dir, "user delete", name) as house:
        house.users().delete(name)
    typer.echo(f"{name} is deleted.")


def _password() -> str:
    """Never an argument: those are seen by everybody on the machine, and stay in the shell's history."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
