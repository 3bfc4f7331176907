from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from adapters.sql.migrate import upgrade
from tests.contracts.store_migrations import MigrationContract
from tests.integration.sql.databases import opened
from tests.servers.databases import Databases

# The time column of each, and how long its chunks are.
HYPERTABLES = {
    "ticker_data": ("timestamp", timedelta(days=1)),
    "trade_data": ("timestamp", timedelta(days=1)),
    "candle_data": ("start", timedelta(days=30)),
    "article_data": ("occurred_at", timedelta(days=30)),
    "prediction_data": ("target_at", timedelta(days=30)),
    "sentiment_data": ("timestamp", timedelta(days=30)),
    "alert_data": ("timestamp", timedelta(days=30)),
}


class TestMigrations(MigrationContract):
    @pytest.fixture
    def empty(self, timescaledb: Databases) -> Iterator[Engine]:
        with opened(timescaledb.empty()) as engine:
            yield engine

    @pytest.fixture
    def hypertables(self) -> dict[str, str]:
        return {table: column for table, (column, _) in HYPERTABLES.items()}

    def test_the_tables_with_a_retention_are_hypertables(self, empty: Engine) -> None:
        upgrade(empty)
        with empty.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT hypertable_name, column_name, time_interval FROM timescaledb_information.dimensions"
                " WHERE dimension_number = 1"
            )
            assert {row[0]: (row[1], row[2]) for row in found} == HYPERTABLES
