"""One meaning in both profiles: the same recorded session, and the same news, give the same rows in every table."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from adapters.sql.engine import create_engine
from adapters.sql.house_tables import HOUSE
from adapters.sql.tables import feed_data, feed_event, metadata
from domain.market.candle import Interval
from domain.values import parse_time
from tests.e2e.cluster import Cluster
from tests.e2e.program import Program
from tests.e2e.recordings import START, line, stamp, write
from tests.servers.databases import Databases
from tests.servers.http import http_server
from tests.servers.running import Running
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAIRS = ("BTC/USD", "ETH/USD", "SOL/USD", "DOGE/USD")
TRADES = 3_000
# Where in a log a row came from is the log's own; when a news feed was read is the wall clock's.
NOT_COMPARED = {"position", "touched", "touched_nth"}
OF_THE_WALL_CLOCK = {"article_data": {"scraped_at", "recorded_at"}, "sentiment_data": {"recorded_at"}}
OF_THE_MARKET = {"feed_data": feed_data.c.kind == "market", "feed_event": feed_event.c.feed != "Local"}
NOT_ROWS_OF_THE_DATA = {"event_store", "checkpoint", "job_batch", "process_report", *(table.name for table in HOUSE)}

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Local</title><link>{url}</link><description>d</description>
<item><title>Bitcoin is quoted</title><link>{url}/one</link><guid>one</guid><pubDate>Sun, 01 Nov 2026 12:00:00 GMT</pubDate>
<description>Bitcoin and Ethereum, a summary "with quotes", commas, and ünïcode</description></item>
<item><title>Second</title><link>{url}/gone</link><guid>two</guid><pubDate>Sun, 01 Nov 2026 12:01:00 GMT</pubDate>
<description>Its page is not there</description></item></channel></rss>"""


def session() -> Iterator[str]:
    """Trades of four pairs in one-second steps with duplicates, late ones, a gap, a move of 3 %; tickers; what is broken."""
    chance = random.Random(20_261_122)
    ids = dict.fromkeys(PAIRS, 1)
    for second in range(TRADES):
        at = START + timedelta(seconds=second)
        pair = chance.choice(PAIRS)
        number = ids[pair]
        ids[pair] += 1 + (second == 700) * 5  # five trades are missing after this one
        price = f"{100 + (second > 1_500) * 3 + chance.randrange(100) / 1000:.3f}"
        row = _trade(pair, number, at - timedelta(seconds=chance.choice((0, 0, 0, 70))), price)
        yield line(f'{{"channel":"trade","type":"update","data":[{row}]}}', at)
        if second % 10 == 0:
            yield line(f'{{"channel":"trade","type":"update","data":[{row}]}}', at)  # the venue repeats itself
        if second % 5 == 0:
            yield line(_ticker(pair, at, price), at)
        if second % 1_000 == 3:
            yield line('{"channel":"trade","type":"update","data":[{"symbol":', at)
            yield line(f'{{"channel":"trade","type":"update","data":[{_trade(pair, number, at, "-1")}]}}', at)


def _trade(pair: str, number: int, at: Any, price: str) -> str:
    return (
        f'{{"symbol":"{pair}","side":"{"buy" if number % 3 else "sell"}","price":{price},"qty":0.{number:08d},'
        f'"ord_type":"limit","trade_id":{number},"timestamp":"{stamp(at)}"}}'
    )


def _ticker(pair: str, at: Any, last: str) -> str:
    return (
        f'{{"channel":"ticker","type":"update","data":[{{"symbol":"{pair}","bid":{last},"bid_qty":0.5,"ask":{last},'
        f'"ask_qty":0.00044780,"last":{last},"volume":3156.84782110,"vwap":100.1,"low":99.5,"high":104.2,"change":-0.3,'
        f'"change_pct":-0.51,"timestamp":"{stamp(at)}"}}]}}'
    )


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    recording = write(tmp_path / "session.jsonl", session())
    with http_server() as site:
        site.serve("/feed.xml", FEED.format(url=site.url("")), media_type="application/rss+xml")
        site.serve("/one", f"<html><body><article>{'<p>A paragraph on Bitcoin that says a lot.</p>' * 12}</article>")
        yield {
            "source": f"recording:{recording}",
            "speed": "0",
            "pairs": ",".join(PAIRS),
            "feeds": f"Local={site.url('/feed.xml')}",
            "allow_private_hosts": site.address,
        }


def rows_of(engine: sqlalchemy.Engine) -> dict[str, list[str]]:
    """All rows of all tables in a fixed order; equal values are written alike."""
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in NOT_ROWS_OF_THE_DATA:
                continue
            left_out = NOT_COMPARED | OF_THE_WALL_CLOCK.get(table.name, set())
            columns = [column for column in table.columns if column.name not in left_out]
            rows = connection.execute(
                sqlalchemy.select(*columns).where(OF_THE_MARKET.get(table.name, sqlalchemy.true()))
            )
            found[table.name] = sorted(json.dumps(list(row), default=_plain) for row in rows)
        news = sqlalchemy.select(feed_data.c.name, feed_data.c.state).where(feed_data.c.kind == "news")
        found["news feeds"] = [str(row) for row in connection.execute(news)]
    return found


def _plain(value: object) -> str:
    return (
        f"{value.normalize():f}"
        if hasattr(value, "normalize")
        else bytes(value).hex()
        if isinstance(value, bytes | memoryview)
        else str(value)
    )


def embedded(directory: Path, settings: dict[str, str]) -> dict[str, list[str]]:
    with Program(directory, **settings) as program:
        assert until(lambda: all(row["state"] == "ended" for row in _markets(program)), seconds=120), program.said
        assert until(lambda: _scored(program) == 2, seconds=60), program.said
        assert until(lambda: all(_forecast_to_the_end(program, pair) for pair in PAIRS), seconds=60), program.said
    [store] = directory.glob("recordings/*/store.db")
    engine = create_engine(f"sqlite:///{store}")
    try:
        return rows_of(engine)
    finally:
        engine.dispose()


def _scored(program: Program) -> int:
    return sum(article["sentiment"] is not None for article in program.get("articles/")["items"])


def _forecast_to_the_end(program: Program, pair: str) -> bool:
    """Whether the last minute that has closed has been forecast from."""
    asked = pair.replace("/", "-")
    [last] = program.get(f"trades/?pair={asked}&limit=1")["items"]
    forecasts = program.get(f"predictions/?pair={asked}&horizon_s=60&limit=1")["items"]
    closed = Interval.M1.start_of(parse_time(last["timestamp"]) - timedelta(seconds=2))
    return bool(forecasts) and parse_time(forecasts[0]["issued_at"]) == closed


def _markets(program: Program) -> list[dict[str, Any]]:
    return [row for row in program.get("feeds/")["items"] if row["kind"] == "market"]


def test_the_same_session_gives_the_same_rows_in_every_table(
    tmp_path: Path,
    settings: dict[str, str],
    fresh_kafka: Running,
    fresh_schema_registry: Running,
    timescaledb: Databases,
) -> None:
    expected = embedded(tmp_path / "embedded", settings)
    assert len(expected["trade_data"]) == TRADES and len(expected["alert_data"]) >= 4
    assert len(expected["dead_letter"]) == 6 and len(expected["article_data"]) == 2
    assert len(expected["sentiment_data"]) == 2 and len(expected["prediction_data"]) > 100
    cluster = Cluster(
        tmp_path / "cluster",
        kafka_bootstrap_servers=fresh_kafka.endpoint,
        schema_registry_url=fresh_schema_registry.endpoint,
        database_url=timescaledb.migrated().render_as_string(hide_password=False),
        **settings,
    )
    engine = create_engine(cluster.settings["database_url"])
    with cluster:
        cluster.set_up()
        for name in ("ingest", "analytics", "alerting", "news", "feed"):
            cluster.start(name)

        def is_there() -> bool:
            found = rows_of(engine)
            return all(len(found[table]) >= len(rows) for table, rows in expected.items()) and found == expected

        until(is_there, seconds=300)
        found = rows_of(engine)
    engine.dispose()
    assert {table: len(rows) for table, rows in found.items()} == {table: len(rows) for table, rows in expected.items()}
    for table, rows in expected.items():
        assert found[table] == rows, table
