"""What a recipe lacks is named, with the way to get it."""

import os
import stat
from pathlib import Path

import pytest

from entrypoints.local import kafka, programs, redis, registry, server_user, timescaledb
from entrypoints.local.missing import Missing


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without programs or downloads; returns the only directory of its PATH."""
    monkeypatch.setenv("CRYPTOVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(programs, "_SYSTEM", ())
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def _program(directory: Path, name: str, script: str) -> None:
    (directory / name).write_text(f"#!/bin/sh\n{script}\n")
    (directory / name).chmod(0o755)


@pytest.mark.usefixtures("bare")
def test_each_recipe_names_the_package_of_its_first_tool() -> None:
    for provide, package in ((kafka.provide, "maven"), (registry.provide, "maven"), (redis.provide, "redis-server")):
        with pytest.raises(Missing, match=f"apt-get install {package}"):
            provide(print)
    with pytest.raises(Missing, match="apt-get is not installed"):
        timescaledb.provide(print)


def test_an_older_java_is_named(bare: Path) -> None:
    _program(bare, "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    with pytest.raises(Missing, match=r'version "11\.0\.2".*Java 17 or newer is needed: .*openjdk-17-jre-headless'):
        programs.java()


def test_java_home_comes_first(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(bare, "java", "exit 1")
    (tmp_path / "home" / "bin").mkdir(parents=True)
    _program(tmp_path / "home" / "bin", "java", "echo 'openjdk version \"21.0.1\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert programs.java() == str(tmp_path / "home" / "bin" / "java")


def test_a_download_that_fails_says_why_and_leaves_nothing(bare: Path, tmp_path: Path) -> None:
    _program(bare, "java", "echo 'openjdk version \"17.0.1\"' >&2")
    _program(bare, "mvn", "echo 'Could not transfer artifact: repo.maven.apache.org: unknown host'; exit 1")
    with pytest.raises(
        Missing, match=r"could not be had from Maven Central: .*mvn ended with 1, saying: .*unknown host"
    ):
        kafka.provide(print)
    assert not [file for file in (tmp_path / "cache").iterdir() if not file.name.endswith(".lock")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_becomes_a_user_who_can_reach_the_files(tmp_path: Path) -> None:
    private, public = tmp_path / "private", Path("/usr/share/doc")
    private.mkdir(mode=0o700)
    into_private, into_public = server_user.server_user(private / "data"), server_user.server_user(public / "data")
    assert into_private.uid == into_public.uid != 0
    assert any("ambient-caps" in option for option in into_private.launcher)
    assert not any("caps" in option for option in into_public.launcher)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
