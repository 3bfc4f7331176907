"""Schema ids in memory."""

import threading


class MemorySchemaIds:
    """Numbers schemas from 1 in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str], int] = {}
        self._schemas: dict[int, str] = {}

    def id_of(self, topic: str, schema_text: str) -> int:
        """The number of a topic's schema, which gets one if it has none yet."""
        with self._lock:
            schema_id = self._ids.setdefault((topic, schema_text), len(self._ids) + 1)
            self._schemas[schema_id] = schema_text
            return schema_id

    def schema(self, schema_id: int) -> str:
        """The schema of that number. Raises LookupError for a number that was never given out."""
        with self._lock:
            return self._schemas[schema_id]
