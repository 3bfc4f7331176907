"""Looking at the log on Kafka: where its partitions begin and end."""

from collections.abc import Collection, Mapping, Sequence

from adapters.kafka.config import KafkaConfig
from adapters.kafka.offsets import Offsets
from adapters.kafka.place import name_of
from application.ports.log_inspection import PartitionFound, TopicFound
from application.ports.places import Place
from application.topics import TOPICS


class KafkaLogInspection:
    """See application.ports.log_inspection.LogInspection.

    How many bytes a topic takes is known to the brokers' log directories alone, and librdkafka cannot ask for them
    (Kafka's API DescribeLogDirs), so it is not known here.
    """

    def __init__(self, config: KafkaConfig) -> None:
        self._offsets = Offsets(config)

    def topics(self) -> Sequence[TopicFound]:
        """All topics in their order, by the watermarks of their partitions."""
        bounds = self._offsets.bounds(TOPICS)
        found: dict[str, list[PartitionFound]] = {topic: [] for topic in TOPICS}
        for (topic, number), (begin, end) in sorted(bounds.items()):
            found[topic].append(PartitionFound(number, begin, end - 1))
        return [
            TopicFound(topic, sum(one.last - one.first + 1 for one in partitions), None, partitions)
            for topic, partitions in found.items()
        ]

    def behind(self, place: Place, topics: Collection[str]) -> Mapping[str, int]:
        """How many records of each of `topics` come after a place."""
        found = dict.fromkeys(topics, 0)
        for partition, (begin, end) in self._offsets.bounds(topics).items():
            following = place.numbers.get(name_of(partition), -1) + 1
            found[partition[0]] += max(0, end - max(following, begin))
        return found
