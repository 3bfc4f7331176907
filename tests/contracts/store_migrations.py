"""What migrations must do on every database.

A test module brings the fixtures `empty` (a database without anything in it) and `hypertables` (the time column of each
table that is one there), and subclasses the contract.
"""

import json
import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.engine import create_engine, writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import DatabaseTooNew, downgrade, upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import metadata
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from domain.market.candle import Interval
from tests.builders import BTC, candle, trade

CONTRACT_TABLES = {
    "ticker_data", "trade_data", "article_data", "prediction_data", "candle_data", "sentiment_data", "alert_data",
    "event_store", "checkpoint", "dead_letter",
}  # fmt: skip


def _tables(engine: Engine) -> set[str]:
    return set(sqlalchemy.inspect(engine).get_table_names())


class MigrationContract:
    def test_from_nothing_to_all_tables_and_back(self, empty: Engine) -> None:
        upgrade(empty)
        assert _tables(empty) == {*metadata.tables, "alembic_version"} > CONTRACT_TABLES
        upgrade(empty)
        downgrade(empty, "base")
        assert _tables(empty) == {"alembic_version"}
        upgrade(empty)
        assert _tables(empty) >= CONTRACT_TABLES

    def test_migrations_make_the_tables_that_the_code_knows(self, empty: Engine, hypertables: dict[str, str]) -> None:
        upgrade(empty)
        with empty.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
        inspector = sqlalchemy.inspect(empty)
        for table in metadata.tables.values():
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            expected = [column.name for column in table.primary_key]
            time = hypertables.get(table.name)
            assert key == [*expected, *([time] if time and time not in expected else [])], table.name
            assert all(not column["nullable"] for column in inspector.get_columns(table.name) if column["name"] in key)

    def test_of_candles_stored_before_sides_were_counted_none_is_known(self, empty: Engine) -> None:
        upgrade(empty)
        with SqlStore(empty).begin() as tx:
            tx.put_candles([candle()])
        downgrade(empty, "0001")
        upgrade(empty)
        with SqlStore(empty).begin() as tx:
            assert list(tx.candles([candle().bucket]).values()) == [
                candle(buy_volume=Decimal(0), sell_volume=Decimal(0))
            ]

    def test_trades_of_impossible_times_become_dead_letters(self, empty: Engine) -> None:
        upgrade(empty)
        impossible = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
        with SqlStore(empty).begin() as tx:
            tx.add_trades(
                [trade(1), trade(2, occurred_at=impossible), trade(3, occurred_at=datetime(2001, 1, 1, tzinfo=UTC))]
            )
            tx.put_candles([candle(), candle(impossible)])
        downgrade(empty, "0010")
        upgrade(empty)
        market = SqlMarketReads(empty)
        assert market.trades(BTC, Window()).items == [trade(1)]
        assert [one.start for one in market.candles(BTC, Interval.M1, Window()).items] == [candle().start]
        reads = SqlDeadLetterReads(empty)
        letters = reads.dead_letters(Window()).items
        assert [reads.dead_letter(one.letter.letter_id) for one in letters] == letters
        assert sorted(json.loads(one.letter.raw)["trade_id"] for one in letters) == [2, 3]

    def test_several_processes_may_upgrade_at_once(self, empty: Engine) -> None:
        failures: list[BaseException] = []
        ready = threading.Barrier(4)

        def work() -> None:
            engine = create_engine(empty.url)
            ready.wait(10)
            try:
                upgrade(engine)
            except BaseException as error:  # noqa: BLE001 - told to the test's own thread
                failures.append(error)
            finally:
                engine.dispose()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert _tables(empty) >= CONTRACT_TABLES

    def test_a_database_of_newer_code_is_refused_in_words(self, empty: Engine) -> None:
        upgrade(empty)
        with writing(empty) as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseTooNew, match=r"revision 9999.*newer"):
            upgrade(empty)

    def test_an_upgrade_that_fails_leaves_nothing_behind(self, empty: Engine) -> None:
        with writing(empty) as connection:
            connection.exec_driver_sql("CREATE TABLE dead_letter (x INTEGER)")  # in the way
        with pytest.raises((StoreUnavailable, sqlalchemy.exc.DatabaseError)):
            upgrade(empty)
        assert _tables(empty) == {"dead_letter"}
