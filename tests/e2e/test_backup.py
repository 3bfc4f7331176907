"""`cryptoviz backup` and `restore` as a user runs them, also in the middle of things."""

import hashlib
import io
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded.backup_manifest import FORMAT, BackedUp, Manifest, encode
from domain.access.role import Role
from tests.e2e.program import CRYPTOVIZ, Program, cryptoviz, environment
from tests.house import PASSWORD
from tests.waiting import until

pytestmark = pytest.mark.slow


def by_key(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["pair"], row["trade_id"]): row for row in rows}


def newest_trades(program: Program, limit: int) -> dict[tuple[str, int], dict[str, Any]]:
    return by_key(program.get(f"trades/?limit={limit}")["items"])


def tree(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_a_running_server_had_is_there_again_elsewhere(tmp_path: Path) -> None:
    file, data, other = tmp_path / "b.tar.gz", tmp_path / "data", tmp_path / "other"
    with Program(data, "--source", "simulated", pairs="BTC/USD,ETH/USD") as program:
        with program.house() as house:
            house.users().create("ada", PASSWORD, Role.ADMIN)
        rule = program.post(
            "alert-rules/",
            {"name": "Mine", "kind": "price-move", "pair": "ETH-USD", "threshold_pct": "2", "window_s": 600},
        )
        assert until(lambda: len(newest_trades(program, 1000)) > 200)
        before = newest_trades(program, 1000)
        done = cryptoviz("backup", str(file), data_dir=str(data))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Backed up 3 files"), done.stdout
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in tmp_path.glob("b.tar.gz*")] == [file.name]
        again = cryptoviz("backup", str(file), data_dir=str(data))
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        assert "exists: name another file, or replace it with --force" in again.stderr

        for force in ([], ["--force"]):
            refused = cryptoviz("restore", str(file), *force, data_dir=str(data))
            assert refused.returncode == 1
            assert "is in use by 'cryptoviz run'" in refused.stderr
        assert program.get("health/")["status"] == "ok"

    done = cryptoviz("restore", str(file), "--data-dir", str(other))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Restored 3 files" in done.stdout
    with Program(other, "--source", "simulated", pairs="BTC/USD,ETH/USD") as program:
        restored = by_key(program.all("trades/"))
        assert {key: restored.get(key) for key in before} == before
        assert [row["name"] for row in program.get("alert-rules/")["items"] if row["id"] == rule["id"]] == ["Mine"]
        with program.house() as house:
            assert "ada" in [user.name for user in house.users().list()]
        assert until(lambda: restored.keys().isdisjoint(newest_trades(program, 10))), "and it goes on"


def test_a_directory_with_something_in_it_is_kept_beside(tmp_path: Path) -> None:
    file, data, other = tmp_path / "b.tar.gz", tmp_path / "data", tmp_path / "other"
    assert cryptoviz("user", "list", "--data-dir", str(data)).returncode == 0  # makes the house
    assert cryptoviz("backup", str(file), "--data-dir", str(data)).returncode == 0
    (other / "live").mkdir(parents=True)
    (other / "live" / "log.db").write_bytes(b"precious")
    refused = cryptoviz("restore", str(file), "--data-dir", str(other))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    assert (other / "live" / "log.db").read_bytes() == b"precious"

    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    refused = cryptoviz("restore", str(tmp_path / "damaged"), "--force", "--data-dir", str(other))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "cannot be restored: " in refused.stderr
    assert (other / "live" / "log.db").read_bytes() == b"precious"
    assert not list(tmp_path.glob("other.*"))

    done = cryptoviz("restore", str(file), "--force", "--data-dir", str(other))
    assert done.returncode == 0, done.stderr
    assert list(tree(other)) == ["house.sqlite3"]
    [aside] = tmp_path.glob("other.before-*")
    assert (aside / "live" / "log.db").read_bytes() == b"precious"
    assert str(aside) in done.stdout


def test_a_killed_backup_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    file, data = tmp_path / "b.tar.gz", tmp_path / "data"
    assert cryptoviz("user", "list", "--data-dir", str(data)).returncode == 0
    with closing(sqlite3.connect(data / "house.sqlite3")) as house, house:
        house.execute("CREATE TABLE ballast (b)")
        house.executemany("INSERT INTO ballast VALUES (randomblob(1000000))", [()] * 100)
    partial, copies = tmp_path / "b.tar.gz.partial", tmp_path / "b.tar.gz.copies"
    for begun in (copies.exists, lambda: partial.exists() and partial.stat().st_size > 100_000):
        with subprocess.Popen([CRYPTOVIZ, "backup", str(file), "--data-dir", str(data)], env=environment()) as backup:
            assert until(begun)
            backup.kill()
        assert backup.returncode < 0, "it was killed in the middle"
        assert not file.exists()
        assert partial.stat().st_mode & 0o777 == 0o600
        assert copies.stat().st_mode & 0o777 == 0o700
    assert cryptoviz("backup", str(file), "--data-dir", str(data)).returncode == 0
    assert sorted(path.name for path in tmp_path.glob("b.tar.gz*")) == [file.name]
    assert cryptoviz("restore", str(file), "--data-dir", str(tmp_path / "other")).returncode == 0
    with closing(sqlite3.connect(tmp_path / "other" / "house.sqlite3")) as house:
        assert house.execute("SELECT count(*) FROM ballast").fetchone() == (100,)


def test_a_partial_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    assert cryptoviz("user", "list", "--data-dir", str(tmp_path / "data")).returncode == 0
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "b.partial").symlink_to(tmp_path / "victim")
    refused = cryptoviz("backup", str(tmp_path / "b"), "--data-dir", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert "b.partial cannot be written" in refused.stderr
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["backup", "{tmp}/b"], "there is nothing of CryptoViz in"),
        (["backup", "{tmp}"], "is a directory: name a file in it"),
        (["backup", "{tmp}/no/b"], "there is no directory"),
        (["restore", "{tmp}/missing"], "missing cannot be read (No such file or directory)"),
        (["restore", "{tmp}/text"], "text cannot be restored: it is damaged, or no backup of CryptoViz"),
        (["restore", "{tmp}"], "cannot be read (Is a directory)"),
    ],
)
def test_bad_input_gets_one_line(arguments: list[str], expected: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    run = cryptoviz(*(part.replace("{tmp}", str(tmp_path)) for part in arguments), data_dir=str(tmp_path / "data"))
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert expected in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x" * 5_000, "its house.sqlite3 is no SQLite database"),
        ("CREATE TABLE t (x); CREATE TRIGGER now AFTER INSERT ON t BEGIN DELETE FROM t; END", "holds a trigger"),
    ],
)
def test_what_no_server_could_open_takes_no_ones_place(content: bytes | str, expected: str, tmp_path: Path) -> None:
    house, file, target = tmp_path / "house", tmp_path / "b.tar.gz", tmp_path / "target"
    if isinstance(content, bytes):
        house.write_bytes(content)
    else:
        with closing(sqlite3.connect(house)) as made:
            made.executescript(content)
    raw = house.read_bytes()
    described = BackedUp("house.sqlite3", None, None, len(raw), hashlib.sha256(raw).hexdigest())
    manifest = encode(Manifest(FORMAT, "0.1.0", datetime(2026, 11, 23, tzinfo=UTC), (described,)))
    with tarfile.open(file, "w:gz") as tar:
        for name, data in (("manifest.json", manifest), ("house.sqlite3", raw)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    run = cryptoviz("restore", str(file), data_dir=str(target))
    assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
    assert expected in run.stderr
    assert not target.exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_cluster_is_told_which_tools_to_use(command: str, tmp_path: Path) -> None:
    services = {
        "kafka_bootstrap_servers": "127.0.0.1:9", "schema_registry_url": "http://127.0.0.1:9",
        "database_url": "postgresql://x@127.0.0.1:9/x",
    }  # fmt: skip
    run = cryptoviz(command, str(tmp_path / "b"), timeout_s=60, profile="cluster", **services)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "pg_dump" in run.stderr
