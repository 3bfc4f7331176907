"""What the operator reads of SQLite and PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.sql import storage_report
from adapters.sql.engine import create_engine
from adapters.sql.storage_report import SqlStorageReport
from adapters.sql.store import SqlStore
from tests.builders import trade
from tests.contracts.store_operations import BatchContract, PlacesContract, StorageContract, StreamReadsContract


@pytest.fixture
def other_engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'house.db')}")
    yield engine
    engine.dispose()


class TestStreams(StreamReadsContract): ...


class TestBatches(BatchContract): ...


class TestStorage(StorageContract): ...


class TestPlaces(PlacesContract): ...


def test_without_dbstat_sizes_are_not_known(sqlite: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_report, "_BTREES", "SELECT tbl_name, bytes FROM no_such_module")
    found = {one.table: one for one in SqlStorageReport([sqlite]).tables()}
    assert (found["trade_data"].rows, found["trade_data"].exact, found["trade_data"].bytes) == (0, True, None)


def test_rows_of_a_large_table_are_estimated(on_postgresql: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_report, "_COUNTED_UP_TO", 0)

    def rows() -> tuple[int | None, bool]:
        found = next(one for one in SqlStorageReport([on_postgresql]).tables() if one.table == "trade_data")
        return found.rows, found.exact

    with SqlStore(on_postgresql).begin() as tx:
        tx.add_trades([trade(number) for number in range(1, 501)])
    assert rows() == (None, False)
    with on_postgresql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE trade_data")
    assert rows() == (500, False)
