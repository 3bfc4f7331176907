"""A download is there whole or not at all, and made once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrypoints.local.cache import kept
from entrypoints.local.missing import Missing


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CRYPTOVIZ_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_of_many_who_want_it_one_makes_it() -> None:
    made = []
    together = threading.Barrier(8)

    def build(into: Path) -> None:
        made.append(into)
        (into / "jar").write_text("whole")

    def want(_: int) -> str:
        together.wait()
        return (kept("thing-1", build) / "jar").read_text()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(want, range(8))) == ["whole"] * 8
    assert len(made) == 1


def test_a_failed_download_leaves_nothing_and_the_next_one_begins_anew(cache: Path) -> None:
    def broken(into: Path) -> None:
        (into / "jar").write_text("half")
        raise Missing("thing 1 could not be had", "try again")

    with pytest.raises(Missing):
        kept("thing-1", broken)
    assert [file.name for file in cache.iterdir()] == [".thing-1.lock"]
    assert list(kept("thing-1", lambda _: None).iterdir()) == []


def test_what_a_killed_download_left_is_cleared_away(cache: Path) -> None:
    (cache / ".thing-1-draft-x").mkdir(parents=True)
    kept("thing-1", lambda _: None)
    assert sorted(file.name for file in cache.iterdir()) == [".thing-1.lock", "thing-1"]


def test_a_cache_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(Missing, match="CRYPTOVIZ_CACHE_DIR"):
        kept("thing-1", lambda _: None)
