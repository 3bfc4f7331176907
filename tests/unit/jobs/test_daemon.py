"""The process that Spark's Python workers are forked from."""

import sys
import zipfile
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from entrypoints.jobs.daemon import leave_archives


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """Spark's own sources, as it puts them on the path."""
    path = tmp_path / "pyspark.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("pyspark", "py4j"):
            file.writestr(f"{name}/__init__.py", "")
    return str(path)


def test_an_archive_is_left_for_what_is_installed(archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [archive, *sys.path])
    assert PathFinder.find_spec("pyspark", [archive]) is not None
    assert archive in sys.path_importer_cache, "so it would be read anew after each task"
    leave_archives()
    assert archive not in sys.path
    assert archive not in sys.path_importer_cache


def test_where_spark_is_not_installed_its_archive_stays(archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [archive])
    leave_archives()
    assert sys.path == [archive]
