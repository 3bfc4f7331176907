"""Trade produced to Kafka -> row at a WebSocket client of `cryptoviz api`: how long, at 1,000 trades a second.

    python -m benchmarks.direct_path [--seconds 20] [--rate 1000]

The producer appends what has become due every 10 ms, as the feed does, and waits for all brokers' word each time; a
trade's clock runs from before the append that it is in. The floor in the same run is a bare consumer of the same topic
in a process of its own, which hands on only the trade ids. Wanted: a 99th percentile below 300 ms.

Servers are those of CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS, CRYPTOVIZ_SCHEMA_REGISTRY_URL and CRYPTOVIZ_DATABASE_URL where
set, else its own, gone afterwards.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from websockets.sync.client import connect

from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.system.clock import SystemClock
from benchmarks.ingestion import PAIRS, server, trades
from benchmarks.stream import shown
from domain.market.trade import TradeExecuted
from entrypoints.local import kafka as local_kafka
from entrypoints.local import registry as local_registry
from entrypoints.local import timescaledb
from entrypoints.local.service import free_port
from tests.e2e.cluster import Cluster
from tests.servers.databases import Databases

_TURN_S = 0.01
_CONSUMER = """
import sys
from io import BytesIO
import fastavro
from confluent_kafka import Consumer
from schemas_avro import schema_text
schema = fastavro.parse_schema(__import__("json").loads(schema_text("rawtrade")))
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "floor", "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10})
consumer.subscribe(["rawtrade"])
while True:
    message = consumer.poll(1)
    if message is not None and message.error() is None:
        print(fastavro.schemaless_reader(BytesIO(message.value()[5:]), schema, None)["trade_id"], flush=True)
"""


def latencies(
    log: KafkaEventLog, arrived: Callable[[], int | None], first: int, count: int, rate: float
) -> list[float]:
    """Milliseconds from a trade's append to its arrival; `arrived` waits for the next trade id."""
    made = _trades(first, count)
    produced: dict[int, float] = {}
    took: list[float] = []

    def receive() -> None:
        while len(took) < count:
            trade_id = arrived()
            if trade_id in produced:
                took.append((time.perf_counter() - produced[trade_id]) * 1000)

    receiving = threading.Thread(target=receive, daemon=True)
    receiving.start()
    began, sent = time.perf_counter(), 0
    while sent < count:
        time.sleep(_TURN_S)
        due = min(count, int((time.perf_counter() - began) * rate))
        now = time.perf_counter()
        produced.update((trade.trade_id, now) for trade in made[sent:due])
        if due > sent:
            log.append(made[sent:due])
        sent = due
    receiving.join(60)
    return took


def _trades(first: int, count: int) -> list[TradeExecuted]:
    """Each with an id of its own, whatever its pair, and of the present: the API refuses none."""
    now = datetime.now(UTC)
    made = trades(count, first)
    return [
        TradeExecuted(
            venue=one.venue, pair=PAIRS[n % 8], trade_id=first + n, price=one.price, volume=one.volume, side=one.side,
            order_type=one.order_type, occurred_at=now, recorded_at=now, origin=one.origin,
        )
        for n, one in enumerate(made)
    ]  # fmt: skip


def floor(log: KafkaEventLog, kafka: str, first: int, count: int, rate: float) -> list[float]:
    """The same through a bare consumer."""
    with subprocess.Popen([sys.executable, "-c", _CONSUMER, kafka], stdout=subprocess.PIPE, text=True) as consumer:
        assert consumer.stdout
        lines = consumer.stdout
        log.append(_trades(first, 1))
        while int(lines.readline()) != first:
            pass  # it has found its partitions
        try:
            return latencies(log, lambda: int(lines.readline()), first + 1, count, rate)
        finally:
            consumer.terminate()


def ours(log: KafkaEventLog, cluster: Cluster, first: int, count: int, rate: float) -> list[float]:
    """Through `cryptoviz api` and its stream."""
    api = cluster.start_api()
    with connect(f"ws://127.0.0.1:{api.port}/api/v1/stream", compression=None) as client:
        client.send(json.dumps({"action": "subscribe", "channel": "trades"}))

        def arrived() -> int | None:
            message = json.loads(client.recv(30))
            trade_id: int | None = message["data"]["trade_id"] if message["channel"] == "trades" else None
            return trade_id

        while arrived() is not None:
            pass  # the ack
        return latencies(log, arrived, first, count, rate)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rate", type=float, default=1000)
    given = options.parse_args()
    count = int(given.seconds * given.rate)
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
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(
            Cluster(
                directory, kafka_bootstrap_servers=kafka, schema_registry_url=registry, source="kraken",
                database_url=databases.empty().render_as_string(hide_password=False),
            )
        )  # fmt: skip
        cluster.set_up()
        log = stack.enter_context(KafkaEventLog(KafkaConfig(kafka, PAIRS), RegistrySchemaIds(registry), SystemClock()))
        bare = floor(log, kafka, 10**9, count, given.rate)
        direct = ours(log, cluster, 2 * 10**9, count, given.rate)
    bare_p99 = shown("floor: a bare consumer", bare, count)
    p99 = shown("produced -> API -> WebSocket client", direct, count)
    print(f"{'p99, times the floor':<40} {p99 / bare_p99:.1f}; wanted under 300 ms: {'ok' if p99 < 300 else 'SHORT'}")


if __name__ == "__main__":
    main()
