"""Where the partitions of topics begin and end, asked in few requests."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # it is in its documentation

from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.errors import unavailable
from application.ports.event_log import LogUnavailable
from application.topics import TOPICS

Partition = tuple[str, int]
"""A topic, and the partition's number."""

_EARLIEST: Any = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]

_AGAIN_S = 0.05


class Offsets:
    """Asks the brokers. Safe for several threads. Raises LogUnavailable when they do not answer in time."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._admin = AdminClient(settings.client(config))
        self._partitions: Mapping[str, int] = {}

    def partitions(self) -> Mapping[str, int]:
        """How many partitions each of our topics has; asked once, so a log lives with what it found."""
        if not self._partitions:
            timeout_s = self._config.answer_timeout_s
            try:
                topics = self._admin.list_topics(timeout=timeout_s).topics
            except KafkaException as error:
                raise unavailable(
                    f"did not answer within {timeout_s:g} s", self._config.bootstrap_servers, error
                ) from error
            missing = [topic for topic in TOPICS if topic not in topics or topics[topic].error]
            if missing:
                raise LogUnavailable(
                    f"Kafka at {self._config.bootstrap_servers} has no topic {', '.join(missing)}: run `cryptoviz topics create`"
                )
            self._partitions = {topic: len(topics[topic].partitions) for topic in TOPICS}
        return self._partitions

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
