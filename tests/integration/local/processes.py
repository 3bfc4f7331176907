"""Who still runs in a directory."""

from contextlib import suppress
from pathlib import Path


def processes_in(directory: Path) -> list[str]:
    """Command lines of the living whose working directory or arguments lie there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended while we looked
            command = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
            cwd = (process / "cwd").readlink()
            if command and (str(directory) in command or cwd.is_relative_to(directory)):
                found.append(command)
    return found
