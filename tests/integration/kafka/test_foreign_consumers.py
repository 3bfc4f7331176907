"""Consumers that we did not write read our topics, and see the same values: one in JavaScript, one of confluent-kafka."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given, settings

from adapters.avro.codec import AvroCodec
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds, registry_client
from adapters.system.clock import SystemClock
from application.ports.event_log import Place
from application.topics import TOPICS, topic_of
from domain.event import Event
from entrypoints.local.missing import Missing
from tests import strategies
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.integration.kafka.test_poison import GOOD
from tests.servers.node import node as node_program
from tests.servers.node import node_modules
from tests.servers.running import Running

Read = Callable[[str, bytes], dict[str, Any]]
FOREIGN = Path(__file__).with_name("foreign")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def codec(registry: str) -> AvroCodec:
    return AvroCodec(RegistrySchemaIds(registry))


@pytest.fixture(scope="session")
def confluent(registry: str) -> Read:
    """confluent-kafka's own deserializer."""
    # By default it asks the registry for `associations`, which only Confluent's has.
    deserialize = AvroDeserializer(
        registry_client(registry), conf={"subject.name.strategy": topic_subject_name_strategy}
    )

    def read(topic: str, raw: bytes) -> dict[str, Any]:
        found: dict[str, Any] = deserialize(raw, SerializationContext(topic, MessageField.VALUE))
        return found

    return read


@pytest.fixture(scope="session")
def kafkajs(registry: str) -> Iterator[Read]:
    """@kafkajs/confluent-schema-registry on Node."""
    try:
        node, modules = node_program(), node_modules(FOREIGN)
    except Missing as missing:
        pytest.skip(str(missing))
    with subprocess.Popen(
        [node, str(FOREIGN / "decode.cjs"), registry], env={"NODE_PATH": str(modules), "PATH": ""},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        stdin, stdout = process.stdin, process.stdout
        assert stdin
        assert stdout

        def read(_: str, raw: bytes) -> dict[str, Any]:
            stdin.write(base64.b64encode(raw).decode() + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            assert "value" in answer, answer
            found: dict[str, Any] = unmarked(answer["value"])
            return found

        yield read
        stdin.close()
        process.wait(20)


def unmarked(value: Any) -> Any:
    """What the JavaScript consumer marked, as Python's own values."""
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if isinstance(value, dict):
        match value:
            case {"decimal": str(text)} if len(value) == 1:
                return Decimal(text)
            case {"long": str(text)} if len(value) == 1:
                return int(text)
            case {"bytes": str(text)} if len(value) == 1:
                return base64.b64decode(text)
        return {name: unmarked(item) for name, item in value.items()}
    return value


def plain(value: Any, *, micros: bool) -> Any:
    """A field of ours as a consumer sees it; times as microseconds for consumers that know no such type."""
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1) if micros else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item, micros=micros) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), micros=micros) for field in fields(value)}
    return value


def same(event: Event, record: dict[str, Any], *, micros: bool) -> None:
    """Whether a consumer's record says what the event says: every field of it that has the same name in the schema."""
    data = record.get("data", {})
    if "event" in record and len(data) == 1 and next(iter(data)).startswith("cryptoviz."):
        [data] = data.values()  # some libraries name the branch of a union
    seen = {"event_id": event.event_id, **{field.name: getattr(event, field.name) for field in fields(event)}}
    seen |= plain(seen.pop("terms"), micros=micros) if "terms" in seen and "terms" not in data else {}
    if "timestamp" in record:
        seen["timestamp"] = event.occurred_at
    values = {**record, **data}
    missing = {"occurred_at"} if "occurred_at" not in values else set()
    assert seen.keys() - values.keys() <= missing
    assert {name: values[name] for name in seen if name in values} == {
        name: plain(value, micros=micros) for name, value in seen.items() if name in values
    }


@settings(max_examples=300)
@given(event=strategies.any_events)
def test_confluents_deserializer_sees_the_same_values(event: Event, codec: AvroCodec, confluent: Read) -> None:
    same(event, confluent(topic_of(event), codec.encode(event)), micros=False)


@settings(max_examples=300)
@given(event=strategies.any_events)
def test_a_consumer_in_javascript_sees_the_same_values(event: Event, codec: AvroCodec, kafkajs: Read) -> None:
    same(event, kafkajs(topic_of(event), codec.encode(event)), micros=True)


@pytest.mark.usefixtures("log")
def test_both_read_what_lies_in_our_topics(
    broker: Running, registry: str, log: DeletableKafkaLog, confluent: Read, kafkajs: Read
) -> None:
    facts = {topic: make() for topic, make in GOOD.items()}
    place = Place.at(log.head())
    with KafkaEventLog(KafkaConfig(broker.endpoint, ()), RegistrySchemaIds(registry), SystemClock()) as writing:
        writing.append(list(facts.values()))
    consumer = Consumer({"bootstrap.servers": broker.endpoint, "group.id": "stranger", "auto.offset.reset": "error"})
    consumer.assign([TopicPartition(t, n, place.numbers.get(f"{t}/{n}", -1) + 1) for t in TOPICS for n in range(3)])
    try:
        for _ in TOPICS:
            message = consumer.poll(20)
            assert message
            assert not message.error()
            topic, raw = message.topic(), message.value()
            assert topic
            assert raw
            event = facts.pop(topic)
            assert message.key() == event.key.encode()
            same(event, confluent(topic, raw), micros=False)
            same(event, kafkajs(topic, raw), micros=True)
    finally:
        consumer.close()
