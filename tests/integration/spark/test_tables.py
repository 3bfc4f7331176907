"""Through Kafka, Spark and TimescaleDB the tables end as the embedded projection makes them of the same log."""

import io
import json
import random
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from fastavro import schemaless_writer

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.kafka.log_inspection import KafkaLogInspection
from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sentiment.models import sentiment_model
from adapters.sql.batches import SqlBatches
from adapters.sql.engine import create_engine
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from application.ports.page import Window
from application.store import INGESTION, StoreProjection
from application.topics import TICKERS, TRADES
from domain.admission import refusal
from domain.event import Event
from domain.values import Origin
from tests.builders import article, feed_connected, ticker
from tests.integration.spark.events import EXAMPLES, LONG_AGO, poison, story, trades
from tests.integration.spark.stack import Stack, rows_of, until
from tests.servers.databases import Databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def embedded_rows(stack: Stack, databases: Databases) -> dict[str, Any]:
    """What the embedded profile's projection makes of the same log, in a database of its own."""
    engine = create_engine(databases.migrated())
    projection = StoreProjection(stack.log, SqlStore(engine), SystemClock(), PrometheusTelemetry(), origin=Origin.LIVE)
    projection.catch_up()
    rows = rows_of(engine)
    engine.dispose()
    return rows


def all_scored(stack: Stack) -> bool:
    """Whether each stored article has a score of the model that analytics runs."""
    model = sentiment_model("lexicon").identity
    [(unscored,)] = stack.query(
        "SELECT count(*) FROM article_data a WHERE NOT EXISTS (SELECT FROM sentiment_data s WHERE"
        f" s.article_id = a.article_id AND s.model = '{model.model}' AND s.model_version = '{model.version}')"
    )
    return bool(unscored == 0)


def log_records(stack: Stack, *topics: str) -> int:
    """How many records the log has of these topics."""
    found = KafkaLogInspection(stack.config).topics()
    return sum(topic.records or 0 for topic in found if topic.topic in topics)


def test_both_jobs_end_with_the_rows_that_the_embedded_projection_makes(stack: Stack, timescaledb: Databases) -> None:
    events: list[Event] = story()
    chance = random.Random(3)
    with stack.job("ingest") as ingest, stack.job("analytics") as analytics:
        while events:
            size = chance.randrange(1, 700)
            stack.log.append(events[:size])
            events = events[size:]
            if chance.random() < 0.5:
                until(stack.caught_up, ingest, analytics)
        until(lambda: all_scored(stack), ingest, analytics)  # whereby analytics itself adds to the log
        until(stack.caught_up, ingest, analytics)
        wanted = embedded_rows(stack, timescaledb)
        until(lambda: stack.rows()["candle_data"] == wanted["candle_data"], ingest, analytics)
        assert analytics.stop() == 0, analytics.words()
        assert ingest.stop() == 0, ingest.words()
    got = stack.rows()
    assert [name for name in wanted if got[name] != wanted[name]] == []
    assert len(got["trade_data"]) > 1200
    places = {reader.removeprefix(INGESTION): cursor for reader, cursor in stack.stored().items()}
    assert all(cursor.startswith(f"{name}:") for name, cursor in places.items())
    assert {name.partition("/")[0] for name in places} == set(EXAMPLES)
    finished = list((stack.directory / "ingest" / "market" / "commits").glob("[0-9]*"))
    begun = (stack.directory / "ingest" / "market" / "offsets").glob("[0-9]*")
    assert {file.name for file in finished} == {file.name for file in begun}, "a batch in hand was not ended"

    noted = SqlBatches(stack.engine).batches(Window(limit=1000)).items
    assert {batch.job.partition("-")[0] for batch in noted} == {
        "ingest/market", "ingest/rest", "analytics/candles", "analytics/sentiment",
    }  # fmt: skip
    market = [batch for batch in noted if batch.job == "ingest/market"]
    assert {str(batch.batch_id) for batch in market} == {file.name for file in finished}
    assert sum(batch.rows for batch in market) == log_records(stack, TRADES, TICKERS)
    assert all(batch.duration_ms > 0 for batch in market)

    with stack.job("ingest", "--checkpoints", str(stack.directory / "forgotten")) as ingest:
        until(lambda: any((stack.directory / "forgotten" / "rest" / "commits").glob("[0-9]*")), ingest)
        until(lambda: any((stack.directory / "forgotten" / "market" / "commits").glob("[0-9]*")), ingest)
    assert stack.rows() == got, "reading the log again from its beginning changed rows"


def test_poison_becomes_dead_letters_that_say_why_and_where_and_the_rest_goes_on(stack: Stack) -> None:
    codec = AvroCodec(stack.ids)
    placed: dict[tuple[str, int, int], tuple[bytes, str]] = {}
    good = 0

    def remember(error: Any, message: Any) -> None:
        assert error is None
        raw = message.value() or b""
        try:
            reason = refusal(codec.decode(message.topic(), raw), SystemClock().now())
        except Undecodable as refused:
            reason = str(refused)
        if reason:
            placed[message.topic(), message.partition(), message.offset()] = raw, reason

    producer = Producer({"bootstrap.servers": stack.kafka, "message.max.bytes": 20 << 20})
    number = 0
    for topic, example in EXAMPLES.items():
        for value in poison(topic, stack.ids):
            number += 1
            good += topic == TRADES
            fine = codec.encode(trades(number)[-1] if topic == TRADES else example(occurred_at=LONG_AGO))
            for one in (value, fine):
                producer.produce(topic, one, partition=number % 3, on_delivery=remember)
    assert producer.flush(30) == 0
    assert len(placed) >= 14 * len(EXAMPLES)

    def kept() -> dict[tuple[str, int, int], tuple[bytes, str]]:
        rows = stack.query(
            'SELECT place, "partition", "offset", raw, reason FROM dead_letter WHERE kind = \'log-record\''
        )
        return {(place, part, offset): (bytes(raw), reason) for place, part, offset, raw, reason in rows}

    long = random.Random(1).randbytes(3000).hex()  # which PostgreSQL could not shorten to fit an index
    outsized = [
        ticker(venue=long, occurred_at=LONG_AGO),
        feed_connected(pair=long, occurred_at=LONG_AGO),
        article("long", tags=(long,), occurred_at=LONG_AGO),
    ]
    with stack.job("ingest") as job:
        stack.log.append(outsized)
        until(stack.caught_up, job)
    letters = kept()
    assert sum(": expected at most " in letters.pop(place)[1] for place in {*letters} - {*placed}) == 3
    assert letters.keys() == placed.keys()
    for place, (raw, reason) in placed.items():
        assert letters[place][0] == raw
        assert _timeless(letters[place][1]) == _timeless(reason)
    assert stack.count("trade_data") == good
    assert stack.count("ticker_data") == 1


def _timeless(reason: str) -> str:
    """Without the time at which a record was found to be ahead of its time."""
    return reason.partition(" ahead of ")[0]


def test_values_of_another_schema_are_read_too(stack: Stack) -> None:
    codec = AvroCodec(stack.ids)
    client = SchemaRegistryClient({"url": stack.registry, "timeout": 10})
    earlier = {
        "type": "record", "name": "RawTrade", "namespace": "cryptoviz",
        "fields": [
            {"name": name, "type": kind}
            for name, kind in (
                ("trade_id", "long"), ("event_id", "string"), ("origin", "string"), ("venue", "string"), ("pair", "string"),
                ("price", {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 18}),
                ("volume", {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 18}),
                ("timestamp", {"type": "long", "logicalType": "timestamp-micros"}),
                ("recorded_at", {"type": "long", "logicalType": "timestamp-micros"}),
            )
        ],
    }  # fmt: skip
    schema_id = client.register_schema("spark-tests-earlier-trades", Schema(json.dumps(earlier), "AVRO"))
    producer = Producer({"bootstrap.servers": stack.kafka})

    def send(first: int) -> None:
        for one in trades(40, first=first):
            body = io.BytesIO()
            record = {
                "trade_id": one.trade_id, "event_id": one.event_id, "origin": one.origin, "venue": one.venue,
                "pair": one.pair, "price": one.price, "volume": one.volume, "timestamp": one.occurred_at,
                "recorded_at": one.recorded_at,
            }  # fmt: skip
            schemaless_writer(body, earlier, record)
            producer.produce(TRADES, b"\x00" + schema_id.to_bytes(4, "big") + body.getvalue(), partition=0)
            producer.produce(TRADES, codec.encode(trades(40, first=first + 500)[0]), partition=1)
        assert producer.flush(30) == 0

    with stack.job("ingest") as job:
        for first in (1, 101):
            send(first)
            until(stack.caught_up, job)
            assert stack.query("SELECT count(*) FROM trade_data WHERE order_type IS NULL AND side IS NULL") == [
                (40 * (1 + first // 100),)
            ]
        assert f'"schema_id": {schema_id}' in job.words()
    wanted = {
        (one.pair, one.trade_id, one.price, one.volume, one.occurred_at) for one in trades(40) + trades(40, first=101)
    }
    got = stack.query("SELECT pair, trade_id, price, volume, timestamp FROM trade_data WHERE order_type IS NULL")
    assert {tuple(row) for row in got} == wanted
    assert stack.count("dead_letter") == 0
