"""How we talk to Kafka. The names of the settings are librdkafka's (its CONFIGURATION.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.values import Pair

LARGEST_RECORD = 20 * 1024 * 1024
"""Bytes: a dead letter carries a whole frame, and Kraken's may have 16 MiB. The topics are made to take it."""


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """Where Kafka is, which pairs are placed by hand, and how long it may take to acknowledge what was appended."""

    bootstrap_servers: str
    pairs: Sequence[Pair]
    delivery_timeout_s: float = 20.0
    answer_timeout_s: float = 5.0
    """How long the brokers may take to say where a log begins and ends."""


def client(config: KafkaConfig) -> dict[str, Any]:
    """What all clients have in common: they notice soon that a broker is gone, and soon that it is back."""
    return {
        "bootstrap.servers": config.bootstrap_servers,
        "client.id": "cryptoviz",
        "socket.timeout.ms": 10_000,
        "socket.connection.setup.timeout.ms": 5_000,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1_000,
        "log_level": 0,  # librdkafka writes on standard error; what goes wrong reaches us as errors, and we say it
    }


def producer(config: KafkaConfig) -> dict[str, Any]:
    """Nothing lost, nothing twice within a connection, order kept: idempotence implies acks=all and unlimited retries."""
    return {
        **client(config),
        "enable.idempotence": True,
        "acks": "all",
        "delivery.timeout.ms": int(config.delivery_timeout_s * 1000),
        "request.timeout.ms": min(10_000, int(config.delivery_timeout_s * 1000)),
        "compression.type": "zstd",  # smaller than lz4, for hardly more of our time
        "linger.ms": 5,
        "message.max.bytes": LARGEST_RECORD,
        "queue.buffering.max.messages": 100_000,
        "queue.buffering.max.kbytes": 65_536,
        "delivery.report.only.error": True,
    }


def consumer(config: KafkaConfig) -> dict[str, Any]:
    """Reads where it is told to, and says so when that is gone. Places are saved by who reads, never in Kafka."""
    return {
        **client(config),
        "group.id": "cryptoviz",  # the library insists on one; no group is joined and nothing committed to it
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 32_768,
        "fetch.queue.backoff.ms": 20,
        "fetch.error.backoff.ms": 100,
    }
