"""In which partition the newest records of each key lie."""

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.errors import unavailable
from adapters.kafka.offsets import Offsets

_RECORDS = 500  # of each partition: the pairs that trade at all are among them
_WITHIN_S = 5.0


def partitions_of_newest(config: KafkaConfig, offsets: Offsets, topic: str) -> Mapping[str, int]:
    """For each key among a topic's newest records, the partition of the newest one. Raises LogUnavailable."""
    bounds = offsets.bounds([topic])
    wanted = {number: end for (_, number), (begin, end) in bounds.items() if end > begin}
    if not wanted:
        return {}
    newest: dict[str, tuple[int, int]] = {}
    consumer = Consumer(settings.consumer(config))
    try:
        begins = {number: max(bounds[topic, number][0], end - _RECORDS) for number, end in wanted.items()}
        consumer.assign([TopicPartition(topic, number, begin) for number, begin in begins.items()])
        deadline = time.monotonic() + _WITHIN_S
        while wanted and time.monotonic() < deadline:
            for message in consumer.consume(1_000, 0.1):
                number = message.partition()
                offset = message.offset()
                if number is None or offset is None:
                    continue
                key = message.key()
                if message.error() is None and key is not None:
                    sent = (message.timestamp()[1], number)
                    name = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
                    newest[name] = max(newest.get(name, sent), sent)
                if offset + 1 >= wanted.get(number, 0):
                    wanted.pop(number, None)
    except KafkaException as error:
        raise unavailable("cannot be read", config.bootstrap_servers, error) from error
    finally:
        consumer.close()
    return {key: number for key, (_, number) in newest.items()}
