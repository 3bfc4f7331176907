"""What the operator reads of a session's log and database, handed in."""

from dataclasses import dataclass

from application.operations.storage import Storage
from application.operations.topics import Topics
from application.ports.batches import BatchLog
from application.ports.schema_listing import SchemaListing
from application.ports.stream_reads import StreamReads


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """One session's."""

    topics: Topics
    schemas: SchemaListing
    streams: StreamReads
    storage: Storage
    batches: BatchLog
