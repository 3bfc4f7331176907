"""`cryptoviz start all` with all that is real, and the commands of docs/cluster.md against it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.local import kafka, redis, registry, spark_jars, timescaledb
from entrypoints.local.missing import Missing
from entrypoints.supervise import containers
from entrypoints.supervise.leftovers import leftovers
from entrypoints.supervise.places import Places
from tests.integration.supervise.stand_ins import alive
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parents[3]


def snippet(name: str) -> str:
    """A command of docs/cluster.md."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", (ROOT / "docs/cluster.md").read_text(), re.S)
    assert found, name
    return found[1]


class Program:
    """`cryptoviz`, with a data directory of its own and nothing set."""

    def __init__(self, data_dir: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CRYPTOVIZ_")}
        cache = {name: value for name, value in os.environ.items() if name == "CRYPTOVIZ_CACHE_DIR"}
        # The documented commands look where people's data lies by default.
        self.environment = kept | cache | {"CRYPTOVIZ_DATA_DIR": str(data_dir)}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "entrypoints.cli.main", *arguments], env=self.environment, cwd=ROOT,
            capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip

    def components(self) -> dict[str, Any]:
        return dict(json.loads(self("status", "--json").stdout)["components"])

    def shell(self, *names: str) -> str:
        """Run snippets of the documentation in one shell; what they print."""
        script = "set -eu\n" + "\n".join(snippet(name) for name in names)
        script = script.replace(".venv/bin/cryptoviz", f"{sys.executable} -P -m entrypoints.cli.main")
        run = subprocess.run(
            ["bash", "-c", script],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Generator[Program]:
    pytest.importorskip("pyspark", reason="Spark is not installed: `make setup`")
    try:
        spark_jars.provide(print)
        if not containers.available():
            for recipe in (kafka, registry, timescaledb, redis):
                recipe.provide(print)
    except Missing as missing:
        pytest.skip(str(missing))
    data_dir = tmp_path_factory.mktemp("everything")
    cryptoviz = Program(data_dir)
    try:
        started = cryptoviz("start", "all", "--source", "simulated", "--port", "0")
        assert started.returncode == 0, started.stderr
        yield cryptoviz
    finally:
        pids = [row["pid"] for row in cryptoviz.components().values() if row["pid"]]
        stopped = cryptoviz("stop", "all")
        assert stopped.returncode == 0, stopped.stderr
        assert not [pid for pid in pids if alive(pid)]
        assert not leftovers(Places(data_dir).run)


def rows(program: Program) -> dict[str, int]:
    printed = program.shell("endpoints", "rows")
    return {line.split("|")[0]: int(line.split("|")[1]) for line in printed.splitlines()}


def test_all_is_ok_and_rows_grow(program: Program) -> None:
    assert until(lambda: program("status").returncode == 0, seconds=300), program("status").stdout
    before = rows(program)
    assert set(before) == {"ticker_data", "trade_data", "article_data", "candle_data"}

    def have_grown() -> bool:
        now = rows(program)
        return now["article_data"] > 0 and all(now[table] > before[table] for table in ("ticker_data", "trade_data"))

    assert until(have_grown, seconds=300)


def test_the_documented_commands_print_what_is_there(program: Program, tmp_path: Path) -> None:
    topics = program.shell("endpoints", "topics")
    assert all(topic in topics for topic in ("rawticker", "rawtrade", "rawarticle", "rawalert", "deadletter"))
    script = tmp_path / "consume.py"
    script.write_text(snippet("consume.py"))
    components = program.components()
    endpoints = {"KAFKA": components["kafka"]["endpoint"], "REGISTRY": components["schema_registry"]["endpoint"]}
    consumed = subprocess.run(
        [sys.executable, script],
        env={**program.environment, **endpoints},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert consumed.returncode == 0, consumed.stderr
    assert consumed.stdout.count("'origin': 'simulated'") == 2


def test_a_second_start_changes_nothing(program: Program) -> None:
    before = program.components()
    again = program("start", "all")
    assert again.returncode == 0, again.stderr
    assert {name: row["pid"] for name, row in program.components().items()} == {
        name: row["pid"] for name, row in before.items()
    }


@pytest.mark.parametrize("names", [("kafka", "schema_registry"), ("database", "feed", "spark_ingestion")], ids="+".join)
def test_what_is_killed_comes_back_without_a_hand(program: Program, names: tuple[str, ...]) -> None:
    assert until(lambda: program("status").returncode == 0, seconds=300), program("status").stdout
    components = program.components()
    before = {components[name]["pid"] for name in names}
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    def are_back() -> bool:
        now = program.components()
        return not before & {row["pid"] for row in now.values()} and all(row["status"] == "ok" for row in now.values())

    assert until(are_back, seconds=300), program("status").stdout
    before_that = rows(program)
    assert until(lambda: rows(program)["trade_data"] > before_that["trade_data"], seconds=120)
