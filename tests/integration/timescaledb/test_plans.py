"""Reads and guarded writes over many chunks go by the index: they take a few pages of each chunk, never its rows."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import Connection, Engine, select

from adapters.sql import copy
from adapters.sql.copy_rows import trade_csv
from adapters.sql.engine import writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.market_rows import to_trade
from adapters.sql.store import SqlStore
from adapters.sql.tables import trade_data
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from benchmarks.queries import fill
from domain.market.candle import Interval
from tests.builders import BTC, feed_health
from tests.integration.sql.databases import opened
from tests.servers.databases import Databases

TRADES, CHUNKS = 120_000, 30  # a day each
DAY = datetime(2026, 11, 15, tzinfo=UTC)

READS: dict[str, Callable[[MarketReads], object]] = {
    "latest tickers": lambda market: market.latest_tickers(),
    "latest tickers as of": lambda market: market.latest_tickers(as_of=DAY),
    "tickers": lambda market: market.tickers(BTC, Window()),
    "trades of a pair": lambda market: market.trades(BTC, Window()),
    "trades of all": lambda market: market.trades(None, Window()),
    "trades of an hour": lambda market: market.trades(BTC, Window(start=DAY, end=DAY + timedelta(hours=1))),
    "candles": lambda market: market.candles(BTC, Interval.M1, Window(start=DAY, end=DAY + timedelta(days=1))),
    "candles as of": lambda market: market.candles(BTC, Interval.H1, Window(as_of=DAY)),
    "feeds": lambda market: market.feeds(),
    "continuity": lambda market: market.continuity(BTC),
    "bounds": lambda market: market.trade_id_bounds(BTC),
    "trade before": lambda market: market.trade_before(BTC, 5_000),
    "candles after": lambda market: market.candles_after((0, 0), limit=100),
    "last touch": lambda market: market.last_touch(),
}


@pytest.fixture(scope="module")
def filled(timescaledb: Databases) -> Iterator[Engine]:
    with opened(timescaledb.migrated()) as engine:
        fill(engine, TRADES)
        with SqlStore(engine).begin() as tx:
            tx.put_feed_health([feed_health()])
        yield engine


def _plans(engine: Engine, work: Callable[[], object]) -> list[Any]:
    """How the statements of `work` were carried out, and the pages that they took."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    sqlalchemy.event.listen(engine, "before_cursor_execute", note)
    work()
    sqlalchemy.event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters).scalar_one()[
                0
            ]
            for statement, parameters in asked
            if statement.startswith("SELECT") or "RECURSIVE" in statement
        ]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _assert_by_index(plans: list[Any]) -> None:
    assert plans
    for plan in plans:
        whole = [
            node["Relation Name"]
            for node in _nodes(plan["Plan"])
            if node["Node Type"] == "Seq Scan" and node["Relation Name"].startswith("_hyper") and node["Actual Loops"]
        ]
        assert not whole, json.dumps(plan, indent=1)[:5_000]


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reads_go_by_the_index(filled: Engine, read: Callable[[MarketReads], object]) -> None:
    _assert_by_index(_plans(filled, lambda: read(SqlMarketReads(filled))))


def test_the_guard_of_inserts_goes_by_the_index(filled: Engine) -> None:
    def guard() -> None:
        with writing(filled) as connection:
            assert copy.max_trade_ids(connection, [BTC]) == {BTC: TRADES // 8 - 1}
            copy.latest_ticker_times(connection, [BTC])

    _assert_by_index(_plans(filled, guard))


def test_late_trades_are_compared_with_those_of_their_ids_alone(filled: Engine) -> None:
    def scanned(connection: Connection) -> int:
        """Rows that were read otherwise than by an index. It counts earlier transactions too, until they are told of."""
        counted = "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE schemaname = '_timescaledb_internal'"
        return int(connection.exec_driver_sql(counted).scalar() or 0)

    with writing(filled) as connection:
        copy.max_trade_ids(connection, [BTC])
        ids = range(0, 15_000, 50)
        query = select(trade_data).where(trade_data.c.pair == BTC, trade_data.c.trade_id.in_(ids))
        known = [to_trade(row) for row in connection.execute(query)]
        assert len(known) == len(ids)
        before = scanned(connection)
        assert copy.merge_trades(connection, trade_csv(known)) == 0
        assert scanned(connection) == before
        connection.exec_driver_sql("SELECT sum(price) FROM trade_data")
        assert scanned(connection) == before + TRADES  # had any been read otherwise, this would tell
