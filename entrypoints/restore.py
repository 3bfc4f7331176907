"""`cryptoviz restore`: a data directory out of a backup, all of it or nothing.

The backup is unpacked beside the directory and looked through to its end before anything is touched; then two renames
put it in place. What was there is moved aside, never deleted.
"""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from adapters.embedded.backup_archive import Archive
from adapters.embedded.backup_manifest import BackedUp, BackupUnusable, Manifest
from adapters.embedded.data_directory import LIVE, LOG_FILE, SIMULATED, STORE_FILE, hold, sources_in
from adapters.embedded.log_file import FORMAT as LOG_FORMAT
from adapters.embedded.pairing import foreign, strangers
from adapters.sql.migrate import known_revisions
from entrypoints.backup import Begin, fsync_directory
from entrypoints.supervise.places import Places
from entrypoints.supervise.session import Session

_COMMAND = "cryptoviz restore"


class RestoreRefused(Exception):
    """The directory is left as it is; the message says why, and what to do."""


def restore(file: Path, data_dir: Path, *, force: bool, begin: Begin) -> tuple[Manifest, Path | None]:
    """Put the backup in the directory's place; returns what was in it, and where the directory that was there is now.

    Raises RestoreRefused, DirectoryInUse where a server runs on it, BackupUnusable for a file that is damaged, hostile
    or of a newer version, OSError when the disk is full.
    """
    target = data_dir.resolve()
    with ExitStack() as held, _opened(file) as archive:
        _refuse_in_use(target, held)
        occupied = target.exists() and any(target.iterdir())
        if occupied and not force:
            raise RestoreRefused(
                f"{target} is not empty: choose another with --data-dir, or replace it with --force, "
                "which keeps the present one beside it"
            )
        manifest = archive.manifest
        for known in manifest.files:
            _refuse_newer(known, manifest.program)
        with _beside(target, manifest.bytes) as staging:
            archive.unpack(staging, begin("Unpacking", manifest.bytes))
            for backed_up in manifest.files:
                _refuse_no_database(staging, backed_up.path)
            for directory in (*sources_in(staging), staging):
                fsync_directory(directory)
            before = _set_aside(target, held) if occupied else None
            _put(staging, target, before)
    return manifest, before


@contextmanager
def _opened(file: Path) -> Iterator[Archive]:
    try:
        opened = file.expanduser().open("rb")
    except OSError as error:
        raise RestoreRefused(
            f"{file} cannot be read ({error.strerror}): expected a file made by `cryptoviz backup`"
        ) from error
    with opened:
        try:
            yield Archive(opened)
        except BackupUnusable as error:
            raise BackupUnusable(f"{file} cannot be restored: {error}") from error


def _refuse_in_use(target: Path, held: ExitStack) -> None:
    """Hold what is there, so that no server starts on it meanwhile."""
    if target.exists() and not target.is_dir():
        raise RestoreRefused(f"{target} is a file: name a directory with --data-dir")
    for source in sources_in(target):
        held.enter_context(hold(source, command=_COMMAND))
    if Session.load(Places(target)) is not None:
        raise RestoreRefused(f"a cluster runs from {target}: first `cryptoviz stop all --data-dir {target}`")


def _refuse_newer(file: BackedUp, program: str) -> None:
    if file.schema is None:
        return
    if file.path.endswith(LOG_FILE):
        known = re.fullmatch(r"[0-9]{1,6}", file.schema) is not None and int(file.schema) <= LOG_FORMAT
    else:
        known = file.schema in known_revisions()
    if not known:
        raise BackupUnusable(
            f"its {file.path} is at version {file.schema[:40]!a} of its tables, which this program does not know: "
            f"restore it with CryptoViz {program[:40]!a}, which made it, or a newer one"
        )


def _refuse_no_database(staging: Path, path: str) -> None:
    """What a server could not open must not take the place of what it can; and none of our databases acts by itself."""
    if not path.endswith((".db", ".sqlite3")):
        return
    try:
        with closing(sqlite3.connect(f"{(staging / path).as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            kinds = {kind for (kind,) in database.execute("SELECT type FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise BackupUnusable(f"its {path} is no SQLite database ({error})") from error
    if odd := kinds & {"trigger", "view"}:
        raise BackupUnusable(f"its {path} holds a {min(odd)}, and CryptoViz makes none")
    file = staging / path
    reason = foreign(file, immutable=True)
    if not reason and file.name == STORE_FILE and (log := file.with_name(LOG_FILE)).exists():
        reason = strangers(log, file, immutable=True)
    if reason:
        raise BackupUnusable(f"of its files, {reason.replace(f'{staging}/', '')}")


@contextmanager
def _beside(target: Path, size: int) -> Iterator[Path]:
    """A new directory on the same disk, gone at the end unless it was put in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if size > free:
        raise RestoreRefused(f"the backup unpacks to {size:,} bytes, and {target.parent} has {free:,} left: free some")
    staging = Path(tempfile.mkdtemp(prefix=f"{target.name}.restoring-", dir=target.parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _set_aside(target: Path, held: ExitStack) -> Path:
    """Move away what is there; returns where to."""
    present = sources_in(target)
    for name in (LIVE, SIMULATED):  # also where none is: a server that starts now must not be moved at work
        if target / name not in present:
            held.enter_context(hold(target / name, command=_COMMAND))
    aside = target.with_name(f"{target.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    with _rename_in_words(target):
        target.rename(aside)
    return aside


def _put(staging: Path, target: Path, before: Path | None) -> None:
    with _rename_in_words(target):
        try:
            staging.rename(target)  # onto nothing or an empty directory: the system refuses any other
        except OSError:
            if before:
                before.rename(target)
            raise
        fsync_directory(target.parent)


@contextmanager
def _rename_in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = " (it is a mount point: restore into a directory inside it)" if os.path.ismount(target) else ""
        raise RestoreRefused(f"{target} cannot be replaced: {error.strerror}{hint}") from error
