"""What PostgreSQL must do as a store, with TimescaleDB or without: bulk writes, racing writers, lost connections.

A test module brings the fixture `engine` (a migrated database without rows) and subclasses the contract.
"""

import io
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

import pytest
import sqlalchemy
from sqlalchemy import Engine, select

from adapters.sql import copy
from adapters.sql.copy_rows import ticker_csv, trade_csv
from adapters.sql.engine import reading, writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore, SqlTransaction
from adapters.sql.tables import ticker_data, trade_data
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from domain.market.candle import Candle
from domain.market.trade import TradeExecuted
from domain.values import Pair
from tests.builders import BTC, ETH, at, candle, ticker, trade
from tests.waiting import until

TEXTS = (
    None,
    "",
    "\\N",
    "\\.",
    "a\n\\.\nb",
    '"',
    '""',
    "a,b",
    "'",
    "\\",
    "\r\n",
    "\t",
    "\x00",
    "é😀",
    " ",
    "NULL",
    "\\x41",
)
STORED = tuple(text and text.replace("\x00", "\ufffd") for text in TEXTS)


def _at_once(work: Callable[[int], Any], threads: int) -> list[Any]:
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
def _begun(engine: Engine) -> Iterator[SqlTransaction]:
    """A second transaction of the same thread."""
    with SqlStore(engine).begin() as tx:
        yield tx


def _ids(engine: Engine, pair: Pair = BTC) -> list[int]:
    with reading(engine) as connection:
        query = select(trade_data.c.trade_id).where(trade_data.c.pair == pair)
        return sorted(connection.scalars(query))


def _make_chunks(engine: Engine) -> None:
    """On TimescaleDB the first row of a day locks the table until its transaction ends."""
    with _begun(engine) as tx:
        tx.add_trades([trade(pair=Pair("DOT/USD"))])
        tx.put_candles([candle(pair=Pair("DOT/USD"))])


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


class BulkWriteContract:
    @pytest.mark.parametrize("known_first", [False, True])
    def test_any_text_comes_back(self, engine: Engine, known_first: bool) -> None:
        trades = [trade(number, order_type=text) for number, text in enumerate(TEXTS)]
        tickers = [ticker(occurred_at=at(number), frame_hash=text) for number, text in enumerate(TEXTS)]
        with SqlStore(engine).begin() as tx:
            if known_first:  # then all others are not above the maximum and take the other way
                tx.add_trades([trade(1_000)])
                tx.add_tickers([ticker(occurred_at=at(1_000))])
            assert tx.add_trades(trades) == trades
            tx.add_tickers(tickers)
        with reading(engine) as connection:
            kept = connection.execute(select(trade_data).where(trade_data.c.trade_id < 1_000))
            assert [row.order_type for row in sorted(kept, key=lambda row: row.trade_id)] == list(STORED)
            seen = connection.execute(select(ticker_data).where(ticker_data.c.timestamp < at(1_000)))
            assert [row.frame_hash for row in sorted(seen, key=lambda row: row.timestamp)] == list(STORED)

    def test_the_lower_layer_takes_what_pyarrow_writes(self, engine: Engine) -> None:
        pytest.importorskip("pyarrow", reason="pyarrow is part of the extra `spark`")
        trades = [trade(number, order_type=text, side=None if number % 2 else "b") for number, text in enumerate(TEXTS)]
        tickers = [ticker(occurred_at=at(number, micros=5), frame_hash=text) for number, text in enumerate(TEXTS)]
        with SqlStore(engine).begin() as tx:
            assert copy.latest_ticker_times(tx.connection, [BTC]) == {}
            assert (
                copy.copy_new_tickers(tx.connection, _by_pyarrow(ticker_csv(tickers[4:]), copy.TICKER_COLUMNS))
                == len(TEXTS) - 4
            )
            assert copy.latest_ticker_times(tx.connection, [BTC, ETH]) == {BTC: tickers[-1].occurred_at}
            assert copy.merge_tickers(tx.connection, _by_pyarrow(ticker_csv(tickers), copy.TICKER_COLUMNS)) == 4
            assert copy.max_trade_ids(tx.connection, [BTC]) == {}
            assert (
                copy.copy_new_trades(tx.connection, _by_pyarrow(trade_csv(trades[4:]), copy.TRADE_COLUMNS))
                == len(TEXTS) - 4
            )
            assert copy.max_trade_ids(tx.connection, [BTC, ETH]) == {BTC: len(TEXTS) - 1}
            assert copy.merge_trades(tx.connection, _by_pyarrow(trade_csv(trades), copy.TRADE_COLUMNS)) == 4
        market = SqlMarketReads(engine)
        assert [one.order_type for one in reversed(market.trades(BTC, Window()).items)] == list(STORED)
        assert [one.frame_hash for one in reversed(market.tickers(BTC, Window()).items)] == list(STORED)

    def test_of_the_same_trade_with_several_times_the_first_stays(self, engine: Engine) -> None:
        days = [at() - timedelta(days=number) for number in range(40)]  # a chunk each
        known = [trade(number, occurred_at=day) for number, day in enumerate(days)]
        again = [trade(number, occurred_at=day - timedelta(days=1, microseconds=1)) for number, day in enumerate(days)]
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(known[1::2]) == known[1::2]
            csv = trade_csv([*again, *known])
            assert copy.merge_trades(tx.connection, csv) == 20
            assert copy.merge_trades(tx.connection, trade_csv(reversed(again))) == 0
            assert tx.add_trades([*again, *known]) == []
        found = {one.trade_id: one.occurred_at for one in SqlMarketReads(engine).trades(BTC, Window(limit=100)).items}
        assert found == {number: (known if number % 2 else again)[number].occurred_at for number in range(40)}

    def test_many_late_trades_among_many_known_ones(self, engine: Engine) -> None:
        every = [trade(n, occurred_at=at(n * 60), pair=pair) for n in range(4_000) for pair in (BTC, ETH)]
        chance = random.Random(1)
        chance.shuffle(every)
        with SqlStore(engine).begin() as tx:
            assert len(tx.add_trades(every[:5_000])) == 5_000
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(every) == every[5_000:]
        assert _ids(engine) == _ids(engine, ETH) == list(range(4_000))


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

        new = [one.event_id for of_writer in _at_once(write, 4) for one in of_writer]
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

        with _begun(engine) as first:
            first.put_candles([earlier])
            with _begun(engine) as second:
                second.put_candles([later])
            assert followed(touch) == []  # the later one waits: it would be followed by one with a lower touch
            assert market.last_touch() == touch
        assert followed(touch) == [earlier, later]
        touch = market.last_touch()
        with _begun(engine) as third:
            third.put_candles([after])
            assert followed(touch) == []
        assert followed(touch) == [after]

    def test_a_writer_of_one_pair_does_not_wait_for_a_writer_of_another(self, engine: Engine) -> None:
        _make_chunks(engine)
        with _begun(engine) as first, _begun(engine) as second:
            first.add_trades([trade(1)])
            second.add_trades([trade(1, pair=ETH)])
            first.candles([candle().bucket])
            second.candles([candle(pair=ETH).bucket])
        assert _ids(engine) == _ids(engine, ETH) == [1]

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
        assert _ids(engine) == [1, 2]


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
        assert _ids(engine) == [1, 2, 3, 4]

    @pytest.mark.parametrize("add", [copy.copy_new_trades, copy.merge_trades])
    def test_a_connection_lost_in_the_middle_of_a_copy(self, engine: Engine, add: Callable[..., int]) -> None:
        trades = [trade(number) for number in range(5_000)]
        csv = _CutShort(trade_csv(trades).read(), lambda: _end_connections(engine))
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            copy.max_trade_ids(tx.connection, [BTC])
            add(tx.connection, csv)
        assert _ids(engine) == []
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(trades) == trades
        assert _ids(engine) == list(range(5_000))

    def test_a_writer_that_waits_for_a_lost_one_goes_on(self, engine: Engine) -> None:
        with pytest.raises(StoreUnavailable), _begun(engine) as lost:
            lost.add_trades([trade(1)])
            added: list[list[TradeExecuted]] = []
            waiting = threading.Thread(target=lambda: added.append(_add(engine, [trade(1)])))
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
        _add(engine, known)
        trades = [trade(number, occurred_at=at(number)) for number in range(5_000)]
        csv = _CutShort(trade_csv(trades).read(), _once(server.kill))
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            add = copy.merge_trades if copy.max_trade_ids(tx.connection, [BTC]) else copy.copy_new_trades
            add(tx.connection, csv)
        with pytest.raises(StoreUnavailable), SqlStore(engine).begin() as tx:
            tx.add_trades(trades)
        with pytest.raises(StoreUnavailable):
            SqlMarketReads(engine).latest_tickers()
        server.start()
        assert _add(engine, trades) == trades
        assert _add(engine, trades) == []
        assert _ids(engine) == [*range(5_000), *(one.trade_id for one in known)]

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

        _at_once(lambda number: kill_and_start() if number == 2 else write(number), 3)
        assert _ids(engine) == _ids(engine, ETH) == list(range(2_000))
        with SqlStore(engine).begin() as tx:
            assert [tx.checkpoint(f"writer-{writer}") for writer in range(2)] == [Checkpoint(Cursor("39"))] * 2


def _once(action: Callable[[], None]) -> Callable[[], None]:
    done = threading.Event()

    def act() -> None:
        if not done.is_set():
            done.set()
            action()

    return act


def _add(engine: Engine, trades: list[TradeExecuted]) -> list[TradeExecuted]:
    with SqlStore(engine).begin() as tx:
        return tx.add_trades(trades)


def _is_waiting(engine: Engine) -> bool:
    with reading(engine) as connection:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool(connection.exec_driver_sql(query).scalar())


def _event_ids(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(trade_data.c.event_id)))


def _by_pyarrow(csv: Any, columns: tuple[str, ...]) -> io.BytesIO:
    """The same rows as pyarrow writes them."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    kinds = {"trade_id": pa.int64(), "timestamp": pa.timestamp("us", "UTC"), "recorded_at": pa.timestamp("us", "UTC")}
    kinds |= {
        name: pa.decimal128(38, 18)
        for name in columns
        if name in ("price", "volume") or name in copy.TICKER_COLUMNS[4:15]
    }
    text = pa.string()
    table = arrow_csv.read_csv(
        csv,
        read_options=arrow_csv.ReadOptions(column_names=list(columns)),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: kinds.get(name, text) for name in columns},
            strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip
    written = io.BytesIO()
    arrow_csv.write_csv(table, written, arrow_csv.WriteOptions(include_header=False))
    written.seek(0)
    return written
