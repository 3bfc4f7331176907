"""Noticing that a file was deleted or replaced while this process has it open."""

from collections.abc import Sequence
from pathlib import Path


class FileWatch:
    """Knows which files stand under their names since it was made. `check` takes microseconds; safe for several threads."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._seen = {file: _identity(file) for file in files}

    def check(self) -> str | None:
        """Return what has happened to the files in one sentence; None when all is well."""
        for file, seen in self._seen.items():
            found = _identity(file)
            if found == seen:
                continue
            what = "was deleted" if found is None else "was replaced by another file"
            return (
                f"{file} {what} while CryptoViz had it open: nothing more is collected. Stop it and start it again: the "
                "next start makes what is missing again from the other files, as far as they know it"
            )
        return None


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
