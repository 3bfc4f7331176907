"""The schemas that this program knows, and the ids that the embedded log gave those that records were written with."""

from collections.abc import Sequence

from sqlalchemy import select

from adapters.embedded.event_log import SqliteEventLog
from adapters.embedded.log_file import AVRO_SCHEMA
from application.ports.schema_listing import SchemaVersion, Subject
from application.topics import TOPICS
from schemas_avro import history


class SqliteSchemaListing:
    """See application.ports.schema_listing.SchemaListing. Subjects are named as a registry would."""

    def __init__(self, log: SqliteEventLog) -> None:
        self._log = log

    def subjects(self) -> Sequence[Subject]:
        """All topics' versions, from the files beside this program. Raises LogUnavailable."""
        columns = AVRO_SCHEMA.c
        with self._log.file.reading() as connection:
            rows = connection.execute(select(columns.topic, columns.schema, columns.id)).all()
        ids = {(row.topic, row.schema): row.id for row in rows}
        return [
            Subject(
                f"{topic}-value",
                [
                    SchemaVersion(number, ids.get((topic, text)), text)
                    for number, text in enumerate(history(topic), start=1)
                ],
            )
            for topic in TOPICS
        ]
