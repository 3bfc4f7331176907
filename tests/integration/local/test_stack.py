"""One server of a kind for a whole run of pytest, and nothing left of it: shown on runs of pytest inside this one."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.local.processes import processes_in
from tests.waiting import until

_REPO = Path(__file__).parents[3]

_TEST = """
import os, time, pathlib, pytest
from redis import Redis

@pytest.mark.parametrize("number", range(4))
def test_one(redis_url, number):
    server = Redis.from_url(redis_url).info("server")
    pathlib.Path({seen!r}, str(number)).write_text(f"{{redis_url}} {{server['process_id']}}")
    assert "CRYPTOVIZ_REDIS_URL" not in os.environ
    if {stays}:
        time.sleep(600)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "seen").mkdir()
    (tmp_path / "tmp").mkdir()
    return tmp_path


def test_the_workers_share_one_server_that_is_gone_afterwards(directory: Path) -> None:
    with _run(directory, "-n2") as run:
        assert run.wait(90) == 0
    assert len({file.read_text() for file in (directory / "seen").iterdir()}) == 1
    _nothing_is_left(directory)


def test_ctrl_c_leaves_nothing(directory: Path) -> None:
    with _run(directory, "-n2", stays=True) as run:
        assert until(lambda: list((directory / "seen").iterdir()), seconds=60)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == pytest.ExitCode.INTERRUPTED
    _nothing_is_left(directory)


def test_the_next_run_clears_away_after_one_that_was_killed(directory: Path) -> None:
    with _run(directory, stays=True) as run:
        assert until(lambda: list((directory / "seen").iterdir()), seconds=60)
        run.kill()
        run.wait()
    assert processes_in(directory / "tmp")
    with _run(directory) as run:
        assert run.wait(90) == 0
    _nothing_is_left(directory)


def test_an_endpoint_that_is_given_is_taken_and_kept_from_the_tests(directory: Path, redis_url: str) -> None:
    with _run(directory, environment={"CRYPTOVIZ_REDIS_URL": redis_url}) as run:
        assert run.wait(90) == 0
    assert (directory / "seen" / "0").read_text().startswith(redis_url + " ")


def test_what_is_missing_is_named_by_a_skip(directory: Path) -> None:
    with _run(directory, environment={"PATH": "/nonexistent"}) as run:
        said, _ = run.communicate(timeout=90)
    assert "4 skipped" in said
    assert "is not installed: on Debian and Ubuntu, `apt-get install" in said


_DOCKER = """#!/bin/sh
echo "$*" >> {directory}/asked
case " $* " in
  *" up "*)
    while [ "$1" != --env-file ]; do shift; done
    . "$2"
    exec {redis} --port "$CRYPTOVIZ_REDIS_PORT" --daemonize yes --pidfile {directory}/pid --dir {directory} --save "" ;;
  *" down "*) kill "$(cat {directory}/pid)" ;;
esac
"""


def test_where_docker_answers_the_services_run_in_containers(directory: Path) -> None:
    _pretended_docker(directory, _DOCKER.format(directory=directory, redis=shutil.which("redis-server")))
    with _run(directory, environment={"PATH": f"{directory}:{os.environ['PATH']}"}) as run:
        assert run.wait(90) == 0
    assert len({file.read_text() for file in (directory / "seen").iterdir()}) == 1
    assert (directory / "asked").read_text().splitlines()[-1].endswith(" down --volumes")
    _nothing_is_left(directory)


def test_where_docker_starts_nothing_the_services_run_without(directory: Path) -> None:
    _pretended_docker(directory, '#!/bin/sh\ncase " $* " in *" up "*) echo "no such image" >&2; exit 1 ;; esac\n')
    with _run(directory, "-rP", environment={"PATH": f"{directory}:{os.environ['PATH']}"}) as run:
        said, _ = run.communicate(timeout=90)
    assert run.returncode == 0
    assert "no such image" in said
    _nothing_is_left(directory)


def _pretended_docker(directory: Path, script: str) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed: on Debian and Ubuntu, `apt-get install redis-server`")
    (directory / "docker").write_text(script)
    (directory / "docker").chmod(0o755)


@contextmanager
def _run(
    directory: Path, *options: str, stays: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    (directory / "test_inside.py").write_text(_TEST.format(seen=str(directory / "seen"), stays=stays))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CRYPTOVIZ_REQUIRE"))}
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.servers.stack", "-p", "xdist", "-p", "no:cacheprovider", "-rs", "--rootdir",
         str(directory), *options, str(directory / "test_inside.py")],
        cwd=_REPO, env={**kept, "TMPDIR": str(directory / "tmp"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **(environment or {})},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def _nothing_is_left(directory: Path) -> None:
    assert list((directory / "tmp").glob("cryptoviz-*")) == []
    assert processes_in(directory / "tmp") == []
