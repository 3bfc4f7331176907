import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.sql.engine import UnsupportedDatabase, create_engine, writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from tests.builders import BTC, trade


def test_what_is_committed_survives_a_power_cut(sqlite: Engine) -> None:
    with sqlite.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_second_writer_waits_for_the_first_whoever_opened_the_file(sqlite: Engine) -> None:
    other = create_engine(sqlite.url)
    began, second_done = threading.Event(), threading.Event()

    def second() -> None:
        began.set()
        with SqlStore(other).begin() as tx:
            tx.add_trades([trade(2)])
        second_done.set()

    thread = threading.Thread(target=second)
    with SqlStore(sqlite).begin() as tx:
        thread.start()
        assert began.wait(10)
        tx.add_trades([trade(1)])
        assert not second_done.is_set()
    assert second_done.wait(10)
    thread.join(10)
    assert len(SqlMarketReads(sqlite).trades(BTC, Window()).items) == 2


def test_a_thread_does_not_wait_for_itself(sqlite: Engine) -> None:
    store = SqlStore(sqlite)
    with store.begin() as tx:
        with pytest.raises(RuntimeError, match="open already"), store.begin():
            pass
        tx.add_trades([trade(1)])
    with store.begin() as tx:
        assert tx.add_trades([trade(1)]) == []


def test_a_reader_keeps_its_snapshot(sqlite: Engine) -> None:
    count = "SELECT count(*) FROM trade_data"
    with sqlite.connect() as reader:
        assert reader.exec_driver_sql(count).scalar() == 0
        with SqlStore(sqlite).begin() as tx:
            tx.add_trades([trade(1)])
        assert reader.exec_driver_sql(count).scalar() == 0
    with sqlite.connect() as reader:
        assert reader.exec_driver_sql(count).scalar() == 1


def test_decimals_and_times_are_stored_as_text_and_integers(sqlite: Engine) -> None:
    with SqlStore(sqlite).begin() as tx:
        tx.add_trades([trade(1)])
    with sqlite.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT typeof(price), price, volume, typeof(timestamp), timestamp FROM trade_data"
        ).one()
    assert tuple(row) == ("text", "97412.6", "0.00100000", "integer", 1_795_361_400_000_000)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("nonsense", "sqlite:///FILE"),
        ("mysql://localhost/x", "mysql"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_other_databases_are_refused_in_words(url: str, expected: str) -> None:
    with pytest.raises(UnsupportedDatabase, match=expected):
        create_engine(url)


def test_a_database_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'missing' / 'store.db'}")
    with pytest.raises(StoreUnavailable, match=r"store\.db cannot be used now: unable to open"), writing(engine):
        pass
    with pytest.raises(StoreUnavailable):
        SqlMarketReads(engine).latest_tickers()


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@127.0.0.1:1/none", "postgresql://me@127.0.0.1:1/none?password=secret"]
)
def test_a_password_is_never_shown(url: str) -> None:
    engine = create_engine(url)
    with pytest.raises(StoreUnavailable) as refused:
        SqlMarketReads(engine).latest_tickers()
    assert "secret" not in str(refused.value)
