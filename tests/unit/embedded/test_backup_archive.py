"""An archive is unpacked exactly as it was packed, or refused: it may be damaged, or made to do harm."""

import gzip
import io
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.embedded.backup_archive import Archive, sha256_of, write
from adapters.embedded.backup_manifest import FORMAT, BackedUp, BackupUnusable, Manifest, encode, is_data_file

CONTENT = {"live/log.db": b"log" * 700, "live/store.db": b"", "house.sqlite3": bytes(range(256)) * 3}


def described(content: dict[str, bytes]) -> Manifest:
    files = [BackedUp(path, None, None, len(data), sha256(data).hexdigest()) for path, data in content.items()]
    return Manifest(FORMAT, "0.1.0", datetime(2026, 11, 23, tzinfo=UTC), tuple(files))


def tar_of(manifest: bytes, members: list[tuple[tarfile.TarInfo, bytes]], *, form: int = tarfile.GNU_FORMAT) -> bytes:
    head = tarfile.TarInfo("manifest.json")
    head.size = len(manifest)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as tar:
        tar.addfile(head, io.BytesIO(manifest))
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def plain(path: str, data: bytes, **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(path)
    member.size = len(data)
    for name, value in changes.items():
        setattr(member, name, value)
    return member, data


def members() -> list[tuple[tarfile.TarInfo, bytes]]:
    return [plain(path, data) for path, data in CONTENT.items()]


HONEST = encode(described(CONTENT))
TAR = tar_of(HONEST, members())


def unpacked(packed: bytes) -> dict[str, bytes]:
    """What it puts where it was told to; nothing must come to lie elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        into = Path(name) / "into"
        into.mkdir()
        try:
            Archive(io.BytesIO(packed)).unpack(into, lambda _bytes: None)
        finally:
            assert [path.name for path in Path(name).iterdir()] == ["into"]
            found = [path for path in into.rglob("*") if not path.is_dir()]
            assert all(path.is_file() and not path.is_symlink() for path in found)
            assert {path.relative_to(into).as_posix() for path in found} <= CONTENT.keys()
        assert all(path.stat().st_mode & 0o077 == 0 for path in found)
        return {path.relative_to(into).as_posix(): path.read_bytes() for path in found}


def test_what_was_packed_comes_out(tmp_path: Path) -> None:
    for path, data in CONTENT.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    manifest = described(CONTENT)
    assert [sha256_of(tmp_path / file.path) for file in manifest.files] == [file.sha256 for file in manifest.files]
    packed, told = io.BytesIO(), [0]
    write(packed, manifest, tmp_path, told.append)
    assert sum(told) == manifest.bytes
    assert Archive(io.BytesIO(packed.getvalue())).manifest == manifest
    assert unpacked(packed.getvalue()) == CONTENT


def test_any_tar_of_the_same_files_will_do() -> None:
    assert unpacked(gzip.compress(TAR)) == CONTENT


@pytest.mark.parametrize(
    "path",
    [
        "../live/log.db", "/live/log.db", "live/../house.sqlite3", "live/log.db/", "live//log.db", "LIVE/log.db",
        "recordings/../log.db", "recordings/./log.db", "recordings/.x/log.db", "recordings/a/b/log.db", "lock",
        "live/lock", "house.sqlite3\n", "live/log.db\0", "supervisor/session.json", ".env", "",
    ],
)  # fmt: skip
def test_only_our_own_files_have_a_place(path: str) -> None:
    assert not is_data_file(path)
    manifest = encode(described({**CONTENT, path: b""}))
    with pytest.raises(BackupUnusable):
        unpacked(gzip.compress(tar_of(manifest, [*members(), plain(path, b"")])))


def changed(**values: object) -> bytes:
    raw = msgspec.json.decode(HONEST)
    raw["files"][0] |= values
    return msgspec.json.encode(raw)


def rest(*first: tuple[tarfile.TarInfo, bytes]) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [*first, *members()[len(first) :]]


LOG = "live/log.db"
DATA = CONTENT[LOG]
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a symbolic link": (
        "a plain file",
        lambda: tar_of(HONEST, rest(plain(LOG, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"))),
    ),
    "a hard link": ("a plain file", lambda: tar_of(HONEST, rest(plain(LOG, b"", type=tarfile.LNKTYPE, linkname="x")))),
    "a device": ("a plain file", lambda: tar_of(HONEST, rest(plain(LOG, b"", type=tarfile.CHRTYPE)))),
    "a pipe": ("a plain file", lambda: tar_of(HONEST, rest(plain(LOG, b"", type=tarfile.FIFOTYPE)))),
    "a directory": ("a plain file", lambda: tar_of(HONEST, rest(plain(LOG, b"", type=tarfile.DIRTYPE)))),
    "a sparse file": ("a plain file", lambda: tar_of(HONEST, rest(plain(LOG, DATA, type=tarfile.GNUTYPE_SPARSE)))),
    "an extended header": (
        "where live/log.db is expected",
        lambda: tar_of(HONEST, rest(plain(LOG, DATA, pax_headers={"path": "/etc/x"})), form=tarfile.PAX_FORMAT),
    ),
    "a long name": ("where live/log.db is expected", lambda: tar_of(HONEST, rest(plain("x" * 300, DATA)))),
    "another file": ("where live/log.db is expected", lambda: tar_of(HONEST, rest(plain("../evil", DATA)))),
    "another order": ("where live/log.db is expected", lambda: tar_of(HONEST, members()[::-1])),
    "a file more": ("more than its manifest", lambda: tar_of(HONEST, [*members(), plain("live/lock", b"")])),
    "a file twice": ("more than its manifest", lambda: tar_of(HONEST, [*members(), members()[0]])),
    "a file less": ("house.sqlite3 is missing", lambda: tar_of(HONEST, members()[:-1])),
    "a longer file": ("bytes, and 2100 were put in", lambda: tar_of(HONEST, rest(plain(LOG, DATA + b"x")))),
    "another content": ("checksum", lambda: tar_of(HONEST, rest(plain(LOG, DATA[::-1])))),
    "a lie about the size": ("were put in", lambda: tar_of(changed(size=1 << 60), members())),
    "a negative size": ("negative", lambda: tar_of(changed(size=-1), members())),
    "a wrong type": ("cannot be read", lambda: tar_of(changed(size="1"), members())),
    "an unknown field": ("cannot be read", lambda: tar_of(changed(mode="0777"), members())),
    "a name twice": ("names one twice", lambda: tar_of(changed(path="live/store.db"), members())),
    "no manifest": ("cannot be read", lambda: tar_of(b"", members())),
    "no JSON": ("cannot be read", lambda: tar_of(b"\xff{", members())),
    "deep JSON": ("cannot be read", lambda: tar_of(b'{"format":1,"program":' + b"[" * 9999, members())),
    "a huge manifest": ("bytes", lambda: tar_of(b" " * (2 << 20), members())),
    "no files": ("is empty", lambda: tar_of(encode(described({})), [])),
    "nothing": ("too early", lambda: b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused(name: str) -> None:
    expected, made = HOSTILE[name]
    with pytest.raises(BackupUnusable, match=expected) as refused:
        unpacked(gzip.compress(made()))
    assert "\n" not in str(refused.value)


def test_an_archive_of_a_newer_format_says_so() -> None:
    newer = msgspec.json.encode({"format": 2, "program": "9.0", "parts": []})
    with pytest.raises(BackupUnusable, match=r"format 2 \(made by CryptoViz '9.0'\), this program knows 1"):
        unpacked(gzip.compress(tar_of(newer, [])))


def test_what_a_manifest_says_cannot_write_on_a_terminal() -> None:
    newer = msgspec.json.encode({"format": 2, "program": "\x1b[31m\n9", "parts": []})
    with pytest.raises(BackupUnusable) as refused:
        unpacked(gzip.compress(tar_of(newer, [])))
    assert str(refused.value).isprintable()


def test_a_manifest_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(BackupUnusable, match="cannot be read"):
        unpacked(gzip.compress(tar_of(b'{"format": 1, "x": ' + b"[" * 200_000, [])))


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(BackupUnusable, match="more than its manifest"):
        unpacked(gzip.compress(TAR + b"\0" * (3 << 20)))


@given(st.data())
def test_a_damaged_one_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    """Bytes flipped, cut out, put in, cut off: in the compressed file or in the tar in it."""
    inside = data.draw(st.booleans(), label="in the tar")
    whole = TAR if inside else gzip.compress(TAR, mtime=0)
    start = data.draw(st.integers(0, len(whole)), label="from")
    end = data.draw(st.integers(start, min(len(whole), start + 600)), label="to")
    damaged = whole[:start] + data.draw(st.binary(max_size=40), label="instead")
    if data.draw(st.booleans(), label="goes on"):
        damaged += whole[end:]
    try:
        found = unpacked(gzip.compress(damaged) if inside else damaged)
    except BackupUnusable:
        return
    assert found == CONTENT
