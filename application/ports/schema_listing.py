"""Port: the schemas of the log's records, version by version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """One version: `schema_id` stands in front of the records that were written with it, None where none was."""

    version: int
    schema_id: int | None
    schema: str
    """JSON text."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic's schemas, such as `rawtrade-value`, oldest first."""

    subject: str
    versions: Sequence[SchemaVersion]


class SchemaListing(Protocol):
    """Lists what is registered for our topics."""

    def subjects(self) -> Sequence[Subject]:
        """In the order of `application.topics`; topics without a schema are left out. Raises LogUnavailable."""
        ...
