"""Looking at the log in memory."""

from collections.abc import Collection, Mapping, Sequence

from adapters.memory.event_log import MemoryEventLog
from application.ports.log_inspection import PartitionFound, TopicFound
from application.ports.places import Place
from application.topics import TOPICS


class MemoryLogInspection:
    """See application.ports.log_inspection.LogInspection. Nothing is encoded, so sizes are not known."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log

    def topics(self) -> Sequence[TopicFound]:
        """All topics in their order; a topic has the partition 0, or none as long as it has no record."""
        numbers: dict[str, list[int]] = {topic: [] for topic in TOPICS}
        for record in self._log.records():
            numbers[record.topic].append(record.position.number)
        return [
            TopicFound(topic, len(own), None, [PartitionFound(0, own[0], own[-1])] if own else [])
            for topic, own in numbers.items()
        ]

    def behind(self, place: Place, topics: Collection[str]) -> Mapping[str, int]:
        """How many records of each of `topics` come after a place."""
        waiting = [record.topic for record in self._log.records() if not place.covers(record.position)]
        return {topic: waiting.count(topic) for topic in topics}
