"""What tasks tell the driver: one row for each partition of a topic that they have done."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from application.ports.event_log import Recorded, Unreadable
from application.ports.places import Place

Task = Callable[[Iterable[Any]], Iterator[Any]]
"""From a partition's Arrow batches to those of its result."""

FRAME = ("topic", "partition", "offset", "value")

_HEADER = 5  # bytes in front of a record: the magic byte and the schema's id
_SCHEMA = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("last", pa.int64()),
        pa.field("records", pa.int64()),
        pa.field("stored", pa.int64()),
        pa.field("dead_letters", pa.int64()),
        pa.field("other_schemas", pa.list_(pa.int64())),
        pa.field("minutes", pa.map_(pa.string(), pa.list_(pa.int64()))),
    ]
)
_COLUMNS = (
    "topic string, partition int, last long, records long, stored long, dead_letters long, other_schemas array<long>, "
    "minutes map<string, array<long>>"
)


@dataclass
class Done:
    """A topic's partition up to offset `last`, inclusive: how many records it had, what became of them.

    `other_schemas` are ids of good records that only the second look could read; `minutes` are those of its trades, by
    pair, as their starts in microseconds since 1970.
    """

    topic: str
    partition: int
    last: int
    records: int = 0
    stored: int = 0
    dead_letters: int = 0
    other_schemas: list[int] = field(default_factory=list)
    minutes: dict[str, list[int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As places call it: `rawtrade/0`."""
        return f"{self.topic}/{self.partition}"


class Reading:
    """What a task has read of each partition so far."""

    def __init__(self) -> None:
        self._done: dict[tuple[str, int], Done] = {}

    @property
    def done(self) -> list[Done]:
        """One for each partition."""
        return list(self._done.values())

    def note(self, batch: Any) -> None:
        """Count an Arrow batch's records, and how far they reach."""
        counted = pa.Table.from_batches([batch.select(["topic", "partition", "offset"])])
        grouped = counted.group_by(["topic", "partition"]).aggregate([("offset", "max"), ("offset", "count")])
        for row in grouped.to_pylist():
            key = row["topic"], row["partition"]
            done = self._done.setdefault(key, Done(*key, last=row["offset_max"]))
            done.last = max(done.last, row["offset_max"])
            done.records += row["offset_count"]

    def of(self, record: Recorded | Unreadable) -> Done:
        """That of the partition which a noted record is of."""
        return self._done[record.topic, int(record.position.partition.rpartition("/")[2])]

    def seen_again(self, record: Recorded | Unreadable, raw: bytes | None) -> None:
        """Note which schema a record has that needed a second look, if it is good after all."""
        if isinstance(record, Recorded) and raw:
            others = self.of(record).other_schemas
            schema_id = int.from_bytes(raw[1:_HEADER], "big")
            if schema_id not in others:
                others.append(schema_id)


class SourceFailed(Exception):
    """Spark could not hand out the records of a partition: no record is to blame."""


def kept(batches: Iterable[Any], frames: list[Any]) -> Iterator[Any]:
    """The same batches; their topics, partitions, offsets and values are kept in `frames`. Raises SourceFailed."""
    source = iter(batches)
    while True:
        try:
            batch = next(source)
        except StopIteration:
            return
        except Exception as error:
            raise SourceFailed(str(error)) from error
        frames.append(batch.select(FRAME))
        yield batch


def told(done: Iterable[Done]) -> Iterator[Any]:
    """A task's result."""
    rows = [{**asdict(one), "minutes": list(one.minutes.items())} for one in done]
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=_SCHEMA)


def run_tasks(frame: DataFrame, task: Task) -> list[Done]:
    """Do a task on each partition of a frame; returns when all have been done. Raises what Spark raises."""
    return [Done(**row.asDict()) for row in frame.mapInArrow(task, _COLUMNS).collect()]


def records_of(done: Iterable[Done]) -> int:
    """How many records of the log were done."""
    return sum(one.records for one in done)


def place_after(done: Iterable[Done]) -> Place:
    """The place in the log up to which the records were done."""
    return Place({one.name: one.last for one in done})
