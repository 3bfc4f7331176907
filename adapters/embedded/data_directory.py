"""Where a source's log and store lie, and which process has them: each source has a directory of its own."""

import fcntl
import hashlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog
from sqlalchemy import URL

from domain.values import Origin, rfc3339

log = structlog.get_logger(__name__)

HOUSE_FILE = "house.sqlite3"
LOG_FILE = "log.db"
STORE_FILE = "store.db"
LIVE, SIMULATED, RECORDINGS = "live", "simulated", "recordings"
_LOG_ID_FILE = "log.id"
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
            is_ours = recording.parent == root / RECORDINGS and recording.is_dir()  # the file itself may be gone
            self.path = recording if is_ours else root / RECORDINGS / _name_of(recording)
        else:
            self.path = root / (SIMULATED if origin is Origin.SIMULATED else LIVE)
        self.name = str(self.path.relative_to(root))
        self._lock: IO[str] | None = None

    @property
    def log_file(self) -> Path:
        """The event log's file."""
        return self.path / LOG_FILE

    @property
    def store_url(self) -> URL:
        """The store's database."""
        return URL.create("sqlite", database=str(self.path / STORE_FILE))

    @property
    def files(self) -> tuple[Path, Path]:
        """The log's and the store's file."""
        return self.path / LOG_FILE, self.path / STORE_FILE

    def known_log(self) -> str | None:
        """Return the id of the log that was here at the last start; None where nobody knows."""
        try:
            return (self.path / _LOG_ID_FILE).read_text(encoding="ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def remember_log(self, log_id: str) -> None:
        """Note the id of the log that is here now. Raises DataDirectoryError where it cannot be written."""
        if self.known_log() == log_id:
            return
        try:
            (self.path / _LOG_ID_FILE).write_text(f"{log_id}\n", encoding="ascii")
        except OSError as error:
            raise _not_writable(self.path, error) from error

    def lock(self, *, command: str) -> None:
        """Make the directory where it is missing, and hold it until `release`, or until the process ends however it does.

        Its files are nobody else's to read. Raises DirectoryInUse, saying by whom, or DataDirectoryError where we may not
        write.
        """
        self._lock = hold(self.path, command=command)
        try:
            for file in self.files:
                keep_private(file)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others have it; nothing happens where it is not held."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def is_in_use(source: Path) -> bool:
    """Return whether a source's directory has data."""
    log_file = source / LOG_FILE
    return log_file.exists() and log_file.stat().st_size > 0


def sources_in(root: Path) -> list[Path]:
    """The sources' directories that are there."""
    recordings = root / RECORDINGS
    kept = sorted(recordings.iterdir()) if recordings.is_dir() else []
    return [path for path in (root / LIVE, root / SIMULATED, *kept) if path.is_dir()]


def holder_of(path: Path) -> str | None:
    """Who holds a source's directory now, in words; None for nobody."""
    try:
        with (path / "lock").open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file)
    except OSError:
        return None  # never held, or nobody's to look at
    return None


def last_written(path: Path) -> float:
    """When the event log of a source's directory was last written, in seconds since 1970; 0 for never."""
    try:
        return (path / LOG_FILE).stat().st_mtime
    except OSError:
        return 0.0


def keep_private(file: Path) -> None:
    """Make a database's file where it is missing, and let nobody else read it, nor the files that SQLite keeps beside it.

    Those get the database's permissions when they are made; an earlier version may have left others. Raises
    DataDirectoryError where the file cannot be made.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
    except OSError as error:
        raise _not_writable(file.parent, error) from error
    for name in ("", "-wal", "-shm"):
        try:
            file.with_name(file.name + name).chmod(0o600)
        except FileNotFoundError:
            continue
        except OSError as error:  # somebody else's file, or a disk without permissions: it works all the same
            log.warning("others may be able to read a database", file=file.name + name, reason=error.strerror)


def hold(path: Path, *, command: str) -> IO[str]:
    """Make a source's directory where it is missing, and hold it until the file that is returned is closed.

    Raises DirectoryInUse, saying by whom, or DataDirectoryError where we may not write.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (path / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise _not_writable(path, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _holder(file)
        file.close()
        raise DirectoryInUse(
            f"the data directory {path} is in use by {holder}: stop that first, or choose another with --data-dir"
        ) from error
    except OSError as error:
        file.close()
        raise DataDirectoryError(
            f"the data directory {path} cannot be locked ({error.strerror}): choose one on a local disk"
        ) from error
    file.truncate(0)
    json.dump({"pid": os.getpid(), "command": command, "since": rfc3339(datetime.now(UTC))}, file)
    file.flush()
    return file


def _not_writable(path: Path, error: OSError) -> DataDirectoryError:
    if isinstance(error, FileExistsError | NotADirectoryError):
        file = next((place for place in (path, *path.parents) if place.is_file()), path)
        return DataDirectoryError(
            f"the data directory {path} cannot be made, {file} is a file: choose another with --data-dir"
        )
    if isinstance(error, IsADirectoryError) and error.filename:
        return DataDirectoryError(f"{error.filename} is a directory: expected a file; move it away, and start again")
    return DataDirectoryError(
        f"the data directory {path} cannot be written ({error.strerror}): "
        "make it writable, or choose another with --data-dir"
    )


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
