"""Schemas may only change so that everything written with an earlier version is read, and means what it meant."""

import copy
import io
import json
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from adapters.avro.compatibility import incompatibility
from application.topics import FEED_EVENTS, TOPICS, TRADES
from schemas_avro import history, schema_text

Schema = dict[str, Any]


@pytest.mark.parametrize("topic", TOPICS)
def test_the_present_schema_is_the_newest_of_its_history(topic: str) -> None:
    assert history(topic), f"schemas_avro/history has no {topic}.v1.avsc"
    assert history(topic)[-1] == schema_text(topic), (
        f"{topic}.avsc was changed: add it to schemas_avro/history as {topic}.v{len(history(topic)) + 1}.avsc"
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_every_schema_reads_all_its_earlier_versions(topic: str) -> None:
    for number, earlier in enumerate(history(topic), 1):
        assert incompatibility(schema_text(topic), earlier) is None, f"{topic}.v{number}"


def changed(topic: str, change: Callable[[Schema], Any]) -> str:
    schema = copy.deepcopy(json.loads(schema_text(topic)))
    change(schema)
    return json.dumps(schema)


def field(schema: Schema, name: str) -> Schema:
    found: Schema = next(field for field in schema["fields"] if field["name"] == name)
    return found


def add(schema: Schema, **new: Any) -> None:
    schema["fields"].append({"name": "fee", "doc": "new", **new})


def branch(schema: Schema, name: str) -> Schema:
    found: Schema = next(branch for branch in field(schema, "data")["type"] if branch["name"] == name)
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: add(schema, type=["null", "string"], default=None),
        lambda schema: schema["fields"].remove(field(schema, "order_type")),
        lambda schema: schema["fields"].reverse(),
        lambda schema: schema.update(doc="Other words."),
        lambda schema: field(schema, "trade_id").update(type=["null", "long"]),
    ],
    ids=["a new field with a default", "a field less", "another order", "other docs", "may now be null"],
)
def test_changes_that_older_records_survive(change: Callable[[Schema], Any]) -> None:
    new = changed(TRADES, change)
    assert incompatibility(new, schema_text(TRADES)) is None
    assert read_with(new, schema_text(TRADES))


@pytest.mark.parametrize(
    ("topic", "change", "expected"),
    [
        (TRADES, lambda s: add(s, type="string"), "RawTrade.fee is new and has no default for older records"),
        (TRADES, lambda s: field(s, "trade_id").update(type="int"), "RawTrade.trade_id was written as long, and is now int"),
        (TRADES, lambda s: field(s, "trade_id").update(type="string"), "was written as long, and is now string"),
        (TRADES, lambda s: field(s, "side").update(type="string"), "RawTrade.side was written as null, and is now string"),
        (TRADES, lambda s: s.update(name="Trade"), "the record was a RawTrade, and is now a Trade"),
        (TRADES, lambda s: field(s, "price")["type"].update(scale=10), "RawTrade.price is decimal(38,18), expected decimal(38,10)"),
        (TRADES, lambda s: field(s, "timestamp")["type"].update(logicalType="timestamp-millis"), "expected timestamp-millis"),
        (TRADES, lambda s: field(s, "price")["type"].pop("logicalType"), "RawTrade.price is decimal(38,18), expected bytes"),
        (FEED_EVENTS, lambda s: branch(s, "FeedEnded").update(name="FeedOver"), "may hold"),
        (FEED_EVENTS, lambda s: field(s, "data")["type"].pop(), "may hold"),
        (FEED_EVENTS, lambda s: branch(s, "FeedEnded")["fields"].append({"name": "why", "type": "string"}), "may hold"),
    ],
)  # fmt: skip
def test_changes_that_older_records_do_not_survive(topic: str, change: Callable[[Schema], Any], expected: str) -> None:
    found = incompatibility(changed(topic, change), schema_text(topic))
    assert found
    assert expected in found
    assert "\n" not in found


NODE = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (NODE, NODE, None),
        ({"type": "array", "items": "long"}, {"type": "array", "items": "long"}, None),
        ({"type": "array", "items": "long"}, {"type": "array", "items": "int"}, "R.x[] was written as int, and is now long"),
        ({"type": "map", "values": "int"}, {"type": "map", "values": "string"}, "was written as string"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, {"type": "enum", "name": "E", "symbols": ["A", "B"]}, "lost the symbols B"),
        ({"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}, {"type": "enum", "name": "E", "symbols": ["B"]}, None),
        ({"type": "fixed", "name": "F", "size": 2}, {"type": "fixed", "name": "F", "size": 3}, "had 3 bytes, and now has 2"),
    ],
)  # fmt: skip
def test_other_types(new: Schema, old: Schema, expected: str | None) -> None:
    texts = [
        json.dumps({"type": "record", "name": "R", "fields": [{"name": "x", "type": type_}]}) for type_ in (new, old)
    ]
    found = incompatibility(*texts)
    assert (expected in found if found else False) if expected else found is None


def read_with(reader: str, writer: str) -> Any:
    """A generated trade, written with one schema and read with another: does Avro itself agree?"""
    from fastavro.utils import generate_one

    buffer = io.BytesIO()
    written = fastavro.parse_schema(json.loads(writer))
    fastavro.schemaless_writer(buffer, written, generate_one(written))
    buffer.seek(0)
    return fastavro.schemaless_reader(buffer, written, fastavro.parse_schema(json.loads(reader)))
