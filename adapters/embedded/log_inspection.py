"""Looking at the embedded log: what it holds is counted once, and what was added since at each further look."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.log_file import EVENT_LOG
from application.ports.log_inspection import PartitionFound, TopicFound
from application.ports.places import Place
from application.topics import TOPICS

_SPAN = 200_000  # positions counted by one statement
_FOR_S = 1.5  # how long one look counts: millions of records take several looks


@dataclass
class _Tally:
    records: int = 0
    bytes: int = 0
    first: int = 0
    last: int = 0


class SqliteLogInspection:
    """See application.ports.log_inspection.LogInspection. Safe for several threads.

    Of a log of millions of records the first looks say None for how many they are: counting goes on at the next one.
    """

    def __init__(self, log: SqliteEventLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._forget(0)

    def topics(self) -> Sequence[TopicFound]:
        """All topics in their order; a topic has the partition 0, or none as long as it has no record."""
        with self._lock:
            is_whole = self._count()
            return [_found(topic, self._tallies[topic], is_whole=is_whole) for topic in TOPICS]

    def behind(self, place: Place, topics: Collection[str]) -> Mapping[str, int]:
        """How many records of each of `topics` come after a place."""
        after = place.numbers.get("", 0)
        columns = EVENT_LOG.c
        query = (
            select(columns.topic, func.count().label("records"))
            .where(columns.position > after, columns.topic.in_(sorted(topics)))
            .group_by(columns.topic)
        )
        found = dict.fromkeys(topics, 0)
        if after < int(self._log.head()):
            with self._log.file.reading() as connection:
                found |= {row.topic: row.records for row in connection.execute(query)}
        return found

    def _forget(self, oldest: int) -> None:
        self._oldest = oldest
        self._counted = oldest
        self._tallies = {topic: _Tally() for topic in TOPICS}

    def _count(self) -> bool:
        """Count on for a while; returns whether all has been counted."""
        oldest, head = int(self._log.oldest()), int(self._log.head())
        if oldest > self._oldest:
            self._forget(oldest)
        until = time.monotonic() + _FOR_S
        while self._counted < head:
            last = min(self._counted + _SPAN, head)
            for row in self._rows(self._counted, last):
                tally = self._tallies.get(row.topic)
                if tally is not None:  # else a newer version's topic
                    tally.first = tally.first or row.first
                    tally.last = row.last
                    tally.records += row.records
                    tally.bytes += row.bytes
            self._counted = last
            if time.monotonic() > until:
                break
        return self._counted >= head

    def _rows(self, after: int, last: int) -> Sequence[Any]:
        columns = EVENT_LOG.c
        size = func.sum(func.length(columns.value) + func.length(columns.key))
        query = (
            select(
                columns.topic,
                func.count().label("records"),
                size.label("bytes"),
                func.min(columns.position).label("first"),
                func.max(columns.position).label("last"),
            )
            .where(columns.position > after, columns.position <= last)
            .group_by(columns.topic)
        )
        with self._log.file.reading() as connection:
            return connection.execute(query).all()


def _found(topic: str, tally: _Tally, *, is_whole: bool) -> TopicFound:
    partitions = (PartitionFound(0, tally.first, tally.last),) if tally.records else ()
    if not is_whole:
        return TopicFound(topic, None, None, partitions)
    return TopicFound(topic, tally.records, tally.bytes, partitions)
