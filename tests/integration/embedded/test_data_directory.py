import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.embedded.data_directory import DataDirectory, DataDirectoryError, DirectoryInUse
from adapters.embedded.log_file import LogFile
from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from domain.values import Origin

_HOLD = """
import sys
from pathlib import Path
from adapters.embedded.data_directory import DataDirectory
from domain.values import Origin
directory = DataDirectory(Path(sys.argv[1]), origin=Origin.LIVE)
directory.lock(command="cryptoviz run")
print("held", flush=True)
sys.stdin.read()
"""


def _live(root: Path) -> DataDirectory:
    return DataDirectory(root, origin=Origin.LIVE)


def _recording(root: Path, file: Path) -> DataDirectory:
    return DataDirectory(root, origin=Origin.RECORDING, recording=file)


def test_each_source_has_a_directory_of_its_own(tmp_path: Path) -> None:
    one, other, copy = tmp_path / "a b.jsonl", tmp_path / "x" / "a b.jsonl", tmp_path / "y" / "a b.jsonl"
    for file, text in ((one, "1"), (other, "2"), (copy, "1")):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert _live(tmp_path).path == tmp_path / "live"
    assert DataDirectory(tmp_path, origin=Origin.SIMULATED).path == tmp_path / "simulated"
    path = _recording(tmp_path, one).path
    assert path.parent == tmp_path / "recordings"
    assert path.name.startswith("a-b-")
    assert _recording(tmp_path, other).path != path
    assert _recording(tmp_path, copy).path == path


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    directory = _live(tmp_path / "new")
    directory.lock(command="cryptoviz run")
    assert directory.path.stat().st_mode & 0o077 == 0
    assert directory.log_file.parent == directory.path
    assert directory.store_url.database == str(directory.path / "store.db")
    directory.release()
    directory.release()


def test_its_databases_are_its_owners_alone(tmp_path: Path) -> None:
    directory = _live(tmp_path)
    directory.lock(command="cryptoviz run")
    log, store = LogFile(directory.log_file), create_engine(directory.store_url)
    try:
        upgrade(store)
        modes = {file.name: file.stat().st_mode & 0o777 for file in directory.path.glob("*.db*")}
    finally:
        log.close()
        store.dispose()
        directory.release()
    assert {"log.db", "log.db-wal", "log.db-shm", "store.db", "store.db-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_what_others_could_read_until_now_they_no_longer_can(tmp_path: Path) -> None:
    directory = _live(tmp_path)
    directory.path.mkdir()
    earlier = [directory.path / name for name in ("log.db", "log.db-wal", "log.db-shm", "store.db")]
    for file in earlier:
        file.write_bytes(b"kept")
        file.chmod(0o644)
    directory.lock(command="cryptoviz run")
    directory.release()
    assert [(file.stat().st_mode & 0o777, file.read_bytes()) for file in earlier] == [(0o600, b"kept")] * 4


def test_a_second_process_learns_who_has_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DirectoryInUse) as refused:
            _live(tmp_path).lock(command="cryptoviz rebuild")
        for word in (str(tmp_path / "live"), "'cryptoviz run'", f"pid {holder.pid}", "since 20"):
            assert word in str(refused.value)
        holder.kill()
        holder.wait(10)
        mine = _live(tmp_path)
        mine.lock(command="cryptoviz rebuild")  # a killed process holds nothing
        assert json.loads((tmp_path / "live" / "lock").read_text())["pid"] == os.getpid()
        mine.release()
    finally:
        holder.kill()
        holder.communicate()


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    first = _live(tmp_path)
    first.lock(command="cryptoviz run")
    with pytest.raises(DirectoryInUse, match="cryptoviz run"):
        _live(tmp_path).lock(command="cryptoviz run")
    first.release()
    second = _live(tmp_path)
    second.lock(command="cryptoviz run")
    second.release()


def test_a_holder_that_has_not_said_who_it_is_is_another_process(tmp_path: Path) -> None:
    first = _live(tmp_path)
    first.lock(command="cryptoviz run")
    (tmp_path / "live" / "lock").write_text("")
    with pytest.raises(DirectoryInUse, match="another process"):
        _live(tmp_path).lock(command="cryptoviz run")
    first.release()


def test_what_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirectoryError, match=r"file/live cannot be made, \S+/file is a file: .*--data-dir"):
        _live(tmp_path / "file").lock(command="cryptoviz run")
    with pytest.raises(DataDirectoryError, match=r"missing\.jsonl cannot be read"):
        _recording(tmp_path, tmp_path / "missing.jsonl")
