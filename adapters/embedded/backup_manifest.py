"""What a backup says of itself: the first member of its archive, `manifest.json`."""

import re
from datetime import datetime

import msgspec

from adapters.embedded.data_directory import HOUSE_FILE, LIVE, LOG_FILE, RECORDINGS, SIMULATED, STORE_FILE

FORMAT = 1  # of the archive; a program refuses newer ones
MANIFEST = "manifest.json"
MANIFEST_BYTES = 1 << 20  # at most
_FILE = re.compile(
    rf"{re.escape(HOUSE_FILE)}|({LIVE}|{SIMULATED}|{RECORDINGS}/[A-Za-z0-9_-][A-Za-z0-9._-]*)"
    rf"/({re.escape(LOG_FILE)}|{re.escape(STORE_FILE)})"
)


class BackupUnusable(Exception):
    """The file is no backup that can be restored; the message says which, and why."""


class BackedUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the data directory. `schema` is the log's format, or the Alembic revision of a database.

    `origin` is whose data it is (live, simulated or recording), None for the house's, which is no source's.
    """

    path: str
    origin: str | None
    schema: str | None
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is in a backup, in the archive's order; `program` is the version that made it, `made_at` UTC."""

    format: int
    program: str
    made_at: datetime
    files: tuple[BackedUp, ...]

    @property
    def bytes(self) -> int:
        """Of all files, unpacked."""
        return sum(file.size for file in self.files)


class _FormatOnly(msgspec.Struct):
    format: int
    program: str = "an unnamed version"


def is_data_file(path: str) -> bool:
    """Whether this is the name of a file that CryptoViz keeps in its data directory: nothing else is in a backup."""
    return _FILE.fullmatch(path) is not None


def encode(manifest: Manifest) -> bytes:
    """As it stands in the archive."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


def decode(raw: bytes) -> Manifest:
    """Raises BackupUnusable when it is no manifest, of a newer format, or names what no backup holds."""
    try:
        found = msgspec.json.decode(raw, type=_FormatOnly)
        if found.format != FORMAT:
            raise BackupUnusable(
                f"it has format {found.format} (made by CryptoViz {found.program[:40]!a}), this program knows {FORMAT}: "
                "restore it with that version"
            )
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BackupUnusable(f"its {MANIFEST} cannot be read ({error})") from error
    paths = [file.path for file in manifest.files]
    if odd := [path for path in paths if not is_data_file(path)]:
        raise BackupUnusable(f"it holds {odd[0][:80]!a}, which is no file of CryptoViz")
    if len(set(paths)) != len(paths) or not paths:
        raise BackupUnusable("its list of files is empty, or names one twice")
    if any(file.size < 0 for file in manifest.files):
        raise BackupUnusable("one of its files has a negative size")
    return manifest
