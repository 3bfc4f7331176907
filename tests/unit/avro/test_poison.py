"""Bytes that are no event are refused with a reason, whatever they are, and never with another error."""

import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.memory.schema_ids import MemorySchemaIds
from application.topics import (
    ALERT_EVENTS,
    ALERTS,
    ARTICLES,
    DEAD_LETTERS,
    FEED_EVENTS,
    TICKERS,
    TOPICS,
    TRADES,
    topic_of,
)
from domain.event import Event
from schemas_avro import schema_text
from tests import strategies
from tests.facts import trade

IDS = MemorySchemaIds()
CODEC = AvroCodec(IDS)


def value(topic: str, record: Any, schema: dict[str, Any] | None = None) -> bytes:
    """What a foreign producer would send: the record as it is, under the topic's schema or another one."""
    written = schema or json.loads(schema_text(topic))
    buffer = io.BytesIO()
    buffer.write(b"\x00" + IDS.id_of(topic, json.dumps(written) if schema else schema_text(topic)).to_bytes(4, "big"))
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(written), record)
    return buffer.getvalue()


def record_of(event: Event) -> Any:
    """The record that an event is written as, with logical values."""
    written = fastavro.parse_schema(json.loads(schema_text(topic_of(event))))
    return fastavro.schemaless_reader(io.BytesIO(CODEC.encode(event)[5:]), written, None, return_record_name=True)


def reason(topic: str, raw: bytes) -> str:
    with pytest.raises(Undecodable) as refusal:
        CODEC.decode(topic, raw)
    text = str(refusal.value)
    assert "\n" not in text
    assert len(text) < 400
    return text


def test_a_wrong_magic_byte() -> None:
    assert "starts with byte 0x7b" in reason(TRADES, b'{"price": 1}')


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x00\x00\x00"])
def test_too_short_for_a_header(raw: bytes) -> None:
    assert f"has {len(raw)} bytes" in reason(TRADES, raw)


def test_an_unknown_schema_id() -> None:
    assert reason(TRADES, b"\x00\x00\x0f\x42\x40" + b"abc") == "schema id 1000000 is unknown"


def test_an_unknown_topic() -> None:
    assert "topic 'weather' is unknown" in reason("weather", CODEC.encode(trade()))


def test_a_value_of_another_topic() -> None:
    assert "describes a RawTrade: topic rawticker carries RawTicker" in reason(TICKERS, CODEC.encode(trade()))


@pytest.mark.parametrize("schema", ["not json", '"string"', "[]", '{"type": "record", "name": "RawTrade"}', "7"])
def test_a_schema_that_is_none(schema: str) -> None:
    schema_id = IDS.id_of(TRADES, schema)
    assert "is no Avro schema of a record" in reason(TRADES, b"\x00" + schema_id.to_bytes(4, "big") + b"abc")


@given(event=strategies.any_events, data=st.data())
def test_a_truncated_value(event: Event, data: st.DataObject) -> None:
    raw = CODEC.encode(event)
    shorter = raw[: data.draw(st.integers(5, len(raw) - 1))]
    assert "cut off" in reason(topic_of(event), shorter)


@given(event=strategies.any_events, rest=st.binary(min_size=1, max_size=20))
def test_trailing_bytes(event: Event, rest: bytes) -> None:
    assert f"{len(rest)} bytes follow" in reason(topic_of(event), CODEC.encode(event) + rest)


@given(event=strategies.any_events, data=st.data())
def test_a_damaged_value_is_an_event_or_refused(event: Event, data: st.DataObject) -> None:
    raw = bytearray(CODEC.encode(event))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(5, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        CODEC.decode(topic_of(event), bytes(raw))
    except Undecodable as refusal:
        assert str(refusal)


@given(topic=st.sampled_from(TOPICS), body=st.binary(max_size=300))
def test_noise_is_an_event_or_refused(topic: str, body: bytes) -> None:
    header = b"\x00" + IDS.id_of(topic, schema_text(topic)).to_bytes(4, "big")
    try:
        CODEC.decode(topic, header + body)
    except Undecodable as refusal:
        assert str(refusal)


@pytest.mark.parametrize("length", [2**31, 2**40, 2**62, -1, -(2**62)])
def test_a_string_of_an_impossible_length(length: int) -> None:
    zigzag, prefix = (length << 1) ^ (length >> 63), bytearray()
    while zigzag > 0x7F:
        prefix.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    prefix.append(zigzag)
    header = b"\x00" + IDS.id_of(TRADES, schema_text(TRADES)).to_bytes(4, "big")
    reason(TRADES, header + bytes(prefix) + b"kraken:BTC/USD:1")


@pytest.mark.parametrize(
    ("field", "wrong", "expected"),
    [
        ("price", Decimal("-1"), "price is -1.0"),
        ("price", Decimal(0), "expected a number above zero"),
        ("volume", Decimal("-0.5"), "expected a number above zero"),
        ("pair", "BTCUSD", "'BTCUSD' is not a pair"),
        ("pair", "btc-usd", "not in its canonical form, BTC/USD"),
        ("origin", "elsewhere", "origin 'elsewhere' is unknown"),
        ("side", "buy", "side 'buy' is unknown"),
    ],
)
def test_values_that_cannot_be(field: str, wrong: Any, expected: str) -> None:
    raw = value(TRADES, record_of(trade()) | {field: wrong})
    assert expected in reason(TRADES, raw)


def _raw(topic: str, record: dict[str, Any]) -> bytes:
    """The same without logical types, for bytes and numbers that these would not let through."""
    plain = json.loads(
        schema_text(topic), object_hook=lambda found: {k: v for k, v in found.items() if k != "logicalType"}
    )
    buffer = io.BytesIO()
    buffer.write(b"\x00" + IDS.id_of(topic, schema_text(topic)).to_bytes(4, "big"))
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(plain), record)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"price": (10**38).to_bytes(17, "big", signed=True)}, "does not fit decimal(38,18)"),
        ({"price": b"\x7f" * 5000}, "a decimal of 5000 bytes does not fit"),
        ({"price": b""}, "a decimal of 0 bytes"),
        ({"timestamp": 2**62}, "beyond the years 1 to 9999"),
        ({"recorded_at": -(2**62)}, "beyond the years 1 to 9999"),
    ],
)
def test_numbers_beyond_their_range(change: dict[str, Any], expected: str) -> None:
    plain = {
        "event_id": "kraken:BTC/USD:1", "recorded_at": 0, "origin": "live", "venue": "kraken", "pair": "BTC/USD",
        "price": b"\x01", "volume": b"\x01", "timestamp": 0, "side": None, "trade_id": 1, "order_type": None,
    }  # fmt: skip
    assert CODEC.decode(TRADES, _raw(TRADES, plain)).occurred_at.year == 1970
    assert expected in reason(TRADES, _raw(TRADES, plain | change))


def _unknown_name(record: dict[str, Any]) -> None:
    record["event"] = "feed-exploded"


def _newer_version(record: dict[str, Any]) -> None:
    record["version"] = 7


def _name_of_a_sibling(record: dict[str, Any]) -> None:
    record["event"] = "feed-ended" if record["event"] != "feed-ended" else "feed-connected"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_unknown_name, "event 'feed-exploded' is unknown in topic feedevent"),
        (_newer_version, "version 7 is unknown: this program reads 1"),
        (_name_of_a_sibling, "comes with the data of"),
    ],
)
@given(data=st.data())
def test_envelopes_that_do_not_fit(spoil: Callable[[dict[str, Any]], None], expected: str, data: st.DataObject) -> None:
    kinds = [kind for kind in strategies.EVENT_TYPES if kind.name.startswith(("feed", "news-source"))]
    record = record_of(data.draw(st.sampled_from(kinds).flatmap(strategies.events_of)))
    spoil(record)
    assert expected in reason(FEED_EVENTS, value(FEED_EVENTS, record))


def test_every_topic_refuses_noise() -> None:
    for topic in (TICKERS, TRADES, ARTICLES, ALERTS, ALERT_EVENTS, FEED_EVENTS, DEAD_LETTERS):
        reason(topic, b"\xff\xfe\x00noise")
