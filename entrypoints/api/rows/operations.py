"""Rows of what the operator reads: topics, batches, schemas, streams, storage."""

from typing import Any

import msgspec

from application.operations.storage import Measured, StoredTable
from application.operations.topics import TopicState
from application.ports.batches import Batch
from application.ports.schema_listing import Subject
from application.ports.stream_reads import StoredEvent, StreamFound
from domain.address import without_secrets
from domain.sources import SourcesConfigured
from domain.values import rfc3339
from entrypoints.api.rows.times import rfc3339_or_null


class PartitionRow(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a partition's first and last record; `last` is `first` - 1 where it is empty."""

    partition: int
    first: int
    last: int


class ConsumerRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of the topic a reader has yet to read; null where its place is Spark's to know."""

    name: str
    lag: int | None


class TopicRow(msgspec.Struct, frozen=True, kw_only=True):
    """A topic. `records` and `bytes` (of keys and values) are null where they are not known, or are still being counted."""

    topic: str
    records: int | None
    bytes: int | None
    partitions: list[PartitionRow]
    consumers: list[ConsumerRow]


class TopicPage(msgspec.Struct, frozen=True):
    """Topics."""

    items: list[TopicRow]
    next_cursor: str | None


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that is done: `rows` records of the log."""

    job: str
    batch_id: int
    started_at: str
    duration_ms: int
    rows: int


class BatchPage(msgspec.Struct, frozen=True):
    """Batches."""

    items: list[BatchRow]
    next_cursor: str | None


class SchemaVersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a schema; `id` is null where no record was written with it."""

    version: int
    id: int | None
    schema: dict[str, Any]


class SubjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A topic's schemas, oldest first."""

    subject: str
    versions: list[SchemaVersionRow]


class SubjectPage(msgspec.Struct, frozen=True):
    """Subjects."""

    items: list[SubjectRow]
    next_cursor: str | None


class StreamRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stream: `version` is how many events it has."""

    stream: str
    version: int
    last_at: str


class StreamPage(msgspec.Struct, frozen=True):
    """Streams."""

    items: list[StreamRow]
    next_cursor: str | None


class StoredEventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is stored: `version` is its number in the stream, `event_version` that of its form."""

    version: int
    name: str
    event_version: int
    recorded_at: str
    origin: str
    data: dict[str, Any]


class StoredEventPage(msgspec.Struct, frozen=True):
    """A stream's events."""

    items: list[StoredEventRow]
    next_cursor: str | None


class TableRow(msgspec.Struct, frozen=True, kw_only=True):
    """A table. `rows` is an estimate unless `exact`, and `bytes` counts its indexes; null: not known. `days_kept` null: for ever."""

    table: str
    rows: int | None
    exact: bool
    bytes: int | None
    oldest: str | None
    newest: str | None
    days_kept: int | None


class StoragePage(msgspec.Struct, frozen=True):
    """Tables, and beside them the whole; what lies on other machines is null."""

    items: list[TableRow]
    next_cursor: str | None
    measured_at: str
    database_bytes: int
    log_bytes: int | None
    disk_free_bytes: int | None
    disk_total_bytes: int | None


def topic_row(state: TopicState) -> TopicRow:
    """One topic."""
    found = state.topic
    return TopicRow(
        topic=found.topic,
        records=found.records,
        bytes=found.bytes,
        partitions=[PartitionRow(partition=p.partition, first=p.first, last=p.last) for p in found.partitions],
        consumers=[ConsumerRow(name=lag.consumer, lag=lag.records) for lag in state.consumers],
    )


def batch_row(batch: Batch) -> BatchRow:
    """One batch."""
    return BatchRow(
        job=batch.job, batch_id=batch.batch_id, started_at=rfc3339(batch.started_at), duration_ms=batch.duration_ms,
        rows=batch.rows,
    )  # fmt: skip


def subject_row(subject: Subject) -> SubjectRow:
    """One subject."""
    return SubjectRow(
        subject=subject.subject,
        versions=[
            SchemaVersionRow(version=one.version, id=one.schema_id, schema=msgspec.json.decode(one.schema))
            for one in subject.versions
        ],
    )


def stream_row(found: StreamFound) -> StreamRow:
    """One stream."""
    return StreamRow(stream=found.stream, version=found.version, last_at=rfc3339(found.last_at))


def stored_event_row(event: StoredEvent) -> StoredEventRow:
    """One event; addresses of feeds without what may be secret in them."""
    data = msgspec.json.decode(event.payload)
    if event.name == SourcesConfigured.name and data["feeds"]:
        data["feeds"] = [{**feed, "url": without_secrets(feed["url"])} for feed in data["feeds"]]
    return StoredEventRow(
        version=event.version, name=event.name, event_version=event.event_version,
        recorded_at=rfc3339(event.recorded_at), origin=event.origin, data=data,
    )  # fmt: skip


def table_row(stored: StoredTable) -> TableRow:
    """One table."""
    found = stored.table
    return TableRow(
        table=found.table, rows=found.rows, exact=found.exact, bytes=found.bytes, oldest=rfc3339_or_null(found.oldest),
        newest=rfc3339_or_null(found.newest), days_kept=stored.kept.days if stored.kept else None,
    )  # fmt: skip


def storage_page(measured: Measured, items: list[StoredTable], next_cursor: str | None) -> StoragePage:
    """A page of tables."""
    disk = measured.disk
    return StoragePage(
        items=[table_row(one) for one in items],
        next_cursor=next_cursor,
        measured_at=rfc3339(measured.at),
        database_bytes=measured.database_bytes,
        log_bytes=disk.log_bytes if disk else None,
        disk_free_bytes=disk.free_bytes if disk else None,
        disk_total_bytes=disk.total_bytes if disk else None,
    )
