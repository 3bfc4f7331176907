"""Noticing that a file was deleted or replaced while this process has it open."""

from collections.abc import Sequence
from pathlib import Path


class FileWatch:
    """Knows which files stand under their names since it was made. `check` takes microseconds; safe for several threads."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._seen = {file: _identity(file) for file in files}

    def check(self) -> str | None:
        """Return what has happened to the files in one sentence; None when all is well."""
        told = []
        for file, seen in self._seen.items():
            found = _identity(file)
            if found != seen:
                told.append(f"{file} was {'deleted' if found is None else 'replaced by another file'}")
        if not told:
            return None
        return (
            f"{' and '.join(told)} while CryptoViz had it open, and what is written to it now is lost. Stop CryptoViz and "
            "start it again: the next start makes what is missing again from the other files, as far as they know it"
        )


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
