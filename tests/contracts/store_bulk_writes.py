"""What PostgreSQL must do with many rows at once, with TimescaleDB or without.

A test module brings the fixture `engine` (a migrated database without rows) and subclasses the contract.
"""

import io
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from adapters.sql import copy
from adapters.sql.copy_rows import ticker_csv, trade_csv
from adapters.sql.engine import reading
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.market_rows import trade_row
from adapters.sql.store import SqlStore
from adapters.sql.tables import ticker_data, trade_data
from application.ports.page import Window
from domain.errors import InvalidValue
from domain.market.trade import TradeExecuted
from domain.values import Side
from tests.builders import BTC, ETH, at, ticker, trade
from tests.contracts.store_writers import stored_ids

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
        midnight = at().replace(hour=0, minute=0, second=0, microsecond=0)
        days = [
            midnight - timedelta(days=number) for number in range(40)
        ]  # a chunk each, from its first microsecond on
        known = [trade(number, occurred_at=day) for number, day in enumerate(days)]
        again = [trade(number, occurred_at=day - timedelta(microseconds=1)) for number, day in enumerate(days)]
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(known[1::2]) == known[1::2]
            csv = trade_csv([*again, *known])
            assert copy.merge_trades(tx.connection, csv) == 20
            assert copy.merge_trades(tx.connection, trade_csv(reversed(again))) == 0
            assert tx.add_trades([*again, *known]) == []
        found = {one.trade_id: one.occurred_at for one in SqlMarketReads(engine).trades(BTC, Window(limit=100)).items}
        assert found == {number: (known if number % 2 else again)[number].occurred_at for number in range(40)}

    def test_a_merge_refuses_another_trade_under_a_known_id(self, engine: Engine) -> None:
        known, another = trade(1), trade(1, price=trade().price + 1)
        with SqlStore(engine).begin() as tx:
            tx.add_trades([known, trade(5)])
        for lines in ([another], [trade(2), another, trade(3)], [trade(3), trade(3, side=Side.SELL)]):
            with pytest.raises(InvalidValue, match="known as"), SqlStore(engine).begin() as tx:
                copy.max_trade_ids(tx.connection, [BTC])
                copy.merge_trades(tx.connection, trade_csv(lines))
        assert stored_ids(engine) == [1, 5]

    def test_rows_of_spark_are_compared_with_stored_ones_and_with_each_other(self, engine: Engine) -> None:
        pytest.importorskip("pyarrow", reason="pyarrow is part of the extra `spark`")
        from entrypoints.jobs.market_rows import add_trades

        known, later = trade(1, occurred_at=at(micros=1)), trade(1, occurred_at=at(micros=2), side=None)
        another, fresh = trade(1, price=trade().price + 1), [trade(7), trade(7, pair=ETH), trade(6)]

        def add(*trades: TradeExecuted) -> int:
            with SqlStore(engine).begin() as tx:
                return add_trades(tx.connection, _arrow(trades), {BTC})

        for lines in ([known, another], [known, later, *fresh, another], [*fresh, trade(7, side=Side.SELL)]):
            with pytest.raises(InvalidValue, match="known as"):
                add(*lines)
        assert add(known, later, *fresh, trade(7)) == 4
        for lines in ([another], [trade(9), another], [trade(5), trade(9), another]):
            with pytest.raises(InvalidValue, match=f"^{known.event_id} is known as "):
                add(*lines)
        assert add(*fresh, later, known) == 0
        assert stored_ids(engine) == [1, 6, 7]
        with reading(engine) as connection:
            kept = connection.scalars(select(trade_data.c.timestamp).where(trade_data.c.trade_id == 1)).all()
        assert kept == [known.occurred_at]

    def test_many_late_trades_among_many_known_ones(self, engine: Engine) -> None:
        every = [trade(n, occurred_at=at(n * 60), pair=pair) for n in range(4_000) for pair in (BTC, ETH)]
        chance = random.Random(1)
        chance.shuffle(every)
        with SqlStore(engine).begin() as tx:
            assert len(tx.add_trades(every[:5_000])) == 5_000
        with SqlStore(engine).begin() as tx:
            assert tx.add_trades(every) == every[5_000:]
        assert stored_ids(engine) == stored_ids(engine, ETH) == list(range(4_000))


def _arrow(trades: Sequence[TradeExecuted]) -> Any:
    """A table of trades as the ingestion's tasks have it."""
    import pyarrow as pa

    time, number = pa.timestamp("us", "UTC"), pa.decimal128(38, 18)
    kinds = {"trade_id": pa.int64(), "timestamp": time, "recorded_at": time, "price": number, "volume": number}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in copy.TRADE_COLUMNS])
    return pa.Table.from_pylist([trade_row(one) for one in trades], schema)


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
