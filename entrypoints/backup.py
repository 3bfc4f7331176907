"""`cryptoviz backup`: the data directory in one file, while the server runs.

The copies agree with each other. A reader's place is kept with its rows in the store, so a store must never know more
than the log beside it: the log would be asked for a place that it does not have. And commands are committed to the store
first and relayed to the log from there, so the log must hold no command that the store has not: its rule would be in the
log and in no list. Both hold because nobody writes to the store while the two snapshots, of the log and of the store, are
begun: a moment, not the length of the copying. What the log has got beyond the store's places is read from it at the next
start, as after a crash. The house comes last: alert rules in a store refer to channels in it, and it to nothing.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from adapters.embedded.backup_archive import sha256_of, write
from adapters.embedded.backup_manifest import FORMAT, BackedUp, Manifest, is_data_file
from adapters.embedded.data_directory import (
    HOUSE_FILE,
    LIVE,
    LOG_FILE,
    SIMULATED,
    STORE_FILE,
    sources_in,
)
from adapters.embedded.pairing import foreign, strangers
from adapters.embedded.snapshot import Snapshot, in_words, nobody_writes
from domain.values import Origin

Begin = Callable[[str, int], Callable[[int], None]]  # a step's name and bytes -> what is told of bytes done
_ORIGINS = {LIVE: Origin.LIVE, SIMULATED: Origin.SIMULATED}


class BackupRefused(Exception):
    """It is not made; the message says why, and what to do."""


def back_up(data_dir: Path, file: Path, *, force: bool, begin: Begin) -> Manifest:
    """Write the backup, readable by its owner alone; under its name only when it is whole and on the disk.

    While it is made, `FILE.partial` grows, and `FILE.copies` holds the copies; what a killed one left of them is replaced
    by the next. Raises BackupRefused, DataDirectoryError, OSError when the disk is full.
    """
    file = file.expanduser().absolute()
    _refuse_existing(file, force=force)
    partial = file.with_name(f"{file.name}.partial")
    with _private(partial) as archive, _scratch(file.with_name(f"{file.name}.copies")) as copies:
        manifest = _copy(data_dir, copies, begin)
        write(archive, manifest, copies, begin("Compressing", manifest.bytes))
        archive.flush()
        os.fsync(archive.fileno())
        _refuse_existing(file, force=force)
        partial.replace(file)
        fsync_directory(file.parent)
    return manifest


def _copy(data_dir: Path, copies: Path, begin: Begin) -> Manifest:
    with ExitStack() as held:
        made_at = datetime.now(UTC)
        snapshots = _snapshots(data_dir, held)
        if not snapshots:
            raise BackupRefused(f"there is nothing of CryptoViz in {data_dir}: name the directory with --data-dir")
        progress = begin("Copying", sum(snapshot.bytes for snapshot in snapshots))
        files = [_copied(snapshot, data_dir, copies, progress) for snapshot in snapshots]
    return Manifest(FORMAT, version("cryptoviz"), made_at, tuple(files))


def _snapshots(data_dir: Path, held: ExitStack) -> list[Snapshot]:
    """In the order that the module's docstring gives reasons for."""

    def begun(*paths: Path) -> list[Snapshot]:
        found = [Snapshot(path) for path in paths if path.exists()]
        for snapshot in found:
            held.callback(snapshot.close)
        return found

    snapshots = []
    for source in sources_in(data_dir):
        log, store = source / LOG_FILE, source / STORE_FILE
        if not is_data_file(log.relative_to(data_dir).as_posix()):
            continue  # a directory that somebody else made
        _refuse_foreign(log, store)
        if store.exists():
            with nobody_writes(store):
                snapshots += begun(log, store)
        else:
            snapshots += begun(log)
    _refuse_foreign(data_dir / HOUSE_FILE)
    return snapshots + begun(data_dir / HOUSE_FILE)


def _refuse_foreign(*files: Path) -> None:
    """An archive holds only what could be restored. Raises BackupRefused."""
    present = [file for file in files if file.exists()]
    for file in present:
        try:
            reason = foreign(file) or (strangers(*present) if len(present) == len(files) > 1 else None)
        except sqlite3.DatabaseError as error:
            reason = f"{file} cannot be used now ({error})"
        if reason:
            raise BackupRefused(
                f"{reason}. `cryptoviz run` sees to it at its next start, and moves aside what it cannot use: "
                "make the backup after that"
            )


def _copied(snapshot: Snapshot, data_dir: Path, copies: Path, progress: Callable[[int], None]) -> BackedUp:
    path = snapshot.path.relative_to(data_dir)
    target = copies / path
    with in_words(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        snapshot.copy_to(target, progress)
        size, digest = target.stat().st_size, sha256_of(target)
    origin = None if str(path) == HOUSE_FILE else _ORIGINS.get(path.parts[0], Origin.RECORDING).value
    return BackedUp(path.as_posix(), origin, snapshot.schema, size, digest)


def _refuse_existing(file: Path, *, force: bool) -> None:
    if file.is_dir():
        raise BackupRefused(f"{file} is a directory: name a file in it")
    if file.exists() and not force:
        raise BackupRefused(f"{file} exists: name another file, or replace it with --force")
    if not file.parent.is_dir():
        raise BackupRefused(f"there is no directory {file.parent}: make it first")


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """An empty file for us alone, held so that no other backup writes to it; deleted when the block raises."""
    # Neither followed where it is a link nor taken from another user: it will hold password hashes.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written ({error.strerror}): name a file elsewhere") from error
    with os.fdopen(descriptor, "r+b") as opened:
        if os.fstat(opened.fileno()).st_uid != os.geteuid():
            raise BackupRefused(f"{path} belongs to another user: delete it, or name another file")
        os.fchmod(opened.fileno(), 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"another backup is writing {path}: wait for it, or name another file") from error
        if not path.exists() or not os.path.samestat(path.stat(), os.fstat(opened.fileno())):
            raise BackupRefused(f"another backup has just made a file of {path}: look at it first")
        opened.truncate(0)
        try:
            yield opened
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    try:
        if path.is_symlink() or path.exists():
            shutil.rmtree(path)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written ({error.strerror}): name a file elsewhere") from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def fsync_directory(path: Path) -> None:
    """Have the names in a directory on the disk. Raises OSError."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
