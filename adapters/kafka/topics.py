"""The topics as they must be on the brokers: made where they are missing, compared where they are not."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType  # type: ignore[attr-defined]

from adapters.kafka import config as settings
from adapters.kafka.config import LARGEST_RECORD, KafkaConfig
from adapters.kafka.errors import unavailable
from adapters.kafka.offsets import Offsets
from adapters.kafka.waiting import Say, patiently
from application.ports.event_log import LogUnavailable
from application.topics import TICKERS, TOPICS, TRADES

_DAY_MS = 86_400_000
_FOR_EVER = -1
_ANSWER_S = 3.0
_MAKE_S = 30.0
_PLENTIFUL = (TICKERS, TRADES)


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How all topics are made.

    `replication` None leaves it to the brokers' default. `retention_days` is for tickers and trades, which the store keeps
    as well; the other topics are small, and kept for ever. `compression` is a topic's compression.type; `producer` keeps
    records as they were sent.
    """

    partitions: int = 3
    replication: int | None = None
    retention_days: int = 30
    compression: str = "producer"

    def of(self, topic: str) -> dict[str, str]:
        """A topic's own configuration, by Kafka's names."""
        days = self.retention_days if topic in _PLENTIFUL else None
        made = {
            "cleanup.policy": "delete",
            "compression.type": self.compression,
            "max.message.bytes": str(LARGEST_RECORD),
            "retention.ms": str(_FOR_EVER if days is None else days * _DAY_MS),
            "retention.bytes": str(_FOR_EVER),
        }
        if self.replication and self.replication > 2:
            made["min.insync.replicas"] = "2"  # acks=all is then more than one broker's word
        return made


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic on the brokers. `retention_ms` is -1 for ever, `records` how many it holds now."""

    topic: str
    partitions: int
    replication: int
    retention_ms: int
    records: int


class TopicAdmin:
    """Makes and looks at topics. Each call raises LogUnavailable when the brokers do not answer in time."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = bootstrap_servers
        self._config = KafkaConfig(bootstrap_servers, ())
        self._admin = AdminClient(settings.client(self._config))

    def create(self, wanted: TopicSettings, *, wait_s: float, say: Say) -> Sequence[str]:
        """Make the topics that are missing, and wait until they can be written; returns their names.

        Waits up to `wait_s` seconds for brokers that are starting.
        """
        missing = patiently("the brokers", self._missing, wait_s=wait_s, say=say)
        new = [
            NewTopic(
                topic,
                num_partitions=wanted.partitions,
                replication_factor=wanted.replication or -1,
                config=wanted.of(topic),
            )
            for topic in missing
        ]
        if new:
            for topic, future in self._admin.create_topics(new, operation_timeout=_MAKE_S).items():
                self._result(f"could not make topic {topic}", future, passing=KafkaError.TOPIC_ALREADY_EXISTS)
            self._wait_for_leaders()
        return missing

    def differences(self, wanted: TopicSettings) -> Sequence[str]:
        """A sentence for each way in which a topic is not as it should be: what it is, what was expected, what to do."""
        topics = self._metadata()
        present = [topic for topic in TOPICS if topic in topics]
        return [
            sentence
            for topic, made in self._configurations(present).items()
            for sentence in _compared(topic, topics[topic], made, wanted, self._servers)
        ]

    def found(self) -> Sequence[TopicFound]:
        """Our topics as they are."""
        topics = self._metadata()
        present = [topic for topic in TOPICS if topic in topics]
        configurations = self._configurations(present)
        records = dict.fromkeys(TOPICS, 0)
        if len(present) == len(TOPICS):
            for (topic, _), (begin, end) in Offsets(self._config).bounds(TOPICS).items():
                records[topic] += end - begin
        return [
            TopicFound(
                topic,
                len(topics[topic].partitions),
                _replication(topics[topic]),
                int(configurations[topic]["retention.ms"]),
                records[topic],
            )
            for topic in present
        ]

    def _missing(self) -> list[str]:
        topics = self._metadata()
        return [topic for topic in TOPICS if topic not in topics]

    def _metadata(self) -> Mapping[str, Any]:
        try:
            topics = self._admin.list_topics(timeout=_ANSWER_S).topics
        except KafkaException as error:
            raise unavailable(f"did not answer within {_ANSWER_S:g} s", self._servers, error) from error
        return {name: topic for name, topic in topics.items() if topic.error is None}

    def _wait_for_leaders(self) -> None:
        deadline = time.monotonic() + _MAKE_S
        while True:
            topics = self._metadata()
            ready = [t for t in TOPICS if t in topics and all(p.leader >= 0 for p in topics[t].partitions.values())]
            if len(ready) == len(TOPICS):
                return
            if time.monotonic() > deadline:
                waiting = ", ".join(sorted(set(TOPICS) - set(ready)))
                raise LogUnavailable(f"Kafka at {self._servers} gave {waiting} no leader within {_MAKE_S:g} s")
            time.sleep(0.1)

    def _configurations(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        if not topics:
            return {}
        asked = {ConfigResource(ResourceType.TOPIC, topic): topic for topic in topics}
        found: dict[str, dict[str, str]] = {}
        for resource, future in self._admin.describe_configs(list(asked), request_timeout=_ANSWER_S).items():
            topic = asked[resource]
            entries = self._result(f"did not say how topic {topic} is configured", future)
            found[topic] = {name: entry.value for name, entry in entries.items()}
        return found

    def _result(self, what: str, future: Any, *, passing: int | None = None) -> Any:
        try:
            return future.result()
        except KafkaException as error:
            if error.args[0].code() == passing:
                return None
            raise unavailable(what, self._servers, error) from error


def _compared(topic: str, found: Any, made: Mapping[str, str], wanted: TopicSettings, servers: str) -> Sequence[str]:
    told = []
    if len(found.partitions) != wanted.partitions:
        told.append(
            f"topic {topic} has {len(found.partitions)} partitions, expected {wanted.partitions}: give --partitions "
            f"{len(found.partitions)}, or delete the topic with all its records and run this again; adding partitions "
            "would tear keys apart from their earlier records"
        )
    if wanted.replication and _replication(found) != wanted.replication:
        told.append(
            f"topic {topic} has {_replication(found)} replicas, expected {wanted.replication}: move its partitions with "
            "kafka-reassign-partitions.sh"
        )
    changed = [name for name, value in wanted.of(topic).items() if not _does(name, made.get(name), value)]
    if changed:
        is_, expected = (
            ", ".join(f"{name}={values.get(name)}" for name in changed) for values in (made, wanted.of(topic))
        )
        told.append(
            f"topic {topic} has {is_}, expected {expected}: change it with kafka-configs.sh --bootstrap-server {servers} "
            f"--entity-type topics --entity-name {topic} --alter --add-config {expected.replace(', ', ',')}"
        )
    return told


def _does(name: str, made: str | None, wanted: str) -> bool:
    """Whether a topic's setting is what was wanted; a topic that takes larger records than ours is as good."""
    return made == wanted or (name == "max.message.bytes" and made is not None and int(made) > int(wanted))


def _replication(found: Any) -> int:
    return max((len(partition.replicas) for partition in found.partitions.values()), default=0)
