"""How a person at a terminal sees it: lines of what is done, one that changes for what is waited for, and a table."""

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from entrypoints.supervise.status import Component

_COLOURS = {"ok": "green", "starting": "yellow", "degraded": "yellow", "down": "red", "stopped": "dim"}


def print_table(rows: Mapping[str, Component]) -> None:
    """`cryptoviz status` for people; passwords are not shown."""
    table = Table("part", "status", box=None, pad_edge=False)
    table.add_column("pid", justify="right", no_wrap=True)
    table.add_column("endpoint", overflow="fold")
    table.add_column(overflow="fold")
    for name, row in rows.items():
        cells: Sequence[str] = (str(row.pid or ""), row.endpoint or "", row.detail or "")
        table.add_row(name, f"[{_COLOURS[row.status]}]{row.status}[/]", *map(escape, cells))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


class ConsoleVoice:
    """Says what is done in lines on standard error, and what is waited for in one that changes, where it is a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._line = self._console.status("")
        self._said = ""

    def __enter__(self) -> None:
        if self._console.is_terminal:
            self._line.start()

    def __exit__(self, *_: object) -> None:
        self._line.stop()

    def say(self, line: str) -> None:
        """Something is done."""
        self._console.print(line)

    def waiting(self, what: str, why: str = "") -> None:
        """What is being waited for."""
        if self._console.is_terminal:
            self._line.update(escape(f"{what}: {why}" if why else what))
        elif what != self._said:  # where nothing can be overwritten, a line for each change
            self._said = what
            self._console.print(what)
