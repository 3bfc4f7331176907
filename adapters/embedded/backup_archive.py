"""The archive of a backup: a gzipped tar of plain files, the manifest first. Read with suspicion: it may be anybody's.

Python's tarfile writes it. It is not read with it: its extensions of the format (long names, sparse files, links) are all
that a hostile archive needs, and none of them is in ours.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.embedded.backup_manifest import (
    MANIFEST,
    MANIFEST_BYTES,
    BackedUp,
    BackupUnusable,
    Manifest,
    decode,
    encode,
)

_CHUNK = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_LEVEL = 4  # of gzip: on logs and stores quicker than 6 by half, for hardly more bytes

Progress = Callable[[int], None]


def write(archive: IO[bytes], manifest: Manifest, directory: Path, progress: Progress) -> None:
    """Write the manifest and its files, which lie in `directory`; `progress` is told of bytes. Raises OSError."""
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=archive) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        head = encode(manifest)
        tar.addfile(_member(MANIFEST, len(head), manifest), io.BytesIO(head))
        for file in manifest.files:
            with (directory / file.path).open("rb") as content:
                tar.addfile(_member(file.path, file.size, manifest), _Told(content, progress))


def sha256_of(path: Path) -> str:
    """In hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Archive:
    """An archive being read from beginning to end. Raises BackupUnusable, also for what is no archive at all."""

    def __init__(self, file: IO[bytes]) -> None:
        self._packed = gzip.GzipFile(fileobj=file, mode="rb")
        with _in_words():
            size = self._next_member(MANIFEST)
            if not 0 <= size <= MANIFEST_BYTES:
                raise BackupUnusable(f"its {MANIFEST} has {size} bytes")
            self.manifest = decode(self._exactly(size))
            self._skip_padding(size)

    def unpack(self, into: Path, progress: Progress) -> None:
        """Write all files to a directory, on the disk when it returns. What is there may be a part when it raises.

        Raises BackupUnusable when a file is not as the manifest says, OSError when one cannot be written.
        """
        with _in_words():
            for file in self.manifest.files:
                size = self._next_member(file.path)
                if size != file.size:
                    raise BackupUnusable(f"its {file.path} has {size} bytes, and {file.size} were put in")
                self._write(file, into / file.path, progress)
                self._skip_padding(size)
            self._expect_end()

    def _write(self, file: BackedUp, target: Path, progress: Progress) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            left = file.size
            while left:
                chunk = self._exactly(min(left, _CHUNK))
                digest.update(chunk)
                out.write(chunk)
                progress(len(chunk))
                left -= len(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != file.sha256:
            raise BackupUnusable(f"its {file.path} is damaged: the checksum is another")

    def _next_member(self, name: str) -> int:
        """The size of the member that must come next, and be a plain file of this name."""
        try:
            member = tarfile.TarInfo.frombuf(self._exactly(_BLOCK), "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise BackupUnusable(f"{name} is missing") from error
        if member.name != name or member.type != tarfile.REGTYPE:
            raise BackupUnusable(f"it holds {member.name[:80]!a} where {name} is expected, a plain file")
        return member.size

    def _exactly(self, size: int) -> bytes:
        found = self._packed.read(size)
        if len(found) != size:
            raise BackupUnusable("it ends too early")
        return found

    def _skip_padding(self, size: int) -> None:
        self._exactly(-size % _BLOCK)

    def _expect_end(self) -> None:
        """Nothing but the zeros that tar ends with. Reading them all also makes gzip compare its own checksum."""
        rest = self._packed.read(_CHUNK)
        if rest.strip(b"\0") or self._packed.read(1):
            raise BackupUnusable("it holds more than its manifest names")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BackupUnusable(f"it is damaged, or no backup of CryptoViz ({error})") from error


class _Told(io.RawIOBase):
    """Tells how much of a file has been read."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self._progress(len(found))
        return found


def _member(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    member.mtime = int(manifest.made_at.timestamp())
    return member
