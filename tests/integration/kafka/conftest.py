"""A log on Kafka for each test: the topics have fixed names, so a broker of our own, and they are emptied in between."""

from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schemas import SchemaAdmin
from adapters.kafka.topics import TopicAdmin, TopicSettings
from adapters.memory.schema_ids import MemorySchemaIds
from adapters.system.clock import SystemClock
from application.ports.event_log import Cursor, Place
from application.topics import TOPICS
from tests.facts import BTC, ETH
from tests.servers.running import Running
from tests.servers.stack import own_server


class DeletableKafkaLog(KafkaEventLog):
    """With a way to delete old records by hand."""

    def delete_before(self, cursor: Cursor) -> None:
        begins = {f"{topic}/{number}": begin for (topic, number), begin in self._offsets.begins(TOPICS).items()}
        wanted = []
        for name, number in Place.at(cursor).numbers.items():
            if number + 1 > begins[name]:
                topic, _, partition = name.rpartition("/")
                wanted.append(TopicPartition(topic, int(partition), number + 1))
        for future in (self._offsets._admin.delete_records(wanted) if wanted else {}).values():
            future.result()


def kafka_log(bootstrap_servers: str, **settings: float) -> DeletableKafkaLog:
    """A log whose schemas are numbered in memory."""
    return DeletableKafkaLog(KafkaConfig(bootstrap_servers, (BTC, ETH), **settings), MemorySchemaIds(), SystemClock())


@pytest.fixture(scope="session")
def broker(pytestconfig: pytest.Config) -> Iterator[Running]:
    """A broker with our topics, of this process's tests alone."""
    with own_server(pytestconfig, "kafka") as server:
        assert TopicAdmin(server.endpoint).create(TopicSettings(), wait_s=30, say=print) == list(TOPICS)
        yield server


@pytest.fixture
def log(broker: Running) -> Iterator[DeletableKafkaLog]:
    """An empty log."""
    with kafka_log(broker.endpoint) as log:
        log.delete_before(log.head())
        yield log


@pytest.fixture(scope="session")
def registry(schema_registry: str) -> str:
    """URL of a registry that has our schemas."""
    SchemaAdmin(schema_registry).register()
    return schema_registry
