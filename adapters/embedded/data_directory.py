"""Where a source's log and store lie, and which process has them: each source has a directory of its own."""

import fcntl
import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from domain.values import Origin, rfc3339

_HASHED = 1 << 20  # bytes of a recording that its directory's name depends on, beside its size


class DataDirectoryError(Exception):
    """The directory cannot be used; the message says which, why, and what to do."""


class DirectoryInUse(DataDirectoryError):
    """Another process holds the directory. Only one may write."""


class DataDirectory:
    """`ROOT/live`, `ROOT/simulated`, or `ROOT/recordings/NAME-HASH`, the hash being that of the recording's content.

    So neither real and simulated data nor two recordings of one name ever mix. Raises DataDirectoryError when the
    recording cannot be read.
    """

    def __init__(self, root: Path, *, origin: Origin, recording: Path | None = None) -> None:
        root = root.expanduser().absolute()
        if recording is not None:
            self.path = root / "recordings" / _name_of(recording)
        else:
            self.path = root / ("simulated" if origin is Origin.SIMULATED else "live")
        self.name = str(self.path.relative_to(root))
        self._lock: IO[str] | None = None

    @property
    def log_file(self) -> Path:
        """The event log's file."""
        return self.path / "log.db"

    @property
    def store_url(self) -> URL:
        """The store's database."""
        return URL.create("sqlite", database=str(self.path / "store.db"))

    def lock(self, *, command: str) -> None:
        """Make the directory where it is missing, and hold it until `release`, or until the process ends however it does.

        Raises DirectoryInUse, saying by whom, or DataDirectoryError where we may not write.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise DataDirectoryError(
                f"the data directory {self.path} cannot be written ({error.strerror}): "
                "make it writable, or choose another with --data-dir"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(file)
            file.close()
            raise DirectoryInUse(
                f"the data directory {self.path} is in use by {holder}: stop that first, or choose another with --data-dir"
            ) from error
        except OSError as error:
            file.close()
            raise DataDirectoryError(
                f"the data directory {self.path} cannot be locked ({error.strerror}): choose one on a local disk"
            ) from error
        file.truncate(0)
        json.dump({"pid": os.getpid(), "command": command, "since": rfc3339(datetime.now(UTC))}, file)
        file.flush()
        self._lock = file

    def release(self) -> None:
        """Let others have it; nothing happens where it is not held."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _holder(file: IO[str]) -> str:
    try:
        file.seek(0)
        holder = json.loads(file.read(4096))
        return f"'{holder['command']}' (pid {holder['pid']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"  # it has just begun and not yet said who it is


def _name_of(recording: Path) -> str:
    try:
        with recording.open("rb") as file:
            content = hashlib.sha256(file.read(_HASHED))
            content.update(str(os.fstat(file.fileno()).st_size).encode())
    except OSError as error:
        raise DataDirectoryError(
            f"the recording {recording} cannot be read ({error.strerror}): expected a file made by `cryptoviz record`"
        ) from error
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", recording.stem)[:60].strip(".-") or "recording"
    return f"{stem}-{content.hexdigest()[:8]}"
