"""The file table: whatever befalls the log, the store or the house, it is said in a sentence, and what can be kept is.

docs/data-files.md says the same for people.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import structlog

from entrypoints.cli.main import expected_errors
from tests.integration.embedded import data_files as befalls
from tests.integration.embedded.data_files import TRADES, Kept, Operation, fill, kept

FILES = {"log": Path("live/log.db"), "store": Path("live/store.db"), "house": Path("house.sqlite3")}
FAULTS: dict[str, Callable[[Path, Path], None]] = {
    "missing": befalls.missing, "empty": befalls.empty, "truncated": befalls.truncated, "bad page": befalls.bad_page,
    "bad first page": befalls.bad_first_page, "other database": befalls.other_database,
    "of another directory": befalls.other_directory,
}  # fmt: skip
OPERATIONS: dict[str, Operation] = {
    "start": befalls.start, "run": befalls.run, "rebuild": befalls.rebuild, "backup": befalls.backup,
    "restore": befalls.restored,
}  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Iterator[tuple[Path, Path]]:
    """A filled data directory, and another one."""
    root = Path(tempfile.mkdtemp(prefix="cryptoviz-files-"))
    root.chmod(0o755)  # another user shall be able to look in
    fill(root / "one")
    fill(root / "other", first=60_000, trades=300)
    yield root / "one", root / "other"
    shutil.rmtree(root)


@pytest.fixture
def root(whole: tuple[Path, Path]) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="cryptoviz-files-"))
    place.chmod(0o755)
    shutil.copytree(whole[0], place / "data")
    yield place / "data"
    shutil.rmtree(place)


def _do(operation: Operation, root: Path, scratch: Path, befall: Callable[[], None]) -> list[str]:
    with structlog.testing.capture_logs() as logged:
        try:
            told = operation(root, scratch, befall)
        except expected_errors() as error:
            told = [str(error)]
    return [*told, *(str(line["event"]) for line in logged if line["log_level"] in ("warning", "error"))]


def _on_something_of(root: Path, name: str, scratch: Path) -> Path:
    return scratch / "again" if name == "backup" and (scratch / "again").exists() else root


@pytest.mark.parametrize("doing", OPERATIONS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("which", FILES)
def test_what_can_be_kept_is_kept(
    which: str, fault: str, doing: str, root: Path, whole: tuple[Path, Path], tmp_path: Path
) -> None:
    file = root / FILES[which]
    told = _do(OPERATIONS[doing], root, tmp_path, lambda: FAULTS[fault](file, whole[1]))
    for place in {root, _on_something_of(root, doing, tmp_path)}:
        found = kept(place)
        users_are_lost = which == "house" and doing != "restore"
        assert (found.trades, found.streams) == (TRADES, 2), told
        assert found.candles_of_trades >= TRADES
        assert found.users == 1 or users_are_lost
    print(f"{which} {fault}, {doing}: {told}")


@pytest.mark.parametrize("which", FILES)
def test_a_running_process_notices_that_a_file_is_gone(which: str, root: Path, tmp_path: Path) -> None:
    for fault in (befalls.missing, befalls.other_database):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(root, tmp_path / "copy")
        file = tmp_path / "copy" / FILES[which]
        [told, *_] = _do(befalls.run, tmp_path / "copy", tmp_path, lambda file=file, fault=fault: fault(file, file))  # type: ignore[misc]
        assert str(file) in told
        assert "was deleted" in told or "was replaced" in told


@pytest.mark.parametrize("doing", ["start", "rebuild", "backup", "restore"])
@pytest.mark.parametrize("which", FILES)
def test_read_only(which: str, doing: str, root: Path, tmp_path: Path) -> None:
    held: list[AbstractContextManager[Any]] = []

    def befall() -> None:
        held.append(befalls.read_only(root / FILES[which]))
        held[0].__enter__()

    try:
        told = _do(OPERATIONS[doing], root, tmp_path, befall)
    finally:
        for one in held:
            one.__exit__(None, None, None)
    assert told
    assert kept(root) == Kept(TRADES, TRADES, 2, 1)


@pytest.mark.parametrize("doing", OPERATIONS)
def test_full_disk(doing: str, root: Path, tmp_path: Path) -> None:
    held: list[AbstractContextManager[Any]] = []

    def befall() -> None:
        held.append(befalls.full_disk())
        held[0].__enter__()

    try:
        told = _do(OPERATIONS[doing], root, tmp_path, befall)
    finally:
        for one in held:
            one.__exit__(None, None, None)
    assert told
    found = kept(root)
    assert (found.trades, found.streams, found.users) == (TRADES, 2, 1)
