"""Events to bytes and back, in the wire format that schema registries share.

A value is byte 0, the schema's id in 4 bytes, big-endian, and the Avro binary of a record
(https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format).
"""

import collections.abc
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from fastavro import schemaless_reader, schemaless_writer
from fastavro.schema import SchemaParseException, parse_schema
from fastavro.types import Schema

from adapters.avro import alerting, analytics, dead_letters, market, news
from adapters.avro.errors import Undecodable, Unencodable
from adapters.avro.mapping import Mapping, Record
from adapters.avro.schema_ids import SchemaIds
from adapters.avro.schemas import differing_logical_type, event_version, same_bytes, storage_schema
from adapters.json.events import event_of, plain_value
from application.topics import EVENTS_OF
from domain.event import Event
from domain.upcasting import UnknownEvent, event_named, upcast
from schemas_avro import schema_text

_MAGIC = b"\x00"
_HEADER_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Registry:
    """What a codec knows: each topic's events and schema, and each event's mapping."""

    events_of: collections.abc.Mapping[str, tuple[type[Event], ...]]
    mappings: collections.abc.Mapping[type[Event], Mapping]
    schema_text: Callable[[str], str]


OURS = Registry(
    EVENTS_OF,
    {mapping.event: mapping for room in (market, news, alerting, analytics, dead_letters) for mapping in room.MAPPINGS},
    schema_text,
)


@dataclass(frozen=True, slots=True)
class _Writer:
    """All that is the same for each event of a type."""

    header: bytes
    schema: Schema
    mapping: Mapping


@dataclass(frozen=True, slots=True)
class _Reader:
    """All that is the same for each value of a topic written with one schema.

    `resolve_to` is None where that schema is ours, `mapping` is None for topics that carry several events. For the others
    `version` is that of the event, and `whole` the schema with its logical types.
    """

    schema: Schema
    resolve_to: Schema | None
    mapping: Mapping | None
    version: int
    whole: Schema


class AvroCodec:
    """Encodes and decodes the events of all topics. Safe for several threads."""

    def __init__(self, schema_ids: SchemaIds, registry: Registry = OURS) -> None:
        self._schema_ids = schema_ids
        self._registry = registry
        self._topics = {event: topic for topic, events in registry.events_of.items() for event in events}
        self._schemas: dict[str, Schema] = {}
        self._writers: dict[type[Event], _Writer] = {}
        self._readers: dict[tuple[str, int], _Reader] = {}

    def encode(self, event: Event) -> bytes:
        """The event as a value of its topic. Raises Unencodable for an event that does not fit its schema."""
        writer = self._writers.get(type(event)) or self._writer(event)
        buffer = BytesIO()
        buffer.write(writer.header)
        try:
            schemaless_writer(buffer, writer.schema, writer.mapping.write(event))
        except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
            raise Unencodable(f"{event.name} {event.key!r} does not fit its Avro schema: {error}") from error
        return buffer.getvalue()

    def decode(self, topic: str, data: bytes) -> Event:
        """The event of a topic's value. Raises Undecodable, saying why, for bytes that hold none."""
        if data[:1] != _MAGIC or len(data) < _HEADER_LENGTH:
            raise Undecodable(_no_header(data))
        schema_id = int.from_bytes(data[1:_HEADER_LENGTH], "big")
        reader = self._readers.get((topic, schema_id)) or self._reader(topic, schema_id)
        try:
            if reader.mapping and reader.version != reader.mapping.event.version:
                return self._earlier(topic, reader, data, schema_id)
            try:
                record = _read(data, schema_id, reader.schema, reader.resolve_to)
                mapping = reader.mapping or self._enveloped_mapping(topic, record)
            except Undecodable:
                if reader.mapping or reader.resolve_to is None:
                    raise
                mapping = None  # its schema is not ours, and does not lead there: its event and version say why
            if mapping is None:
                return self._earlier(topic, reader, data, schema_id)
            return mapping.read(record)
        except Undecodable:
            raise
        except UnknownEvent as error:
            raise Undecodable(str(error)) from error
        except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError) as error:
            # InvalidValue, a time at the edge of the calendar, or a value that no mapping foresaw
            raise Undecodable(f"the record cannot be an event: {error}") from error

    def _earlier(self, topic: str, reader: _Reader, data: bytes, schema_id: int) -> Event:
        """The event of a value that holds an earlier version of it, read by the schema that it was written with."""
        record = _read(data, schema_id, reader.whole, None)
        if reader.mapping:
            mapping, version = reader.mapping, reader.version
        else:
            events = self._registry.events_of[topic]
            event = event_named(record.get("event", events[0].name), events, f"topic {topic}")
            mapping, version = self._registry.mappings[event], record.get("version", reader.version)
        try:
            fields = plain_value(mapping.shape(record))
        except (LookupError, TypeError, AttributeError) as error:
            raise Undecodable(
                f"{mapping.event.name} version {version} has other fields than expected: {error}"
            ) from error
        return event_of(mapping.event, upcast(mapping.event, version, fields))

    def _enveloped_mapping(self, topic: str, record: Record) -> Mapping | None:
        """The mapping of a record that says which event it holds; None for another version of that event."""
        event = event_named(record["event"], self._registry.events_of[topic], f"topic {topic}")
        if "data" not in record:  # the versions of an article: all fields in one record, whichever it is
            return self._registry.mappings[event]
        if record["version"] != event.version:
            return None
        branch = record["data"][0].rpartition(".")[2]
        if branch != event.__name__:
            raise Undecodable(f"{event.name} comes with the data of {branch}: expected {event.__name__}")
        return self._registry.mappings[event]

    def _schema(self, topic: str) -> Schema:
        if topic not in self._schemas:
            self._schemas[topic] = storage_schema(self._registry.schema_text(topic))
        return self._schemas[topic]

    def _writer(self, event: Event) -> _Writer:
        mapping = self._registry.mappings.get(type(event))
        if mapping is None:
            raise Unencodable(f"no Avro mapping knows events of type {type(event).__name__}")
        topic = self._topics[type(event)]
        schema_id = self._schema_ids.id_of(topic, self._registry.schema_text(topic))
        writer = _Writer(_MAGIC + schema_id.to_bytes(4, "big"), self._schema(topic), mapping)
        self._writers[type(event)] = writer
        return writer

    def _reader(self, topic: str, schema_id: int) -> _Reader:
        events = self._registry.events_of.get(topic)
        if events is None:
            raise Undecodable(f"topic '{topic[:40]}' is unknown: expected one of {', '.join(self._registry.events_of)}")
        try:
            text = self._schema_ids.schema(schema_id)
        except LookupError:
            raise Undecodable(f"schema id {schema_id} is unknown") from None
        ours, our_text = self._schema(topic), self._registry.schema_text(topic)
        try:
            written, whole = storage_schema(text), parse_schema(json.loads(text))
            difference = differing_logical_type(text, our_text)
            expected, name, version = json.loads(our_text)["name"], json.loads(text)["name"], event_version(text)
        except (ValueError, TypeError, LookupError, SchemaParseException) as error:
            raise Undecodable(f"schema id {schema_id} is no Avro schema of a record: {error}") from error
        if name != expected:
            raise Undecodable(f"schema id {schema_id} describes a {name}: topic {topic} carries {expected}")
        if difference:
            raise Undecodable(f"schema id {schema_id} means another thing than ours: {difference}")
        reader = _Reader(
            schema=written,
            resolve_to=None if same_bytes(written, ours) else ours,
            mapping=self._registry.mappings[events[0]] if len(events) == 1 else None,
            version=version,
            whole=whole,
        )
        self._readers[topic, schema_id] = reader
        return reader


def _read(data: bytes, schema_id: int, schema: Schema, resolve_to: Schema | None) -> Any:
    body = BytesIO(data)
    body.seek(_HEADER_LENGTH)
    try:
        # return_record_name: a union's record comes as (its name, the record)
        record = schemaless_reader(body, schema, resolve_to, return_record_name=True)
    except Exception as error:  # hostile bytes make fastavro raise anything, from IndexError to MemoryError
        raise Undecodable(_no_record(data, schema_id, body.tell(), error)) from error
    if body.tell() != len(data):
        raise Undecodable(f"{len(data) - body.tell()} bytes follow the Avro record: expected none")
    return record


def _no_header(data: bytes) -> str:
    if len(data) < _HEADER_LENGTH:
        return f"the value has {len(data)} bytes: expected a magic byte 0, 4 bytes of schema id and an Avro record"
    return f"the value starts with byte {data[0]:#04x}: expected the magic byte 0 of the registry's wire format"


def _no_record(data: bytes, schema_id: int, read: int, error: Exception) -> str:
    # fastavro raises EOFError where a string was cut off, IndexError where a number was
    if isinstance(error, EOFError | IndexError) and read >= len(data):
        return f"the value of {len(data)} bytes ends within its Avro record: it was cut off"
    why = " ".join(str(error)[:200].split())
    return f"the value is not an Avro record of schema id {schema_id} ({type(error).__name__}: {why})"
