"""What tasks tell the driver: one row for each partition of a topic that they have done."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from application.ports.places import Place

Task = Callable[[Iterator[Any]], Iterator[Any]]
"""From a partition's Arrow batches to those of its result."""

_SCHEMA = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("last", pa.int64()),
        pa.field("records", pa.int64()),
        pa.field("stored", pa.int64()),
        pa.field("dead_letters", pa.int64()),
        pa.field("other_schemas", pa.list_(pa.int64())),
    ]
)
_COLUMNS = (
    "topic string, partition int, last long, records long, stored long, dead_letters long, other_schemas array<long>"
)


@dataclass
class Done:
    """A topic's partition up to offset `last`, inclusive: how many records it had, what became of them.

    `other_schemas` are ids of good records that only the second look could read.
    """

    topic: str
    partition: int
    last: int
    records: int = 0
    stored: int = 0
    dead_letters: int = 0
    other_schemas: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As places call it: `rawtrade/0`."""
        return f"{self.topic}/{self.partition}"


def told(done: Iterable[Done]) -> Iterator[Any]:
    """A task's result."""
    rows = [asdict(one) for one in done]
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=_SCHEMA)


def run_tasks(frame: DataFrame, task: Task) -> list[Done]:
    """Do a task on each partition of a frame; returns when all have been done. Raises what Spark raises."""
    return [Done(**row.asDict()) for row in frame.mapInArrow(task, _COLUMNS).collect()]


def place_after(done: Iterable[Done]) -> Place:
    """The place in the log up to which the records were done."""
    return Place({one.name: one.last for one in done})
