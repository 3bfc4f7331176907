"""Port: what the log holds, for those who look after it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.places import Place


@dataclass(frozen=True, slots=True)
class PartitionFound:
    """A partition's first and last record by their numbers; `last` is one less than `first` where it is empty.

    In a log with one order a topic has the partition 0, whose numbers are those of the whole log: others lie between.
    """

    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic: how many records it holds and how large their keys and values are; None where that is not known."""

    topic: str
    records: int | None
    bytes: int | None
    partitions: Sequence[PartitionFound]


class LogInspection(Protocol):
    """Looks at the log without reading its records. Both raise LogUnavailable."""

    def topics(self) -> Sequence[TopicFound]:
        """All topics of `application.topics`, in that order."""
        ...

    def behind(self, place: Place, topics: Collection[str]) -> Mapping[str, int]:
        """How many records of each of `topics` come after a place, deleted ones left out."""
        ...
