"""Reading the log from Kafka, from offsets of our own."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.errors import unavailable
from adapters.kafka.offsets import Offsets, Partition
from adapters.kafka.place import name_of, oldest_cursor
from application.ports.clock import Clock
from application.ports.event_log import (
    Cursor,
    CursorTooOld,
    LogUnavailable,
    Place,
    Position,
    Recorded,
    Unreadable,
)
from domain.admission import Admission

_SLICE_S = 0.5  # how long an unreachable broker may stay unnoticed
_END_WITHIN_S = 5.0  # for the broker to send what it has
_MOMENT_S = 0.02
_AT_ONCE = 10_000
_LOOK_EVERY_S = 5.0  # for partitions that were added
_METADATA_S = 5.0


class KafkaLogReader:
    """Reads on from one place. Not for use by several threads at once.

    What cannot be decoded, or may not be true (`domain.admission`), is handed on as Unreadable.
    """

    def __init__(
        self, config: KafkaConfig, offsets: Offsets, codec: AvroCodec, clock: Clock, starts: Mapping[Partition, int]
    ) -> None:
        self._config = config
        self._offsets = offsets
        self._codec = codec
        self._clock = clock
        self._names = {partition: name_of(partition) for partition in starts}
        self._numbers = {self._names[partition]: start - 1 for partition, start in starts.items() if start > 0}
        self._topics = frozenset(topic for topic, _ in starts)
        self._looked_at = time.monotonic()
        self._fetched = dict(starts)  # up to where everything has been fetched
        self._at_end = False  # no record has come since the end was seen
        self._taken: deque[Any] = deque()  # messages that were fetched and not handed out yet
        self._out_of_range: Partition | None = None
        self._doubt: KafkaError | None = None
        self._consumer = Consumer({**settings.consumer(config), "error_cb": self._noted})
        self._consumer.assign([TopicPartition(topic, number, start) for (topic, number), start in starts.items()])

    def read(self, *, limit: int, timeout_s: float) -> Sequence[Recorded | Unreadable]:
        """The next records of its topics, in order within a partition; waits up to `timeout_s` for the first.

        Returns nothing only after it has seen the end of the log, which takes a moment even where `timeout_s` is 0.
        Raises CursorTooOld when the place it stands at has been deleted, LogUnavailable when the log cannot be read.
        """
        began = time.monotonic()
        if began - self._looked_at > _LOOK_EVERY_S:
            self._looked_at = began
            self._take_on_new_partitions()
        if not self._taken:
            self._fetch(limit, min(timeout_s, _SLICE_S))
        while not self._taken:
            if self._out_of_range:
                raise self._reason_out_of_range(self._out_of_range)
            waited = time.monotonic() - began
            if waited < timeout_s:
                self._fetch(limit, min(timeout_s - waited, _SLICE_S))
            elif (self._at_end and timeout_s) or self._end_is_reached():
                return []
            elif waited < timeout_s + _END_WITHIN_S:
                self._fetch(limit, _MOMENT_S)
            else:
                raise LogUnavailable(
                    f"Kafka at {self._config.bootstrap_servers} has records after {self.cursor[:200]}, and sent none of "
                    f"them within {waited:.0f} s"
                )
        return self._decoded(limit)

    @property
    def cursor(self) -> Cursor:
        """The place after all that was read of its topics."""
        return Place(self._numbers).cursor

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _noted(self, error: KafkaError) -> None:
        self._doubt = error  # called from within poll

    def _fetch(self, limit: int, timeout_s: float) -> None:
        messages: list[Any] = []
        try:
            first = self._consumer.poll(timeout_s)
            if first is not None:
                messages.append(first)
                # with a timeout, consume() would wait for all of `limit`: so wait for the first, then take what is there
                messages += self._consumer.consume(min(limit, _AT_ONCE), 0)
        except KafkaException as error:
            if not messages:
                raise unavailable("cannot be read", self._config.bootstrap_servers, error) from error
        failures = [failure for message in messages if (failure := self._take(message))]
        if failures and not self._taken:
            raise unavailable("cannot be read", self._config.bootstrap_servers, failures[0])
        if messages:
            self._doubt = None
        elif self._doubt:
            self._reassure()

    def _take(self, message: Any) -> KafkaError | None:
        """Keep a message; returns its error where it is one that passes."""
        error, partition = message.error(), (message.topic(), message.partition())
        if error is None:
            self._at_end = False
            self._taken.append(message)
            self._fetched[partition] = message.offset() + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            self._fetched[partition] = message.offset()  # past the marks of transactions, which are no records
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            self._out_of_range = partition
        else:
            return error  # type: ignore[no-any-return]
        return None

    def _take_on_new_partitions(self) -> None:
        """Read partitions that were added to our topics, from their beginning."""
        counts = self._offsets.partitions()
        new = [
            (topic, number)
            for topic in self._topics
            for number in range(counts[topic])
            if (topic, number) not in self._fetched
        ]
        if not new:
            return
        try:
            for topic in {topic for topic, _ in new}:
                self._consumer.list_topics(topic, timeout=_METADATA_S)  # it would learn of them within minutes only
            self._consumer.incremental_assign([TopicPartition(topic, number, 0) for topic, number in new])
        except KafkaException as error:
            raise unavailable("cannot be read", self._config.bootstrap_servers, error) from error
        for partition in new:
            self._fetched[partition] = 0
            self._names[partition] = name_of(partition)
        self._at_end = False

    def _end_is_reached(self) -> bool:
        self._take_on_new_partitions()
        ends = self._offsets.ends(self._topics)
        self._at_end = all(self._fetched.get(partition, 0) >= end for partition, end in ends.items())
        return self._at_end

    def _reason_out_of_range(self, partition: Partition) -> Exception:
        begin, end = self._offsets.bounds([partition[0]])[partition]
        next_ = self._numbers.get(self._names[partition], -1) + 1
        if next_ < begin:
            return CursorTooOld(oldest_cursor(self._offsets))
        return LogUnavailable(
            f"partition {self._names[partition]} ends at {end}, before our place {next_}: the topic was made anew, or has "
            "lost records. Start this reader from the beginning"
        )

    def _reassure(self) -> None:
        """A connection broke and nothing has come since: ask whether the cluster still answers."""
        doubt, self._doubt = self._doubt, None
        try:
            self._consumer.list_topics(next(iter(self._names))[0], timeout=2.0)
        except KafkaException as error:
            self._doubt = doubt
            raise unavailable("cannot be read", self._config.bootstrap_servers, doubt or error) from error

    def _decoded(self, limit: int) -> list[Recorded | Unreadable]:
        admission = Admission(self._clock.now())
        found: list[Recorded | Unreadable] = []
        while self._taken and len(found) < limit:
            message = self._taken[0]
            topic, name = message.topic(), self._names[message.topic(), message.partition()]
            position, raw = Position(name, message.offset()), message.value() or b""
            try:
                event = self._codec.decode(topic, raw)
                refused = admission.refusal(event)
                found.append(Unreadable(position, topic, raw, refused) if refused else Recorded(position, topic, event))
            except Undecodable as error:
                found.append(Unreadable(position, topic, raw, str(error)))
            except LogUnavailable:  # the registry cannot be asked: the record waits
                if found:
                    break
                raise
            self._taken.popleft()
            self._numbers[name] = position.number
        return found
