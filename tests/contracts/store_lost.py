"""What PostgreSQL as a store must do when connections or the whole server are lost, with TimescaleDB or without.

A test module brings the fixture `engine` (a migrated database without rows) and subclasses the contract.
"""

import io
import threading
from collections.abc import Callable
from typing import Protocol

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.sql import copy
from adapters.sql.copy_rows import trade_csv
from adapters.sql.engine import reading, writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from domain.market.trade import TradeExecuted
from tests.builders import BTC, ETH, at, trade
from tests.contracts.store_writers import add, at_once, begun, stored_ids
from tests.waiting import until


def _end_connections(engine: Engine) -> None:
    """As an administrator, or a server that goes down, ends all connections to this database."""
    admin = sqlalchemy.create_engine(engine.url, poolclass=sqlalchemy.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


class _CutShort(io.BytesIO):
    """CSV whose reader loses its connection after the first kilobyte."""

    def __init__(self, csv: bytes, cut: Callable[[], None]) -> None:
        super().__init__(csv)
        self._cut = cut

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            self._cut()
        return super().read(min(size or 1_000, 1_000))


class LostConnectionContract:
    def test_reads_have_a_time_limit_and_writes_have_none(self, engine: Engine) -> None:
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "15s"
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        with writing(engine) as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        with pytest.raises(StoreUnavailable, match="statement timeout"), reading(engine) as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 50")
            connection.exec_driver_sql("SELECT pg_sleep(60)")

    def test_after_all_connections_were_ended_reads_and_writes_go_on(self, engine: Engine) -> None:
        market, store = SqlMarketReads(engine), SqlStore(engine)
        with store.begin() as tx, reading(engine):  # two connections in the pool
            tx.add_trades([trade(1)])
        _end_connections(engine)
        assert [one.trade_id for one in market.trades(BTC, Window()).items] == [1]
        _end_connections(engine)
        with store.begin() as tx:
            tx.add_trades([trade(2)])
        with pytest.raises(StoreUnavailable), store.begin() as tx:
            tx.add_trades([trade(3)])
            _end_connections(engine)
            tx.add_trades([trade(4)])
        with pytest.raises(StoreUnavailable), store.begin() as tx:
            tx.add_trades([trade(3)])
            _end_connections(engine)  # seen by the commit alone
        with pytest.raises(StoreUnavailable), reading(engine) as connection:
            _end_connections(engine)
            connection.exec_driver_sql("SELECT 1")
        with store.begin() as tx:
            assert len(tx.add_trades([trade(3), trade(4)])) == 2
        assert stored_ids(engine) == [1, 2, 3, 4]

    @pytest.mark.parametrize("write", [copy.copy_new_trades, copy.merge_trades])
    def test_a_connection_lost_in_the_middle_of_a_copy(self, engine: Engine, write: Callable[..., int]) -> None:
        trades = [trade(number) for number in range(5_000)]
        csv = _CutShort(trade_csv(trades).read(), lambda: _end_connections(engine))
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            copy.max_trade_ids(tx.connection, [BTC])
            write(tx.connection, csv)
        assert stored_ids(engine) == []
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(trades) == trades
        assert stored_ids(engine) == list(range(5_000))

    def test_a_writer_that_waits_for_a_lost_one_goes_on(self, engine: Engine) -> None:
        with pytest.raises(StoreUnavailable), begun(engine) as lost:
            lost.add_trades([trade(1)])
            added: list[list[TradeExecuted]] = []
            waiting = threading.Thread(target=lambda: added.append(add(engine, [trade(1)])))
            waiting.start()
            assert until(lambda: _is_waiting(engine))
            lost.connection.connection.driver_connection.close()  # type: ignore[union-attr]
            lost.add_trades([trade(2)])
        waiting.join(30)
        assert added == [[trade(1)]]


class Server(Protocol):
    """A database server of the test's own, running."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


class KilledServerContract:
    """Also brings the fixture `server`, which `engine` is a database of."""

    @pytest.mark.parametrize("known", [[], [trade(9_000)]])
    def test_killed_in_the_middle_of_a_copy(self, engine: Engine, server: Server, known: list[TradeExecuted]) -> None:
        with SqlStore(engine).begin() as tx:
            tx.clear_read_models()
        add(engine, known)
        trades = [trade(number, occurred_at=at(number)) for number in range(5_000)]
        csv = _CutShort(trade_csv(trades).read(), _once(server.kill))
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            write = copy.merge_trades if copy.max_trade_ids(tx.connection, [BTC]) else copy.copy_new_trades
            write(tx.connection, csv)
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            tx.add_trades(trades)
        with pytest.raises(StoreUnavailable):
            SqlMarketReads(engine).latest_tickers()
        server.start()
        assert add(engine, trades) == trades
        assert add(engine, trades) == []
        assert stored_ids(engine) == [*range(5_000), *(one.trade_id for one in known)]

    def test_killed_while_writers_work(self, engine: Engine, server: Server) -> None:
        with SqlStore(engine).begin() as tx:
            tx.clear_read_models()
        batches = [
            [trade(n, occurred_at=at(n), pair=pair) for n in range(s, s + 50)]
            for s in range(0, 2_000, 50)
            for pair in (BTC, ETH)
        ]
        halfway = threading.Event()
        up_again = threading.Event()

        def write(writer: int) -> None:
            for number, batch in enumerate(batches[writer::2]):
                if number == 15:
                    halfway.set()
                while True:
                    try:
                        with SqlStore(engine).begin() as tx:
                            tx.add_trades(batch)
                            tx.save_checkpoint(f"writer-{writer}", Checkpoint(Cursor(str(number))))
                        break
                    except StoreUnavailable:
                        assert up_again.wait(60)

        def kill_and_start() -> None:
            assert halfway.wait(60)
            server.kill()
            server.start()
            up_again.set()

        at_once(lambda number: kill_and_start() if number == 2 else write(number), 3)
        assert stored_ids(engine) == stored_ids(engine, ETH) == list(range(2_000))
        with SqlStore(engine).begin() as tx:
            assert [tx.checkpoint(f"writer-{writer}") for writer in range(2)] == [Checkpoint(Cursor("39"))] * 2


def _once(action: Callable[[], None]) -> Callable[[], None]:
    done = threading.Event()

    def act() -> None:
        if not done.is_set():
            done.set()
            action()

    return act


def _is_waiting(engine: Engine) -> bool:
    with reading(engine) as connection:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool(connection.exec_driver_sql(query).scalar())
