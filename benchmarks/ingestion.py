"""Trades in Kafka -> rows in TimescaleDB, through the ingestion's own batches.

    python -m benchmarks.ingestion [--trades 200000] [--rounds 5] [--long 5000000] [--latency 200]

Each round has fresh trades of 8 pairs in Kafka, and stores them three times, in turn, into databases of the same shape:
by the batch handler of `cryptoviz ingest` (idempotent), by one psycopg2 connection doing COPY of ready-made CSV and
INSERT … ON CONFLICT, which reads no Kafka and decodes nothing (the floor: 0.35 of it is the aim), and by Spark's own JDBC append
of the same records (not idempotent: the aim is not to be slower). The first round warms up and does not count.

--long stores so many more and says what a row costs at the beginning and at the end; --latency runs the job itself with
its default trigger and measures from a trade's production until its row can be read (95th percentile below 5 s).

Servers are those of CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS and CRYPTOVIZ_DATABASE_URL where set, else its own, gone afterwards.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import sqlalchemy
from pyspark.sql import DataFrame, SparkSession

from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.kafka.schemas import SchemaAdmin
from adapters.kafka.topics import TopicAdmin, TopicSettings
from adapters.spark.config import JobConfig
from adapters.spark.session import spark_session
from adapters.system.clock import SystemClock
from application.ports.places import Place
from application.topics import TRADES
from benchmarks.ingestion_peers import CopyOnConflict, csv_of, jdbc_append
from benchmarks.report import line, ratio
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side
from entrypoints.jobs.executor import Services
from entrypoints.jobs.ingest import MarketBatches
from entrypoints.jobs.run import PYTHON_DAEMON
from entrypoints.local import kafka as local_kafka
from entrypoints.local import registry as local_registry
from entrypoints.local import spark_jars, timescaledb
from entrypoints.local.service import Service, free_port
from tests.servers.databases import Databases
from tests.servers.running import Running

PAIRS = tuple(Pair(f"{base}/USD") for base in ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "DOT", "LINK"))
APPEND = 5_000


def trades(count: int, first: int) -> list[TradeExecuted]:
    """Trades of all pairs, some 40 a second, up to now."""
    chance = random.Random(first)
    start = datetime.now(UTC) - timedelta(milliseconds=25 * count)
    return [
        TradeExecuted(
            venue="kraken", pair=PAIRS[n % 8], trade_id=first + n // 8, price=Decimal(chance.randrange(1, 10**8)) / 100,
            volume=Decimal(chance.randrange(1, 10**10)) / 10**8, side=chance.choice((Side.BUY, Side.SELL)), order_type="limit",
            occurred_at=start + timedelta(milliseconds=25 * n), recorded_at=start + timedelta(milliseconds=25 * n + 40),
            origin=Origin.LIVE,
        )
        for n in range(count)
    ]  # fmt: skip


@contextmanager
def server(given: str, make: object) -> Iterator[str]:
    """The endpoint that a variable gives, or that of a server of our own."""
    if endpoint := os.environ.get(given):
        yield endpoint
        return
    with tempfile.TemporaryDirectory() as directory:
        service: Service = make(Path(directory) / "server")  # type: ignore[operator]
        running = Running(service)
        running.start()
        try:
            yield running.endpoint
        finally:
            running.stop()


class Bench:
    """The log, the databases, and Spark."""

    def __init__(
        self, session: SparkSession, log: KafkaEventLog, kafka: str, registry: str, databases: Databases
    ) -> None:
        self._session = session
        self._log = log
        self._kafka = kafka
        self.ours, self.copied, self.appended = (databases.migrated() for _ in range(3))
        database = self.ours.render_as_string(hide_password=False)
        services = Services(kafka, registry, database, Origin.LIVE, PAIRS, "lexicon")
        self._batches = MarketBatches(services, RegistrySchemaIds(registry))
        self._next = 1

    def produce(self, count: int) -> tuple[list[TradeExecuted], DataFrame]:
        """Fresh trades in Kafka, and the frame that reads just these."""
        made = trades(count, self._next)
        self._next += count // 8 + 1
        before = Place.at(self._log.head())
        for first in range(0, count, APPEND):
            self._log.append(made[first : first + APPEND])
        after = Place.at(self._log.head())
        return made, self._read(_offsets(before), _offsets(after))

    def _read(self, start: dict[str, int], end: dict[str, int]) -> DataFrame:
        reader = self._session.read.format("kafka").option("kafka.bootstrap.servers", self._kafka)
        offsets = {name: {TRADES: places} for name, places in (("startingOffsets", start), ("endingOffsets", end))}
        for name, places in offsets.items():
            reader = reader.option(name, json.dumps(places))
        return reader.option("subscribe", TRADES).load().select("topic", "partition", "offset", "value")

    def store(self, records: DataFrame) -> float:
        """Seconds through the ingestion's batch handler."""
        began = time.perf_counter()
        self._batches(records)
        return time.perf_counter() - began


def _offsets(place: Place) -> dict[str, int]:
    return {str(n): place.numbers.get(f"{TRADES}/{n}", -1) + 1 for n in range(3)}


def compare(bench: Bench, count: int, rounds: int) -> None:
    """All three, in turn."""
    copy = CopyOnConflict(bench.copied)
    rates: dict[str, list[float]] = {"ours": [], "copied": [], "appended": []}
    for number in range(rounds + 1):
        made, records = bench.produce(count)
        csv = csv_of(made)
        turns: list[tuple[str, Callable[[], object]]] = [
            ("ours", partial(bench.store, records)),
            ("copied", partial(copy.store, csv)),
            ("appended", partial(jdbc_append, records, bench.appended)),
        ]
        for name, store in turns[number % 3 :] + turns[: number % 3]:  # who is first finds the machine still busy
            began = time.perf_counter()
            store()
            if number:
                rates[name].append(count / (time.perf_counter() - began))
    ours, copied, appended = rates.values()
    copy.close()
    for url in (bench.ours, bench.copied, bench.appended):
        assert rows(url) == count * (rounds + 1), f"{rows(url)} rows of {count * (rounds + 1)}"
    print(line("floor: one psycopg2 process, COPY + ON CONFLICT", copied, "rows/s"))
    print(line("Spark's JDBC append", appended, "rows/s"))
    print(line("Kafka -> TimescaleDB, the ingestion's batches", ours, "rows/s"))
    print(ratio("to the floor", ours, copied, 0.35))
    print(ratio("to the JDBC append", ours, appended, 1.0))


def grow(bench: Bench, count: int) -> None:
    """What a row costs while the table grows."""
    step, costs = 100_000, []
    for _ in range(count // step):
        _, records = bench.produce(step)
        costs.append(bench.store(records) / step * 1e6)
    first, last = costs[:5], costs[-5:]
    print(line("a row, among the first", first, "us"))
    print(line(f"a row, after {count:,}", last, "us"))
    print(f"{'dearer by':<52} {statistics.median(last) / statistics.median(first):>14.2f} ratio")


def rows(url: sqlalchemy.URL) -> int:
    """How many trades are stored."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        count = int(connection.exec_driver_sql("SELECT count(*) FROM trade_data").scalar_one())
    engine.dispose()
    return count


def latency(kafka: str, registry: str, log: KafkaEventLog, database: sqlalchemy.URL, count: int) -> None:
    """Produced -> readable, one trade every 50 ms, through `cryptoviz ingest` as it is by default."""
    environment = {
        **os.environ, "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS": kafka, "CRYPTOVIZ_SCHEMA_REGISTRY_URL": registry,
        "CRYPTOVIZ_DATABASE_URL": database.render_as_string(hide_password=False),
    }  # fmt: skip
    engine = sqlalchemy.create_engine(database, isolation_level="AUTOCOMMIT")
    produced: dict[int, float] = {}
    seen: dict[int, float] = {}
    first = 10**12
    with tempfile.TemporaryDirectory() as directory, engine.connect() as connection:
        command = [
            sys.executable,
            "-m",
            "entrypoints.cli.main",
            "ingest",
            "--source",
            "kraken",
            "--data-dir",
            directory,
        ]
        job = subprocess.Popen(command, env=environment)

        def look() -> None:
            query = f"SELECT trade_id FROM trade_data WHERE trade_id >= {first}"
            for (number,) in connection.exec_driver_sql(query):
                seen.setdefault(number, time.perf_counter())

        def send(number: int) -> None:
            [one] = trades(1, first + number)
            produced[first + number] = time.perf_counter()
            log.append([one])

        try:
            send(0)
            while not seen:  # until it has worked off what is in the log
                look()
                time.sleep(0.2)
            pause = threading.Event()
            for number in range(1, count + 1):
                send(number)
                pause.wait(0.05)
                look()
            while len(seen) < count + 1:
                look()
                pause.wait(0.02)
        finally:
            job.terminate()
            job.wait()
    engine.dispose()
    waited = sorted(seen[number] - produced[number] for number in list(produced)[1:])
    print(f"trade produced -> row readable, default trigger: p50 {waited[len(waited) // 2]:.2f} s, "
          f"p95 {waited[int(len(waited) * 0.95)]:.2f} s, wanted below 5 s")  # fmt: skip


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trades", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--long", type=int, default=0)
    options.add_argument("--latency", type=int, default=0)
    options.add_argument("--master", default="local[*]")
    given = options.parse_args()
    with ExitStack() as stack:
        kafka = stack.enter_context(
            server(
                "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS",
                lambda path: local_kafka.service(local_kafka.provide(print), path, free_port(), free_port()),
            )
        )
        registry = stack.enter_context(
            server(
                "CRYPTOVIZ_SCHEMA_REGISTRY_URL",
                lambda path: local_registry.service(local_registry.provide(print), path, free_port()),
            )
        )
        database = stack.enter_context(
            server(
                "CRYPTOVIZ_DATABASE_URL",
                lambda path: timescaledb.service(timescaledb.provide(print), path, free_port()),
            )
        )
        databases = Databases(sqlalchemy.make_url(database).set(drivername="postgresql+psycopg2"))
        stack.callback(databases.close)
        TopicAdmin(kafka).create(TopicSettings(), wait_s=60, say=print)
        SchemaAdmin(registry).register()
        log = stack.enter_context(KafkaEventLog(KafkaConfig(kafka, PAIRS), RegistrySchemaIds(registry), SystemClock()))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = JobConfig(
            "benchmark", given.master, spark_jars.provide(print), kafka, directory, python_daemon=PYTHON_DAEMON
        )
        with spark_session(config) as session:
            bench = Bench(session, log, kafka, registry, databases)
            if given.rounds:
                compare(bench, given.trades, given.rounds)
            if given.long:
                grow(bench, given.long)
        if given.latency:
            latency(kafka, registry, log, databases.migrated(), given.latency)


if __name__ == "__main__":
    main()
