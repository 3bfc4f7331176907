"""Schemas by number, from a schema registry (Confluent's REST API, or one that speaks it)."""

import threading
import time
from typing import Any
from urllib.parse import urlsplit

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from application.ports.event_log import LogUnavailable

TIMEOUT_S = 3.0
_MISS_KEPT_S = 5.0  # a flood of records with an unknown id asks the registry no more often than that
_MISSES_KEPT = 10_000
_LARGEST_ID = 2**31 - 1  # the wire format has room for more, but registries count in Java's int
# https://docs.confluent.io/platform/current/schema-registry/develop/api.html#errors
_NO_SUBJECT, _NO_VERSION, _NO_SCHEMA, _NO_SETTING = 40401, 40402, 40403, 40408
ABSENT = (_NO_SUBJECT, _NO_VERSION, _NO_SCHEMA, _NO_SETTING)
"""The registry's words for: there is no such thing here."""


def registry_client(url: str) -> SchemaRegistryClient:
    """A client that gives up in time: by itself it would wait for ever."""
    return SchemaRegistryClient(
        {"url": url, "timeout": TIMEOUT_S, "max.retries": 1, "retries.wait.ms": 100, "retries.max.wait.ms": 200}
    )


def subject_of(topic: str) -> str:
    """The subject under which a topic's value schemas are registered."""
    return f"{topic}-value"


def shown(url: str) -> str:
    """The registry's address without the password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def answer_of(where: str, question: Any, *arguments: Any) -> Any:
    """What a registry's client returns; None where the registry at `where` has no such thing. Raises LogUnavailable."""
    try:
        return question(*arguments)
    except SchemaRegistryError as error:
        if error.error_code in ABSENT:
            return None
        raise LogUnavailable(f"the schema registry {where} refused: {error}") from error
    except Exception as error:  # its HTTP library's own, see RegistrySchemaIds
        why = " ".join(str(error)[:200].split()) or type(error).__name__
        raise LogUnavailable(f"the schema registry {where} did not answer as it should: {why}") from error


class RegistrySchemaIds:
    """Asks the registry, and remembers for ever what it said: an id never changes its meaning.

    Never registers anything. Raises LogUnavailable where the registry does not answer, or lacks a schema of ours: both
    pass, so whoever reads or writes waits. Safe for several threads.
    """

    def __init__(self, url: str) -> None:
        self._where = shown(url)
        self._client = registry_client(url)
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str], int] = {}
        self._schemas: dict[int, str] = {}
        self._missed_until: dict[int, float] = {}

    def id_of(self, topic: str, schema_text: str) -> int:
        """The number under which a topic's schema was registered."""
        known = self._ids.get((topic, schema_text))
        if known is not None:
            return known
        subject = subject_of(topic)
        try:
            found = self._client.lookup_schema(subject, Schema(schema_text, "AVRO"))
        except SchemaRegistryError as error:
            if error.error_code in ABSENT:
                raise LogUnavailable(
                    f"the schema registry {self._where} does not have our schema of {topic} (subject {subject}): "
                    "run `cryptoviz schemas register`"
                ) from error
            raise self._unavailable(error) from error
        except Exception as error:  # see _unavailable
            raise self._unavailable(error) from error
        if found.schema_id is None:
            raise self._unavailable(ValueError(f"it gave subject {subject} without an id"))
        with self._lock:
            self._ids[topic, schema_text] = found.schema_id
        return found.schema_id

    def schema(self, schema_id: int) -> str:
        """The schema of that number. Raises LookupError for one that the registry did not know a moment ago."""
        known = self._schemas.get(schema_id)
        if known is not None:
            return known
        if schema_id > _LARGEST_ID or self._missed_until.get(schema_id, 0.0) > time.monotonic():
            raise LookupError(f"no schema has the id {schema_id}")
        try:
            text = self._client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.error_code != _NO_SCHEMA:
                raise self._unavailable(error) from error
            self._missed(schema_id)
            raise LookupError(f"no schema has the id {schema_id}") from error
        except Exception as error:  # see _unavailable
            raise self._unavailable(error) from error
        if text is None:
            raise self._unavailable(ValueError(f"it gave schema {schema_id} without its text"))
        with self._lock:
            self._schemas[schema_id] = text
        return text

    def probe(self) -> None:
        """Ask whether the registry answers. Raises LogUnavailable."""
        try:
            self._client.get_subjects()
        except Exception as error:  # see _unavailable
            raise self._unavailable(error) from error

    def _missed(self, schema_id: int) -> None:
        with self._lock:
            if len(self._missed_until) >= _MISSES_KEPT:
                self._missed_until.clear()
            self._missed_until[schema_id] = time.monotonic() + _MISS_KEPT_S

    def _unavailable(self, error: Exception) -> LogUnavailable:
        """Any error of the client: it does HTTP by httpx2 or httpx, whichever it finds, and lets their errors through."""
        why = " ".join(str(error)[:200].split()) or type(error).__name__
        return LogUnavailable(f"the schema registry {self._where} did not answer as it should: {why}")
