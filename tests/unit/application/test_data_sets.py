"""Which data set a command means: the one that is set, the one that runs, or the one written last."""

import os
from pathlib import Path

import pytest

from adapters.embedded.data_directory import DataDirectory
from domain.values import Origin
from entrypoints.data_sets import data_sets, meant
from entrypoints.settings import load_settings


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CRYPTOVIZ_SOURCE", raising=False)
    monkeypatch.chdir(tmp_path)  # no .env is here
    return tmp_path / "data"


def used(root: Path, origin: Origin, at: int, recording: Path | None = None) -> DataDirectory:
    """A data set that was used at a time."""
    directory = DataDirectory(root, origin=origin, recording=recording)
    directory.lock(command="cryptoviz test")
    directory.release()
    os.utime(directory.log_file, (at, at))
    return directory


def recording_of(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    file = root.with_suffix(".jsonl")
    file.write_text("{}\n")
    return file


def test_the_one_written_last_also_when_its_recording_is_gone(root: Path) -> None:
    used(root, Origin.LIVE, 1_000)
    file = recording_of(root)
    recording = used(root, Origin.RECORDING, 2_000, file)
    file.unlink()
    first, second = meant(load_settings(data_dir=root))
    assert (first.name, second.name) == (recording.name, "live")
    assert second.option == "--source kraken"
    again = load_settings(data_dir=root, source=first.option.removeprefix("--source "))
    [named] = meant(again)
    assert DataDirectory(root, origin=named.source.origin, recording=named.source.recording).path == recording.path


def test_the_one_that_runs_before_any_other(root: Path) -> None:
    running = used(root, Origin.SIMULATED, 1_000)
    used(root, Origin.LIVE, 2_000)
    running.lock(command="cryptoviz run")
    try:
        first, second = data_sets(root)
        assert (first.name, second.name) == ("simulated", "live")
        assert first.holder and "cryptoviz run" in first.holder
        assert second.holder is None
    finally:
        running.release()
    assert [one.holder for one in data_sets(root)] == [None, None]


@pytest.mark.parametrize("by_environment", [False, True])
def test_the_one_that_is_set(root: Path, monkeypatch: pytest.MonkeyPatch, *, by_environment: bool) -> None:
    used(root, Origin.LIVE, 2_000)
    if by_environment:
        monkeypatch.setenv("CRYPTOVIZ_SOURCE", "simulated")
    settings = load_settings(data_dir=root, source=None if by_environment else "simulated")
    [only] = meant(settings)
    assert only.source.origin is Origin.SIMULATED


def test_an_empty_directory(root: Path) -> None:
    [only] = meant(load_settings(data_dir=root))
    assert only.source.origin is Origin.LIVE
