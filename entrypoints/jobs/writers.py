"""The schemas that a topic's values are written with, by id: what Spark's decoder must be told beforehand."""

from collections.abc import Collection, Iterable, Mapping

import structlog

from adapters.avro.schema_ids import SchemaIds
from schemas_avro import schema_text

log = structlog.get_logger(__name__)


class Writers:
    """Begins with our own schema of each topic, and learns others from the good records that came with them."""

    def __init__(self, schema_ids: SchemaIds, topics: Collection[str]) -> None:
        self._schema_ids = schema_ids
        self._known: dict[str, dict[int, str]] = {topic: {} for topic in topics}

    def of(self, topic: str) -> Mapping[int, str]:
        """The schemas of a topic known so far. Raises LogUnavailable while the registry must be asked and is silent."""
        known = self._known[topic]
        if not known:
            ours = schema_text(topic)
            known[self._schema_ids.id_of(topic, ours)] = ours
        return known

    def learn(self, topic: str, ids: Iterable[int]) -> None:
        """Note that values of the topic are written with these ids, as the second look at them has proved."""
        for schema_id in ids:
            if schema_id not in self._known[topic]:
                self._known[topic][schema_id] = self._schema_ids.schema(schema_id)
                log.info("values come with another schema", topic=topic, schema_id=schema_id)
