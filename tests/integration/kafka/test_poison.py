"""Records that hold no event of ours: in every topic the reader says what is wrong and where, and goes on."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from confluent_kafka import Producer

from adapters.avro.codec import AvroCodec
from adapters.avro.schemas import storage_schema
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.system.clock import SystemClock
from application.ports.event_log import Recorded, Unreadable
from application.topics import (
    ALERT_EVENTS,
    ALERTS,
    ANALYTICS_EVENTS,
    ARTICLES,
    DEAD_LETTERS,
    FEED_EVENTS,
    TICKERS,
    TOPICS,
    TRADES,
)
from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.values import Origin
from schemas_avro import schema_text
from tests import builders
from tests.facts import BTC
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.servers.running import Running


def imported(**times: datetime) -> CandleImported:
    price = Decimal("97412.6")
    return CandleImported(
        venue="kraken", pair=BTC, interval=Interval.M1, start=builders.T0.replace(second=0, microsecond=0),
        open=price, high=price, low=price, close=price, volume=Decimal(1), vwap=price, trades=1,
        origin=Origin.BACKFILL, **{"occurred_at": builders.T0, "recorded_at": builders.T0} | times,
    )  # fmt: skip


GOOD: dict[str, Callable[..., Event]] = {
    TICKERS: builders.ticker,
    TRADES: builders.trade,
    ARTICLES: builders.article,
    ALERTS: builders.alert_raised,
    FEED_EVENTS: imported,
    ANALYTICS_EVENTS: builders.forecast,
    ALERT_EVENTS: builders.rule_created,
    DEAD_LETTERS: builders.dead_letter,
}
NUMBER = {TICKERS: "last", TRADES: "price", ALERTS: "price", FEED_EVENTS: "open", ANALYTICS_EVENTS: "upper", ALERT_EVENTS: "threshold_pct"}  # fmt: skip
"""A number of each topic that has any, which must be above zero."""


def test_every_topic_is_here() -> None:
    assert set(GOOD) == set(TOPICS)


def with_number(topic: str, raw: bytes, unscaled: int) -> bytes:
    """The same record with another number in it, whatever that is: as a stranger's producer may write it."""
    schema = storage_schema(schema_text(topic))
    record: Any = fastavro.schemaless_reader(io.BytesIO(raw[5:]), schema, None, return_record_name=True)
    inner = record["data"][1] if "data" in record else record
    inner = inner.get("terms", inner)
    assert NUMBER[topic] in inner, json.dumps(inner, default=str)
    inner[NUMBER[topic]] = unscaled.to_bytes(20, "big", signed=True)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, schema, record)
    return raw[:5] + buffer.getvalue()


def poisons(topic: str, codec: AvroCodec) -> list[tuple[bytes, str]]:
    """Values for a topic, and what must be said of each."""
    good, long_ago, now = GOOD[topic], datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC)
    raw = codec.encode(good())
    made = [
        (b"\x07" + raw[1:], "starts with byte 0x07: expected the magic byte 0"),
        (b'{"price": "1"}', "starts with byte 0x7b: expected the magic byte 0"),
        (b"\x00\x00\x0f\x42\x3f" + raw[5:], "schema id 999999 is unknown"),
        (b"\x00\xff\xff\xff\xff" + raw[5:], "schema id 4294967295 is unknown"),
        (raw[: len(raw) // 2], "ends within its Avro record: it was cut off"),
        (raw[:3], "has 3 bytes"),
        (raw + b"\x00", "1 bytes follow the Avro record"),
        (codec.encode(GOOD[TRADES if topic != TRADES else TICKERS]()), "topic " + topic + " carries"),
        (codec.encode(good(occurred_at=long_ago, recorded_at=now)), "occurred_at is 1970-01-01T00:00:00Z: expected a time since"),
        (codec.encode(good(occurred_at=now, recorded_at=long_ago)), "recorded_at is 1970-01-01T00:00:00Z: expected a time since"),
        (codec.encode(good(occurred_at=now + timedelta(days=1), recorded_at=now)), "more than 5 minutes ahead of"),
    ]  # fmt: skip
    if topic in NUMBER:
        made += [
            (with_number(topic, raw, -1), "expected"),
            (with_number(topic, raw, 10**38), "does not fit decimal(38,18)"),
        ]
    return made


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.usefixtures("log")
def test_poison_is_told_and_the_rest_goes_on(
    topic: str, broker: Running, registry: str, log: DeletableKafkaLog
) -> None:
    ids = RegistrySchemaIds(registry)
    codec, place = AvroCodec(ids), log.head()
    good, poisoned = GOOD[topic](), poisons(topic, codec)
    stranger = Producer({"bootstrap.servers": broker.endpoint})
    for value, _ in [(codec.encode(good), ""), *poisoned, (codec.encode(good), "")]:
        stranger.produce(topic, value, good.key, 1)
    assert stranger.flush(20) == 0
    with KafkaEventLog(KafkaConfig(broker.endpoint, ()), ids, SystemClock()) as reading:
        reader = reading.reader([topic], after=place)
        found: list[Recorded | Unreadable] = []
        while len(found) < len(poisoned) + 2:
            batch = reader.read(limit=100, timeout_s=20)
            assert batch
            found += batch
        reader.close()
    first, *bad, last = found
    assert isinstance(first, Recorded)
    assert isinstance(last, Recorded)
    assert first.event == last.event == good
    assert [record.position for record in found] == [
        (f"{topic}/1", first.position.number + n) for n in range(len(found))
    ]
    for record, (value, expected) in zip(bad, poisoned, strict=True):
        assert isinstance(record, Unreadable), record
        assert (record.topic, record.raw) == (topic, value)
        assert expected in record.reason
        assert "\n" not in record.reason
