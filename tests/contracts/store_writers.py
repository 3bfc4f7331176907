"""What PostgreSQL must do with several writers at once, with TimescaleDB or without.

A test module brings the fixture `engine` (a migrated database without rows) and subclasses the contract.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Engine, select

from adapters.sql.engine import reading
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore, SqlTransaction
from adapters.sql.tables import trade_data
from domain.market.candle import Candle
from domain.market.trade import TradeExecuted
from domain.values import Pair
from tests.builders import BTC, ETH, at, candle, ticker, trade
from tests.waiting import until


def at_once(work: Callable[[int], Any], threads: int) -> list[Any]:
    """What `work(0)`, `work(1)` … return, each in a thread of its own, begun together. Raises what one of them raised."""
    ready = threading.Barrier(threads)
    results: list[Any] = [None] * threads

    def run(number: int) -> None:
        ready.wait(30)
        try:
            results[number] = work(number)
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            results[number] = error

    workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


@contextmanager
def begun(engine: Engine) -> Iterator[SqlTransaction]:
    """A second transaction of the same thread."""
    with SqlStore(engine).begin() as tx:
        yield tx


def stored_ids(engine: Engine, pair: Pair = BTC) -> list[int]:
    with reading(engine) as connection:
        query = select(trade_data.c.trade_id).where(trade_data.c.pair == pair)
        return sorted(connection.scalars(query))


def add(engine: Engine, trades: list[TradeExecuted]) -> list[TradeExecuted]:
    with SqlStore(engine).begin() as tx:
        return tx.add_trades(trades)


def _make_chunks(engine: Engine) -> None:
    """On TimescaleDB the first row of a day locks the table until its transaction ends."""
    with begun(engine) as tx:
        tx.add_trades([trade(pair=Pair("DOT/USD"))])
        tx.put_candles([candle(pair=Pair("DOT/USD"))])


class RacingWritersContract:
    @pytest.mark.parametrize("known", [[], [trade(1_000_000), trade(1_000_000, pair=ETH)]])
    def test_writers_of_the_same_trades_add_each_once(self, engine: Engine, known: list[TradeExecuted]) -> None:
        with SqlStore(engine).begin() as tx:
            tx.add_trades(known)
        trades = [trade(number, pair=pair, occurred_at=at(number)) for number in range(200) for pair in (BTC, ETH)]

        def write(writer: int) -> list[TradeExecuted]:
            chance, new = random.Random(writer), []
            for _ in range(15):
                batch = chance.sample(trades, 60)  # pairs and ids in another order each time
                with SqlStore(engine).begin() as tx:
                    tx.add_tickers([ticker(pair=one.pair, occurred_at=one.occurred_at) for one in batch])
                    new += tx.add_trades(batch)
            return new

        new = [one.event_id for of_writer in at_once(write, 4) for one in of_writer]
        assert len(new) == len(set(new))
        assert sorted([*new, *(one.event_id for one in known)]) == sorted(_event_ids(engine))

    def test_a_candle_of_a_transaction_that_began_earlier_and_commits_later_is_not_skipped(
        self, engine: Engine
    ) -> None:
        market = SqlMarketReads(engine)
        earlier, later, after = candle(), candle(pair=ETH), candle(pair=Pair("SOL/USD"))
        _make_chunks(engine)
        touch = market.last_touch()

        def followed(touch: tuple[int, int]) -> list[Candle]:
            return [one for one, _ in market.candles_after(touch, limit=10)]

        with begun(engine) as first:
            first.put_candles([earlier])
            with begun(engine) as second:
                second.put_candles([later])
            assert followed(touch) == []  # the later one waits: it would be followed by one with a lower touch
            assert market.last_touch() == touch
        # Transactions of other tests, on databases of their own, hold it up as well: it is one server.
        assert until(lambda: followed(touch) == [earlier, later], seconds=120)
        touch = market.last_touch()
        with begun(engine) as third:
            third.put_candles([after])
            assert followed(touch) == []
        assert until(lambda: followed(touch) == [after], seconds=120)

    def test_a_writer_of_one_pair_does_not_wait_for_a_writer_of_another(self, engine: Engine) -> None:
        _make_chunks(engine)
        with begun(engine) as first, begun(engine) as second:
            first.add_trades([trade(1)])
            second.add_trades([trade(1, pair=ETH)])
            first.candles([candle().bucket])
            second.candles([candle(pair=ETH).bucket])
        assert stored_ids(engine) == stored_ids(engine, ETH) == [1]

    def test_a_reader_keeps_its_snapshot_and_cannot_write(self, engine: Engine) -> None:
        with reading(engine) as connection:
            count = select(sqlalchemy.func.count()).select_from(trade_data)
            assert connection.scalar(count) == 0
            with SqlStore(engine).begin() as tx:
                tx.add_trades([trade(1)])
            assert connection.scalar(count) == 0
            with pytest.raises(sqlalchemy.exc.InternalError, match="read-only"):
                connection.execute(sqlalchemy.delete(trade_data))
        with SqlStore(engine).begin() as tx:  # a connection that read before writes as well
            tx.add_trades([trade(2)])
        assert stored_ids(engine) == [1, 2]


def _event_ids(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(trade_data.c.event_id)))
