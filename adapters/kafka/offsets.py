"""Where the partitions of topics begin and end, asked in few requests."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # it is in its documentation

from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.errors import unavailable
from adapters.kafka.partitions import moved
from application.ports.event_log import LogUnavailable
from application.topics import TOPICS

Partition = tuple[str, int]
"""A topic, and the partition's number."""

_EARLIEST: Any = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]

_AGAIN_S = 0.05
_PARTITIONS_KNOWN_FOR_S = 5.0
_AGAIN_WITHIN_S = 1.0

log = structlog.get_logger(__name__)


class Offsets:
    """Asks the brokers. Safe for several threads. Raises LogUnavailable when they do not answer in time."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._admin = AdminClient(settings.client(config))
        self._partitions: Mapping[str, int] = {}
        self._asked_at = 0.0

    def partitions(self, *, at_once: bool = False) -> Mapping[str, int]:
        """How many partitions each of our topics has: as it was some seconds ago, or `at_once` as it is now.

        Partitions may be added at any time. Where the brokers do not answer, what they said before still holds.
        """
        if self._partitions and not at_once and time.monotonic() - self._asked_at < _PARTITIONS_KNOWN_FOR_S:
            return self._partitions
        timeout_s = _AGAIN_WITHIN_S if self._partitions else self._config.answer_timeout_s
        try:
            topics = self._admin.list_topics(timeout=timeout_s).topics
        except KafkaException as error:
            self._asked_at = time.monotonic()
            if self._partitions:
                return self._partitions
            raise unavailable(
                f"did not answer within {timeout_s:g} s", self._config.bootstrap_servers, error
            ) from error
        missing = [topic for topic in TOPICS if topic not in topics or topics[topic].error]
        if missing and not self._partitions:
            raise LogUnavailable(
                f"Kafka at {self._config.bootstrap_servers} has no topic {', '.join(missing)}: run `cryptoviz topics create`"
            )
        found = {topic: len(topics[topic].partitions) for topic in TOPICS if topic not in missing}
        added = {topic: count for topic, count in found.items() if 0 < self._partitions.get(topic, 0) < count}
        if added:
            log.warning("partitions were added", topics=added, pairs_that_move=self._moved(added))
        self._partitions = {**self._partitions, **found}
        self._asked_at = time.monotonic()
        return self._partitions

    def _moved(self, added: Mapping[str, int]) -> list[str]:
        placed = self._config.pairs
        pairs = {pair for topic, count in added.items() for pair in moved(placed, self._partitions[topic], count)}
        return sorted(pairs)

    def ends(self, topics: Collection[str]) -> dict[Partition, int]:
        """The offset that each partition's next record will get."""
        return self._ask(topics, _LATEST)[0]

    def begins(self, topics: Collection[str]) -> dict[Partition, int]:
        """The offset of each partition's oldest record; its end where it has none."""
        return self._ask(topics, _EARLIEST)[0]

    def at(self, topics: Collection[str], time: datetime) -> dict[Partition, int]:
        """The offset of each partition's first record that was sent at `time` or later; its end where none was."""
        since = OffsetSpec.for_timestamp(int(time.timestamp() * 1000))
        [found], ends = self._ask(topics, since, least=-1), self.ends(topics)
        return {partition: ends[partition] if offset < 0 else offset for partition, offset in found.items()}

    def bounds(self, topics: Collection[str]) -> dict[Partition, tuple[int, int]]:
        """Where each partition begins, and where it ends."""
        begins, ends = self._ask(topics, _EARLIEST, _LATEST)
        return {partition: (begins[partition], ends[partition]) for partition in begins}

    def _ask(self, topics: Collection[str], *specs: Any, least: int = 0) -> list[dict[Partition, int]]:
        counts, timeout_s = self.partitions(), self._config.answer_timeout_s
        wanted = [TopicPartition(topic, number) for topic in topics for number in range(counts[topic])]
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = max(0.1, deadline - time.monotonic())
            asked = [self._admin.list_offsets(dict.fromkeys(wanted, spec), request_timeout=left_s) for spec in specs]
            try:
                return [_answers(each, least) for each in asked]
            except KafkaException as error:  # may pass: a partition changes its leader, a connection broke
                if time.monotonic() + _AGAIN_S > deadline:
                    what = f"did not say within {timeout_s:g} s where the log begins and ends"
                    raise unavailable(what, self._config.bootstrap_servers, error) from error
            time.sleep(_AGAIN_S)
            with suppress(KafkaException):  # then the next answer says so
                # Who leads a partition now, and in which epoch: librdkafka would ask again by what it knew before.
                self._admin.list_topics(timeout=max(_AGAIN_S, deadline - time.monotonic()))


def _answers(futures: Mapping[Any, Any], least: int) -> dict[Partition, int]:
    """Raises KafkaException where a partition has no answer: librdkafka gives some of them as a negative offset.

    -1 is an answer to when something was sent: nothing was since.
    """
    found = {(asked.topic, asked.partition): future.result().offset for asked, future in futures.items()}
    if min(found.values(), default=0) < least:
        raise KafkaException(KafkaError(KafkaError._STATE, "no broker leads its partitions now"))
    return found
