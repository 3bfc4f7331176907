"""What the operator reads of TimescaleDB."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from adapters.sql import storage_report
from adapters.sql.storage_report import SqlStorageReport
from adapters.sql.store import SqlStore
from tests.builders import trade
from tests.contracts.store_operations import BatchContract, PlacesContract, StorageContract, StreamReadsContract
from tests.integration.sql.databases import opened
from tests.servers.databases import Databases


@pytest.fixture
def other_engine(timescaledb: Databases) -> Iterator[Engine]:
    with opened(timescaledb.migrated()) as engine:
        yield engine


class TestStreams(StreamReadsContract): ...


class TestBatches(BatchContract): ...


class TestStorage(StorageContract): ...


class TestPlaces(PlacesContract): ...


def test_rows_of_a_large_hypertable_are_estimated_over_its_chunks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_report, "_COUNTED_UP_TO", 0)
    with SqlStore(engine).begin() as tx:
        tx.add_trades([trade(number) for number in range(1, 501)])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE trade_data")
    [found] = [one for one in SqlStorageReport([engine]).tables() if one.table == "trade_data"]
    assert (found.rows, found.exact) == (500, False)
    assert found.bytes and found.bytes > 500 * 50  # those of its chunks
