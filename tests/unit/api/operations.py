"""What the operator reads in the small world: its log in memory, and the house's database as if it were the session's too."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine

from adapters.memory.event_log import MemoryEventLog
from adapters.memory.log_inspection import MemoryLogInspection
from adapters.sentiment.models import sentiment_model
from adapters.sql.batches import SqlBatches
from adapters.sql.checkpoints import SqlCheckpointReads
from adapters.sql.storage_report import SqlStorageReport
from adapters.sql.stream_reads import SqlStreamReads
from application.operations.storage import Storage
from application.operations.topics import Topics, consumers_in_one_process
from application.ports.clock import Clock
from application.ports.schema_listing import SchemaVersion, Subject
from application.ports.storage_report import DiskUsage
from application.topics import TRADES
from entrypoints.api.operations import Operations
from schemas_avro import history


class Files:
    def subjects(self) -> Sequence[Subject]:
        return [Subject(f"{TRADES}-value", [SchemaVersion(1, 3, history(TRADES)[0])])]


class Disk:
    def usage(self) -> DiskUsage:
        return DiskUsage(log_bytes=1_000, free_bytes=2_000, total_bytes=3_000)


def operations_over(log: MemoryEventLog, engine: Engine, clock: Clock) -> Operations:
    return Operations(
        topics=Topics(
            MemoryLogInspection(log), SqlCheckpointReads(engine), consumers_in_one_process(sentiment_model("lexicon"))
        ),
        schemas=Files(),
        streams=SqlStreamReads([engine]),
        storage=Storage(SqlStorageReport([engine]), clock, kept={"trade_data": timedelta(days=30)}, disk=Disk()),
        batches=SqlBatches(engine),
    )
