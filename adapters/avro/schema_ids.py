"""What the codec needs of a schema registry."""

from typing import Protocol


class SchemaIds(Protocol):
    """Knows schemas by number. Safe for several threads."""

    def id_of(self, topic: str, schema_text: str) -> int:
        """The number of a topic's schema, which gets one if it has none yet."""
        ...

    def schema(self, schema_id: int) -> str:
        """The schema of that number, as JSON text. Raises LookupError for a number that nobody gave out."""
        ...
