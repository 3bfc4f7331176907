"""Trades -> Kafka: encoded, framed, keyed, acknowledged by all replicas; against its floor and its peer.

    uv run python -m benchmarks.kafka [--trades 40000] [--rounds 7]

The floor encodes the same records with fastavro by the same schema (Decimals and datetimes, by its own logical types)
and produces them with the same settings, but never waits before the end: the aim is 0.7 of it. Ours appends 2,000 at a
time, as the feed does, and goes on when they are acknowledged. The peer is cryptofeed 2.4.1's Kafka backend on the same
trades, in JSON, with its defaults (acks=1): the aim is 20 times that. All take turns within each round.

The broker is that of CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS, else one of its own, gone afterwards.
"""

import argparse
import io
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.partitions import partition_of
from adapters.kafka.topics import TopicAdmin, TopicSettings
from adapters.memory.schema_ids import MemorySchemaIds
from adapters.system.clock import SystemClock
from application.topics import TRADES
from benchmarks.frames import CACHE, PEER
from benchmarks.report import line, ratio
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side
from entrypoints.local import kafka as local
from entrypoints.local.service import free_port
from schemas_avro import schema_text
from tests.servers.running import Running

PAIRS = tuple(Pair(f"{base}/USD") for base in ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "DOT", "LINK"))
BATCH, PEERS_TRADES = 2_000, 2_000
PARTITIONS = 3
Round = Callable[[], float]
"""Does it once: how many trades a second."""


@contextmanager
def broker() -> Iterator[str]:
    given = os.environ.get("CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        service = local.service(local.provide(print), Path(folder), free_port(), free_port())
        server = Running(service)
        server.start()
        try:
            yield server.endpoint
        finally:
            server.stop()


def made_trades(count: int) -> list[TradeExecuted]:
    chance, at = random.Random(7), datetime.now(UTC) - timedelta(hours=1)
    ids, made = dict.fromkeys(PAIRS, 0), []
    for _ in range(count):
        pair = chance.choice(PAIRS)
        ids[pair] += 1
        at += timedelta(microseconds=chance.randrange(1, 20_000))
        made.append(
            TradeExecuted(
                venue="kraken", pair=pair, trade_id=ids[pair], price=Decimal(chance.randrange(1, 10**7)) / 10,
                volume=Decimal(chance.randrange(1, 10**10)) / 10**8, side=chance.choice(list(Side)),
                order_type=chance.choice(("market", "limit")), occurred_at=at, recorded_at=at + timedelta(milliseconds=20),
                origin=Origin.LIVE,
            )
        )  # fmt: skip
    return made


def ours(log: KafkaEventLog, trades: list[TradeExecuted]) -> Round:
    def run() -> float:
        began = time.perf_counter()
        for start in range(0, len(trades), BATCH):
            log.append(trades[start : start + BATCH])
        return len(trades) / (time.perf_counter() - began)

    return run


def floor(config: KafkaConfig, trades: list[TradeExecuted]) -> Round:
    schema = fastavro.parse_schema(json.loads(schema_text(TRADES)))
    records: list[tuple[str, int, dict[str, Any]]] = [
        (
            trade.pair,
            partition_of(trade.pair, PAIRS, PARTITIONS),
            {
                "event_id": trade.event_id, "recorded_at": trade.recorded_at, "origin": trade.origin.value,
                "venue": trade.venue, "pair": str(trade.pair), "price": trade.price, "volume": trade.volume,
                "timestamp": trade.occurred_at, "side": trade.side.value if trade.side else None,
                "trade_id": trade.trade_id, "order_type": trade.order_type,
            },
        )
        for trade in trades
    ]  # fmt: skip
    producer = Producer(settings.producer(config))
    header = b"\x00\x00\x00\x00\x01"

    def run() -> float:
        began = time.perf_counter()
        for key, partition, record in records:
            buffer = io.BytesIO()
            buffer.write(header)
            fastavro.schemaless_writer(buffer, schema, record)
            producer.produce(TRADES, buffer.getvalue(), key, partition)
        assert producer.flush(60) == 0
        return len(records) / (time.perf_counter() - began)

    return run


class Peer:
    """cryptofeed under an interpreter of its own, set up once in `.cache/benchmarks`."""

    def __init__(self, servers: str, trades: list[TradeExecuted]) -> None:
        python = CACHE / "cryptofeed-kafka" / "bin" / "python"
        if not python.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            subprocess.run(["uv", "venv", "--quiet", "--python", "3.11", str(python.parent.parent)], check=True)
            subprocess.run(
                ["uv", "pip", "install", "--quiet", "--python", str(python), PEER, "aiokafka==0.14.0"], check=True
            )
        names = sorted({f"trades-KRAKEN-{trade.pair.slug}" for trade in trades})
        admin = AdminClient({"bootstrap.servers": servers})
        for future in admin.create_topics([NewTopic(name, 1, 1) for name in names]).values():
            future.exception()  # of an earlier run: it is there
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name("kafka_peer.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        rows = [
            [
                t.pair.slug,
                t.side and t.side.name.lower(),
                str(t.volume),
                str(t.price),
                t.occurred_at.timestamp(),
                t.trade_id,
            ]
            for t in trades
        ]
        assert self._ask(json.dumps([servers, rows])) == "ready"

    def run(self) -> float:
        count, seconds = json.loads(self._ask("go"))
        return float(count / seconds)

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, said: str) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(said + "\n")
        stdin.flush()
        return stdout.readline().strip()


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trades", type=int, default=40_000)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    trades = made_trades(chosen.trades)
    with broker() as servers:
        TopicAdmin(servers).create(TopicSettings(partitions=PARTITIONS), wait_s=30, say=print)
        config = KafkaConfig(servers, PAIRS)
        with KafkaEventLog(config, MemorySchemaIds(), SystemClock()) as log:
            peer = Peer(servers, trades[:PEERS_TRADES])
            runs: dict[str, Round] = {"ours": ours(log, trades), "floor": floor(config, trades), "peer": peer.run}
            for run in runs.values():  # warm
                run()
            rates: dict[str, list[float]] = {name: [] for name in runs}
            for _ in range(chosen.rounds):
                for name, run in runs.items():
                    rates[name].append(run())
            peer.close()
    print(line("ours: append, 2,000 at a time, acknowledged", rates["ours"], "trades/s"))
    print(line("floor: bare fastavro and produce", rates["floor"], "trades/s"))
    print(line(f"peer: {PEER}, TradeKafka", rates["peer"], "trades/s"))
    print(ratio("to the floor", rates["ours"], rates["floor"], 0.7))
    print(ratio("to the peer", rates["ours"], rates["peer"], 20))


if __name__ == "__main__":
    main()
