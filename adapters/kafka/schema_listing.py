"""The schemas of our topics as the registry has them."""

import threading
from collections.abc import Sequence

from confluent_kafka.schema_registry import SchemaRegistryClient

from adapters.kafka.schema_registry import answer_of, registry_client, shown, subject_of
from application.ports.schema_listing import SchemaVersion, Subject
from application.topics import TOPICS


class RegistrySchemaListing:
    """See application.ports.schema_listing.SchemaListing. Others' subjects are left out. Safe for several threads."""

    def __init__(self, url: str) -> None:
        self._where = shown(url)
        self._client: SchemaRegistryClient = registry_client(url)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], SchemaVersion] = {}  # a version never changes

    def subjects(self) -> Sequence[Subject]:
        """Every version that was registered and not deleted. Raises LogUnavailable when the registry does not answer."""
        found = []
        with self._lock:
            for subject in map(subject_of, TOPICS):
                numbers: Sequence[int] | None = answer_of(self._where, self._client.get_versions, subject)
                versions = [version for number in numbers or () if (version := self._version(subject, number))]
                if versions:
                    found.append(Subject(subject, versions))
        return found

    def _version(self, subject: str, number: int) -> SchemaVersion | None:
        known = self._known.get((subject, number))
        if known is None:
            registered = answer_of(self._where, self._client.get_version, subject, number)
            if registered is None:
                return None  # deleted meanwhile
            known = SchemaVersion(number, registered.schema_id, registered.schema.schema_str)
            self._known[subject, number] = known
        return known
