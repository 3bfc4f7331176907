"""Copies of a log and a store that agree with each other, whoever writes meanwhile."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from adapters.embedded.data_directory import DataDirectoryError
from adapters.embedded.snapshot import Snapshot, nobody_writes
from tests.waiting import until


def connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def grown(log: Path, before: int) -> bool:
    return count(log, "fact") > before


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@contextmanager
def at_work(log: Path, store: Path) -> Iterator[None]:
    """Two threads: a projection (facts from the log to the store) and a relay (commands from the store to the log)."""
    for path in (log, store):
        with closing(connected(path)) as connection:
            connection.execute("CREATE TABLE fact (n)")
            connection.execute("CREATE TABLE command (n)")
    stop = threading.Event()

    def copy(table: str, first: Path, then: Path) -> None:
        with closing(connected(first)) as one, closing(connected(then)) as other:
            while not stop.is_set():
                one.execute(f"INSERT INTO {table} VALUES (1)")
                other.execute(f"INSERT INTO {table} VALUES (1)")

    threads = [
        threading.Thread(target=copy, args=("fact", log, store)),
        threading.Thread(target=copy, args=("command", store, log)),
    ]
    for thread in threads:
        thread.start()
    try:
        assert until(lambda: count(log, "command") > 5 and count(store, "fact") > 5)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_neither_knows_more_than_the_other_may(tmp_path: Path) -> None:
    log, store = tmp_path / "log.db", tmp_path / "store.db"
    with at_work(log, store):
        for number in range(30):
            with nobody_writes(store):
                snapshots = [Snapshot(log), Snapshot(store)]
            before = count(log, "fact")
            assert until(partial(grown, log, before)), "writing goes on while copies are made"
            of_log, of_store = tmp_path / f"{number}.log", tmp_path / f"{number}.store"
            for snapshot, copy in zip(snapshots, (of_log, of_store), strict=True):
                snapshot.copy_to(copy, lambda _bytes: None)
                snapshot.close()
            assert count(of_store, "fact") <= count(of_log, "fact") <= before
            assert count(of_log, "command") <= count(of_store, "command")


def test_a_copy_is_whole_and_its_size_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "x.db", [0]
    with closing(connected(path)) as connection:
        connection.execute("CREATE TABLE blob (b)")
        connection.executemany("INSERT INTO blob VALUES (randomblob(5000))", [()] * 3000)
        connection.execute("PRAGMA user_version = 7")
        snapshot = Snapshot(path)
        connection.execute("DROP TABLE blob")
        snapshot.copy_to(tmp_path / "copy", told.append)
        assert snapshot.schema == "7"
        snapshot.close()
    assert count(tmp_path / "copy", "blob") == 3000
    assert sum(told) == snapshot.bytes == (tmp_path / "copy").stat().st_size
    assert len(told) > 2
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not SQLite" * 100)
    for path in (tmp_path / "x.db", tmp_path / "missing.db"):
        with pytest.raises(DataDirectoryError, match=path.name):
            Snapshot(path)
    assert not (tmp_path / "missing.db").exists()
