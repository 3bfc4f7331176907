"""The commands as people and programs call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from entrypoints.supervise.parts import PARTS
from tests.integration.supervise.stand_ins import stand_ins


def cryptoviz(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CRYPTOVIZ_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "entrypoints.cli.main", *arguments], env={**bare, **environment},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def test_with_nothing_running_every_command_says_so(tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path))
    status = cryptoviz("status", *where)
    assert status.returncode == 1
    assert "Nothing is running" in status.stdout
    as_json = cryptoviz("status", "--json", *where)
    assert as_json.returncode == 1
    nothing = {"status": "stopped", "endpoint": None, "pid": None, "detail": None, "since": None}
    assert json.loads(as_json.stdout) == {"components": dict.fromkeys(PARTS, nothing)}
    stop = cryptoviz("stop", *where)
    assert (stop.returncode, stop.stdout) == (0, "Nothing was running.\n")
    logs = cryptoviz("logs", "feed", *where)
    assert logs.returncode == 1
    assert "has not run yet" in logs.stderr


def test_wrong_usage_is_said(tmp_path: Path) -> None:
    assert cryptoviz("start", "everything").returncode == 2
    assert "expected one of kafka" in cryptoviz("logs", "mongodb", "--data-dir", str(tmp_path)).stderr
    refused = cryptoviz("restart", "api", "--forget-checkpoints", "--data-dir", str(tmp_path))
    assert refused.returncode == 2


def test_what_runs_is_shown_logged_and_stopped(tmp_path: Path) -> None:
    where = ("--data-dir", str(tmp_path))
    with stand_ins(tmp_path) as part:
        part.start()
        as_json = cryptoviz("status", "--json", *where)
        rows = json.loads(as_json.stdout)["components"]
        assert as_json.returncode == 1  # the stand-ins of the services speak HTTP alone
        pids = part.pids()
        assert {name: row["pid"] for name, row in rows.items()} == pids
        assert {name: row["endpoint"] for name, row in rows.items() if row["endpoint"]} == part.endpoints
        assert rows["feed"]["status"] == "ok"
        assert rows["kafka"]["status"] == "starting"
        table = cryptoviz("status", *where).stdout
        for name, pid in pids.items():
            assert any(line.split()[:1] == [name] and str(pid) in line for line in table.splitlines()), name
        assert "serving" in cryptoviz("logs", "kafka", *where).stdout
        assert len(cryptoviz("logs", "kafka", "--lines", "2", *where).stdout.splitlines()) == 2
        assert "spawned: 'feed'" in cryptoviz("logs", "supervisor", *where).stdout
        stop = cryptoviz("stop", *where)
        assert stop.returncode == 0
        assert stop.stdout.startswith("Stopped api, spark_")
        assert not part.daemon.is_running


def test_another_source_is_not_mixed_in(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        part.cluster.start(part.plan(), ["services"])
        refused = cryptoviz("start", "api", "--source", "kraken", "--data-dir", str(tmp_path))
        assert refused.returncode == 1
        assert "simulated is running" in refused.stderr
        assert "`cryptoviz stop`" in refused.stderr


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with stand_ins(tmp_path) as part:
        part.cluster.start(part.plan(), ["services"])
        taken = part.port("redis")
        refused = cryptoviz("start", "api", "--source", "simulated", "--port", taken, "--data-dir", str(tmp_path))
        assert refused.returncode == 1
        assert f"cannot serve at 127.0.0.1:{taken}" in refused.stderr


def test_an_unready_service_is_named(tmp_path: Path) -> None:
    refused = cryptoviz("start", "producers", "--data-dir", str(tmp_path), CRYPTOVIZ_SOURCE="simulated")
    assert refused.returncode == 1
    assert "Kafka is stopped: first `cryptoviz start services`" in refused.stderr
    assert cryptoviz("stop", "--data-dir", str(tmp_path)).returncode == 0
