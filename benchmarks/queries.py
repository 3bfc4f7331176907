"""How long latest tickers and a day of candles take over HTTP, from 10 million trades on TimescaleDB.

    python -m benchmarks.queries [--trades 10000000]

Makes a database of its own, on the server that CRYPTOVIZ_DATABASE_URL names or on one that it starts and stops, with
8 pairs over 30 days: the trades, their candles in all intervals, and a ticker for every tenth trade. The API runs in a
process of its own. The floor in the same run is as many answers that ask no database. Wanted: a 95th percentile below
50 ms for all latest tickers, and for one pair's day of 1-minute candles (1,440 rows, two pages of at most 1,000).
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy
import uvicorn
from sqlalchemy import Engine

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sentiment.lexicon import LexiconModel
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.engine import create_engine, writing
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.news_reads import SqlNewsReads
from adapters.system.clock import SystemClock
from benchmarks.pages import milliseconds, row
from entrypoints.api.app import create_app
from entrypoints.api.server import server_config
from entrypoints.local import timescaledb
from entrypoints.local.service import free_port
from entrypoints.serve import listen
from tests.servers.databases import Databases
from tests.servers.running import Running
from tests.unit.api.world import World

PAIRS = ("BTC/USD", "ETH/USD", "SOL/USD", "ADA/USD", "XRP/USD", "DOGE/USD", "DOT/USD", "LINK/USD")
FIRST, DAYS = "2026-11-01T00:00:00Z", 30
DAY = "start=2026-11-15T00:00:00Z&end=2026-11-16T00:00:00Z"
ROUNDS = 100

_TRADES = f"""
INSERT INTO trade_data
    (pair, trade_id, timestamp, price, volume, side, order_type, venue, event_id, recorded_at, origin)
SELECT pair, n, at, 100 + mod(n, 5000) / 100.0, 0.001 * (1 + mod(n, 977)), CASE mod(n, 2) WHEN 0 THEN 'b' ELSE 's' END, 'limit',
    'kraken', 'kraken:' || pair || ':' || n, at + interval '100 ms', 'live'
FROM (
    SELECT %(pair)s::text AS pair, n, '{FIRST}'::timestamptz + n * interval '{DAYS} days' / %(trades)s AS at
    FROM generate_series(0, %(trades)s - 1) AS n
) AS made
"""
_MINUTES = """
INSERT INTO candle_data (pair, "interval", start, open, high, low, close, volume, turnover, vwap, trades, opened_at,
    opened_id, closed_at, closed_id, source, touched, touched_nth, recorded_at, origin)
SELECT pair, '1m', time_bucket('1 minute', timestamp), first(price, trade_id), max(price), min(price),
    last(price, trade_id), sum(volume), sum(price * volume), round(sum(price * volume) / sum(volume), 18), count(*),
    min(timestamp), min(trade_id), max(timestamp), max(trade_id), 3, pg_current_xact_id()::text::bigint,
    row_number() OVER (), max(recorded_at), 'live'
FROM trade_data GROUP BY 1, 3
"""
_LONGER = """
INSERT INTO candle_data (pair, "interval", start, open, high, low, close, volume, turnover, vwap, trades, opened_at,
    opened_id, closed_at, closed_id, source, touched, touched_nth, recorded_at, origin)
SELECT pair, %(name)s, time_bucket(%(length)s::interval, start), first(open, start), max(high), min(low),
    last(close, start), sum(volume), sum(turnover), round(sum(turnover) / sum(volume), 18), sum(trades), min(opened_at),
    min(opened_id), max(closed_at), max(closed_id), 3, pg_current_xact_id()::text::bigint, row_number() OVER (),
    max(recorded_at), 'live'
FROM candle_data WHERE "interval" = '1m' GROUP BY 1, 3
"""
_INTERVALS = {"5m": "5 minutes", "15m": "15 minutes", "1h": "1 hour", "4h": "4 hours", "1d": "1 day"}
_TICKERS = """
INSERT INTO ticker_data (pair, timestamp, event_id, venue, last, bid, bid_qty, ask, ask_qty, volume_24h, vwap_24h,
    low_24h, high_24h, change_24h, pct_change, recorded_at, origin)
SELECT pair, timestamp, 'kraken:' || pair || ':' || timestamp, 'kraken', price, price - 0.1, 1, price, 1, 1000, price,
    price - 5, price + 5, 0.5, 0.1, recorded_at, 'live'
FROM trade_data WHERE mod(trade_id, 10) = 0
"""


def fill(engine: Engine, trades: int) -> None:
    """Trades, candles and tickers, made inside the database."""
    for pair in PAIRS:
        with writing(engine) as connection:
            connection.exec_driver_sql(_TRADES, {"pair": pair, "trades": trades // len(PAIRS)})
    with writing(engine) as connection:
        connection.exec_driver_sql(_MINUTES)
        for name, length in _INTERVALS.items():
            connection.exec_driver_sql(_LONGER, {"name": name, "length": length})
    with writing(engine) as connection:
        connection.exec_driver_sql(_TICKERS)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM ANALYZE trade_data, candle_data, ticker_data")


def serve(url: str) -> None:
    """The API over the database, until the process is ended; prints its port."""
    engine = create_engine(url)
    world = World()
    services = replace(
        world.services(), clock=SystemClock(), market=SqlMarketReads(engine), news=SqlNewsReads(engine, LexiconModel().identity),
        alerts=SqlAlertReads(engine),
    )  # fmt: skip
    meter = PrometheusTelemetry()
    app = create_app(lambda: services, meter, world.house, bound_to_loopback=True)
    with listen("127.0.0.1", 0) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(server_config(app, meter, host="127.0.0.1", port=0)).run(sockets=[listener])


@contextmanager
def served(url: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to an API of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.queries", "--serve", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
        finally:
            process.terminate()


@contextmanager
def databases() -> Iterator[Databases]:
    """On the server of the setting, or on one of our own."""
    given = os.environ.get("CRYPTOVIZ_DATABASE_URL")
    with tempfile.TemporaryDirectory() as folder:
        service = timescaledb.service(timescaledb.provide(print), Path(folder) / "database", free_port())
        own = None if given else Running(service)
        if own:
            own.start()
        made = Databases(sqlalchemy.make_url(given or service.endpoint).set(drivername="postgresql+psycopg2"))
        try:
            yield made
        finally:
            made.close()
            if own:
                own.stop()


def next_cursor(connection: http.client.HTTPConnection, path: str) -> list[str]:
    """Where the next page begins, if there is one."""
    connection.request("GET", path)
    cursor: str | None = json.loads(connection.getresponse().read())["next_cursor"]
    return [cursor] if cursor else []


def measure(url: str) -> None:
    """Ask, each question and its floor in turn, and print what it took."""
    one, two, tickers, candles = [], [], [], []
    with served(url) as connection:
        day = f"/api/v1/candles/?pair=BTC-USD&interval=1m&limit=1000&{DAY}"
        pages = [day, *(f"{day}&cursor={cursor}" for cursor in next_cursor(connection, day))]
        for _ in range(ROUNDS):
            one.append(milliseconds(connection, ["/api/v1/health/live"], 10))
            tickers.append(milliseconds(connection, ["/api/v1/tickers/"], 2_000))
            two.append(milliseconds(connection, ["/api/v1/health/live"] * len(pages), 10))
            candles.append(milliseconds(connection, pages, 10_000))
    for what, asked, floor, took in (
        ("latest tickers", 1, one, tickers),
        ("a day of 1-minute candles", len(pages), two, candles),
    ):
        row(f"floor: {asked} answers without a database", floor)
        p95 = row(what, took)
        print(f"{'':<46} wanted under 50 ms: {'ok' if p95 < 50 else 'SHORT'}")


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trades", type=int, default=10_000_000)
    options.add_argument("--serve", metavar="URL", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        serve(given.serve)
        return
    with databases() as made:
        url = made.migrated().render_as_string(hide_password=False)
        engine = create_engine(url)
        began = time.perf_counter()
        fill(engine, given.trades)
        engine.dispose()
        print(f"{given.trades:,} trades and what follows from them were made in {time.perf_counter() - began:.0f} s")
        measure(url)


if __name__ == "__main__":
    main()
