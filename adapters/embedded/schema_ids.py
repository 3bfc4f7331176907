"""Ids of the Avro schemas that the embedded log's values were written with, kept beside them."""

import hashlib
import threading

from sqlalchemy import insert, select

from adapters.embedded.log_file import AVRO_SCHEMA, LogFile


class SqliteSchemaIds:
    """Numbers schemas in the log's own file. Raises LogUnavailable where that cannot be read or written."""

    def __init__(self, file: LogFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._schemas: dict[int, str] = {}

    def id_of(self, topic: str, schema_text: str) -> int:
        """The number of a topic's schema, which gets one if it has none yet."""
        fingerprint = hashlib.sha256(f"{topic}\n{schema_text}".encode()).hexdigest()
        known = select(AVRO_SCHEMA.c.id).where(AVRO_SCHEMA.c.fingerprint == fingerprint)
        with self._lock, self._file.writing() as connection:
            schema_id = connection.execute(known).scalar()
            if schema_id is None:
                values = {"topic": topic, "fingerprint": fingerprint, "schema": schema_text}
                schema_id = connection.execute(insert(AVRO_SCHEMA).returning(AVRO_SCHEMA.c.id), values).scalar_one()
        return int(schema_id)

    def schema(self, schema_id: int) -> str:
        """The schema of that number. Raises LookupError for a number that was never given out."""
        with self._lock:
            if schema_id not in self._schemas:
                with self._file.reading() as connection:
                    text = connection.execute(
                        select(AVRO_SCHEMA.c.schema).where(AVRO_SCHEMA.c.id == schema_id)
                    ).scalar()
                if text is None:
                    raise LookupError(f"no schema has the id {schema_id}")
                self._schemas[schema_id] = text
            return self._schemas[schema_id]
