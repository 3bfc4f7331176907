"""Records to Kafka, acknowledged by all in-sync replicas before the caller goes on."""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.errors import reason_of, unavailable
from application.ports.event_log import LogUnavailable

log = structlog.get_logger(__name__)

_GRACE_S = 5.0  # librdkafka looks for messages whose time is up once a second


class Outgoing(NamedTuple):
    """A record on its way."""

    topic: str
    partition: int
    key: str
    value: bytes


class DurableProducer:
    """One batch at a time: sent, and waited for. Safe for several threads, which take turns."""

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._producer: Producer | None = None
        self._last_error: KafkaError | None = None

    def learn_of_partitions(self) -> None:
        """Ask for the topics' partitions: by itself it would find out minutes after some were added."""
        with self._lock:
            if self._producer is None:
                return
            try:
                self._producer.list_topics(timeout=self._config.answer_timeout_s)
            except KafkaException as error:
                raise unavailable("does not name its partitions", self._config.bootstrap_servers, error) from error

    def send(self, records: Sequence[Outgoing]) -> None:
        """Send records in order; returns when all are acknowledged.

        Raises LogUnavailable when Kafka did not take all of them in time: some may be there then.
        """
        failures: list[KafkaError] = []

        def reported(error: KafkaError | None, _message: Any) -> None:
            if error is not None:
                failures.append(error)

        with self._lock:
            producer = self._open()
            try:
                for topic, partition, key, value in records:
                    _produce(producer, topic, partition, key, value, reported)
                    if failures:
                        break
            except KafkaException as error:
                failures.append(error.args[0])
            left = producer.flush(self._config.delivery_timeout_s + _GRACE_S)
            if failures or left:
                self._give_up_if_broken(producer, failures, left)
                raise self._unavailable(len(records), failures)
            self._last_error = None

    def close(self) -> None:
        """Send what is under way, and disconnect."""
        with self._lock:
            if self._producer is not None:
                self._producer.flush(self._config.delivery_timeout_s)
                self._producer = None

    def _open(self) -> Producer:
        if self._producer is None:
            self._producer = Producer({**settings.producer(self._config), "error_cb": self._noted})
        return self._producer

    def _noted(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN or self._last_error is None:  # what came before says why
            self._last_error = error

    def _give_up_if_broken(self, producer: Producer, failures: Sequence[KafkaError], left: int) -> None:
        """After a fatal error an idempotent producer sends nothing any more: the next batch gets a new one."""
        fatal = next((error for error in (*failures, self._last_error) if error is not None and error.fatal()), None)
        if fatal or left:
            log.error("the Kafka producer is made anew", reason=reason_of(fatal) if fatal else f"{left} records stuck")
            producer.purge()
            self._producer = None

    def _unavailable(self, count: int, failures: Sequence[KafkaError]) -> LogUnavailable:
        first = failures[0] if failures else None
        timed_out = first is None or first.code() == KafkaError._MSG_TIMED_OUT
        cause = self._last_error if timed_out and self._last_error else first
        what = f"did not acknowledge {count:,} records within {self._config.delivery_timeout_s:g} s"
        if cause is None:
            return LogUnavailable(f"Kafka at {self._config.bootstrap_servers} {what}")
        return unavailable(
            what if timed_out else f"refused some of {count:,} records", self._config.bootstrap_servers, cause
        )


def _produce(producer: Producer, topic: str, partition: int, key: str, value: bytes, reported: Any) -> None:
    while True:
        try:
            producer.produce(topic, value, key, partition, reported)
        except (
            BufferError
        ):  # full: the caller waits, and so does who fills its queue; nothing stays longer than its time
            producer.poll(0.1)
        else:
            return
