"""What the user did or met that a command cannot go on with: one line, and an exit code."""

from typing import NoReturn

import typer

USAGE = 2
FAILED = 1


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End the command with `cryptoviz: MESSAGE` on standard error."""
    typer.echo(f"cryptoviz: {message}", err=True)
    raise typer.Exit(code)
