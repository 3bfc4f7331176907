"""What goes into the codec comes out of it, exactly."""

import io
import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.avro.codec import AvroCodec
from adapters.memory.schema_ids import MemorySchemaIds
from application.topics import TRADES, topic_of
from domain.event import Event
from domain.market.trade import TradeExecuted
from schemas_avro import schema_text
from tests import strategies
from tests.facts import trade

CODEC = AvroCodec(MemorySchemaIds())


@pytest.mark.parametrize("kind", strategies.EVENT_TYPES, ids=lambda kind: kind.name)
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(strategies.events_of(kind))
    again = CODEC.decode(topic_of(event), CODEC.encode(event))
    assert again == event
    assert again.event_id == event.event_id
    assert again.key == event.key
    for field in fields(event):
        assert type(getattr(again, field.name)) is type(getattr(event, field.name)), field.name


@given(strategies.trades)
def test_a_price_is_never_changed_by_a_round_trip(trade: TradeExecuted) -> None:
    again = CODEC.decode(TRADES, CODEC.encode(trade))
    assert isinstance(again, TradeExecuted)
    assert (again.price, again.volume) == (trade.price, trade.volume)


@given(strategies.any_events)
def test_a_reader_that_knows_logical_types_sees_the_same_values(event: Event) -> None:
    topic = topic_of(event)
    raw = CODEC.encode(event)
    assert raw[0] == 0
    record: Any = fastavro.schemaless_reader(
        io.BytesIO(raw[5:]), fastavro.parse_schema(json.loads(schema_text(topic))), None
    )
    assert record["event_id"] == event.event_id
    assert record["recorded_at"] == event.recorded_at
    assert record["origin"] == event.origin.value
    values = {**record, **record.get("data", {})}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Decimal):
            assert values[field.name] == value


def test_the_header_names_the_schema_of_the_topic() -> None:
    ids = MemorySchemaIds()
    ids.id_of("another", "{}")
    raw = AvroCodec(ids).encode(trade())
    assert raw[:5] == b"\x00\x00\x00\x00\x02"
    assert ids.schema(2) == schema_text(TRADES)
