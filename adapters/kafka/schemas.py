"""Our schemas in the registry: checked against what was ever written, then registered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from adapters.avro.compatibility import incompatibility
from adapters.kafka.schema_registry import answer_of, registry_client, shown, subject_of
from application.ports.event_log import LogUnavailable
from application.topics import TOPICS
from schemas_avro import history, schema_text

_BACKWARD = "BACKWARD"


@dataclass(frozen=True, slots=True)
class Registered:
    """A topic's schema in the registry; `new` when it was not there before."""

    topic: str
    schema_id: int
    version: int
    new: bool


def check_history() -> Sequence[str]:
    """A sentence for each schema that could not read, or would misread, one of its earlier versions; none if all is well."""
    found = []
    for topic in TOPICS:
        earlier = history(topic)
        if not earlier or earlier[-1] != schema_text(topic):
            found.append(
                f"{topic}: the present schema is not in its history; add it as schemas_avro/history/{topic}.v{len(earlier) + 1}.avsc"
            )
        for number, text in enumerate(earlier, 1):
            if reason := incompatibility(schema_text(topic), text):
                found.append(f"{topic}: the present schema cannot read version {number}: {reason}")
    return found


class SchemaAdmin:
    """Compares with the registry, and registers. Each call raises LogUnavailable when it does not answer."""

    def __init__(self, url: str) -> None:
        self._where = shown(url)
        self._client: SchemaRegistryClient = registry_client(url)

    def check(self) -> Sequence[str]:
        """A sentence for each schema that the registry's latest stands against."""
        found = []
        for topic in TOPICS:
            latest = answer_of(self._where, self._client.get_latest_version, subject_of(topic))
            if latest is None:
                continue
            if reason := incompatibility(schema_text(topic), latest.schema.schema_str):
                found.append(f"{topic}: our schema cannot read the registry's version {latest.version}: {reason}")
            elif not answer_of(self._where, self._client.test_compatibility, subject_of(topic), _schema(topic)):
                found.append(
                    f"{topic}: the registry {self._where} says that our schema does not fit its latest version"
                )
        return found

    def register(self) -> Sequence[Registered]:
        """Register what is missing, each subject BACKWARD. A second run changes nothing."""
        return [self._register(topic) for topic in TOPICS]

    def _register(self, topic: str) -> Registered:
        subject = subject_of(topic)
        self._hold_backward(subject)
        new = self._bring_about(
            lambda: self._found(topic) is not None,
            lambda: answer_of(self._where, self._client.register_schema, subject, _schema(topic)),
        )
        self._hold_backward(subject)  # once more: some registries know no setting of a subject without a version
        found = self._found(topic)
        if found is None:
            raise LogUnavailable(f"the schema registry {self._where} does not have {subject} though it took it")
        return Registered(topic, found.schema_id, found.version, new)

    def _found(self, topic: str) -> Any:
        return answer_of(self._where, self._client.lookup_schema, subject_of(topic), _schema(topic))

    def _hold_backward(self, subject: str) -> None:
        self._bring_about(
            lambda: answer_of(self._where, self._client.get_compatibility, subject) == _BACKWARD,
            lambda: answer_of(self._where, self._client.set_compatibility, subject, _BACKWARD),
        )

    def _bring_about(self, holds: Callable[[], bool], ask: Callable[[], object]) -> bool:
        """Ask for what does not hold yet; returns whether that was needed.

        A registry that is asked for the same twice at once may refuse one of the two, since it is there already: after
        a refusal it is looked at again.
        """
        if holds():
            return False
        try:
            ask()
        except LogUnavailable:
            if not holds():
                raise
        return True


def _schema(topic: str) -> Schema:
    return Schema(schema_text(topic), "AVRO")
