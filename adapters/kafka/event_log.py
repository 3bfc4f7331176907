"""The event log on Kafka: one topic a kind of fact, its key in one partition, its value in the registry's wire format."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Unencodable
from adapters.avro.schema_ids import SchemaIds
from adapters.kafka.config import LARGEST_RECORD, KafkaConfig
from adapters.kafka.log_reader import KafkaLogReader
from adapters.kafka.newest import partitions_of_newest
from adapters.kafka.offsets import Offsets
from adapters.kafka.partitions import partition_of
from adapters.kafka.place import oldest_cursor, place_before, starts
from adapters.kafka.producer import DurableProducer, Outgoing
from application.ports.clock import Clock
from application.ports.event_log import Cursor
from application.topics import TRADES, topic_of
from domain.event import Event

_CLOCKS_DIFFER = timedelta(minutes=1)
_FRAMING = 1024  # bytes at most that Kafka adds to a record, its key included


class KafkaEventLog:
    """Appends with acknowledgements of all in-sync replicas, reads from places of our own. Safe for several threads.

    Connects when it is first used. Each call raises LogUnavailable in bounded time while Kafka or the schema registry
    is away, and works again when they are back.
    """

    def __init__(self, config: KafkaConfig, schema_ids: SchemaIds, clock: Clock) -> None:
        self._config = config
        self.codec = AvroCodec(schema_ids)
        self._clock = clock
        self._offsets = Offsets(config)
        self._producer = DurableProducer(config)
        self._counts: Mapping[str, int] = {}  # for which the producer knows the partitions

    def append(self, events: Sequence[Event]) -> None:
        """Append events; they are replicated when it returns. Nothing is appended when one cannot be encoded.

        Raises LogUnavailable (some may be in the log then, and appending all again is right), and Unencodable for an
        event that does not fit its schema or is larger than the topics take.
        """
        if not events:
            return
        counts, placed = self._offsets.partitions(), self._config.pairs
        if counts != self._counts:
            if self._counts:
                self._producer.learn_of_partitions()
            self._counts = counts
        partitions: dict[tuple[str, str], int] = {}
        records = []
        for event in events:
            topic, key, value = topic_of(event), event.key, self.codec.encode(event)
            if len(value) > LARGEST_RECORD - _FRAMING:
                raise Unencodable(f"{event.name} {key[:80]!r} has {len(value):,} bytes: expected at most 20 MiB")
            partition = partitions.get((topic, key))
            if partition is None:
                partition = partitions[topic, key] = partition_of(key, placed, counts[topic])
            records.append(Outgoing(topic, partition, key, value))
        self._producer.send(records)

    def value_of(self, event: Event) -> bytes:
        """The bytes that the log keeps for an event. Raises Unencodable, LogUnavailable."""
        return self.codec.encode(event)

    def reader(self, topics: Collection[str], *, after: Cursor) -> KafkaLogReader:
        """Read `topics` from the place after `after`. Raises InvalidCursor, CursorTooOld, LogUnavailable."""
        first = starts(after, topics, self._offsets)
        return KafkaLogReader(self._config, self._offsets, self.codec, self._clock, first)

    def head(self) -> Cursor:
        """The place after the newest record of every partition. Raises LogUnavailable."""
        return place_before(self._offsets.ends(self._offsets.partitions())).cursor

    def oldest(self) -> Cursor:
        """The oldest place that can still be read from. Raises LogUnavailable."""
        return oldest_cursor(self._offsets)

    def before(self, time: datetime) -> Cursor:
        """A place before all that was recorded at `time` or later. Raises LogUnavailable.

        By the times at which producers sent: nothing is recorded after it was sent, but for clocks that differ.
        """
        return place_before(self._offsets.at(self._offsets.partitions(), time - _CLOCKS_DIFFER)).cursor

    def moved_pairs(self) -> Mapping[str, tuple[int, int]]:
        """The placed pairs whose newest trades lie in another partition than their next ones: (the old, the new).

        That is so when the order of the pairs, or the number of partitions, has changed. Raises LogUnavailable.
        """
        lie = partitions_of_newest(self._config, self._offsets, TRADES)
        count = self._offsets.partitions()[TRADES]
        go = {pair: partition_of(pair, self._config.pairs, count) for pair in self._config.pairs if pair in lie}
        return {pair: (lie[pair], partition) for pair, partition in go.items() if partition != lie[pair]}

    def close(self) -> None:
        """Send what is under way, and disconnect. Readers are closed by those who opened them."""
        self._producer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
