"""Rebuilding from Kafka, which deletes what the tables still hold."""

from pathlib import Path

import sqlalchemy

from adapters.sql.engine import create_engine
from adapters.sql.generations import SqliteGenerations
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import candle_data, trade_data
from adapters.system.clock import SystemClock
from application.rebuild import Rebuild
from application.store import StoreProjection
from domain.values import Origin
from tests.facts import ETH, ticker, trade
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.telemetry import Remembered


def test_what_kafka_has_deleted_is_kept_and_the_rest_is_made_again(log: DeletableKafkaLog, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    clock, telemetry = SystemClock(), Remembered()
    projection = StoreProjection(log, SqlStore(engine), clock, telemetry, origin=Origin.LIVE)
    log.append([*(trade(number) for number in range(40)), trade(1, pair=ETH), ticker()])
    assert projection.catch_up() == 42
    log.delete_before(log.head())
    log.append([*(trade(number) for number in range(40, 50)), trade(2, pair=ETH)])
    assert projection.catch_up() == 11
    with engine.begin() as connection:
        connection.execute(sqlalchemy.delete(trade_data).where(trade_data.c.trade_id > 44))  # to be made again

    rebuilt = Rebuild(
        log, SqliteGenerations(engine), clock, telemetry, origin=Origin.LIVE, log_is_whole=lambda: False
    ).run()

    assert (rebuilt.records, rebuilt.frozen["trade_data"], rebuilt.frozen["ticker_data"]) == (11, 41, 1)
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(trade_data)) == 52
        counted = sqlalchemy.select(sqlalchemy.func.sum(candle_data.c.trades)).where(candle_data.c.interval == "1d")
        assert connection.scalar(counted) == 52
    engine.dispose()
