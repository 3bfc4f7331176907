"""The schemas say what the contract says, and other versions of them are read by resolution, or refused."""

import io
import json
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.memory.schema_ids import MemorySchemaIds
from application.topics import ARTICLES, EVENTS_OF, TICKERS, TOPICS, TRADES
from domain.market.trade import TradeExecuted
from domain.news.article import ARTICLE_EVENTS, ArticlePublished
from schemas_avro import schema_text
from tests.facts import NOON, trade

CONTRACT = {
    "rawticker": "pair last bid ask volume_24h pct_change timestamp bid_qty ask_qty vwap_24h low_24h high_24h change_24h",
    "rawtrade": "pair price volume timestamp side trade_id order_type",
    "rawarticle": "title url source summary content published_at scraped_at tags guid authors extracted_by",
    "rawalert": "pair rule_id alert_id kind pct_change price reference_price window_s timestamp",
}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 18}


def fields_of(topic: str) -> dict[str, Any]:
    return {field["name"]: field for field in json.loads(schema_text(topic))["fields"]}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_carries_what_the_contract_names(topic: str) -> None:
    assert {"event_id", "recorded_at", "origin", *CONTRACT.get(topic, "").split()} <= set(fields_of(topic))
    assert fields_of(topic)["recorded_at"]["type"] == {"type": "long", "logicalType": "timestamp-micros"}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_field_is_explained(topic: str) -> None:
    def records(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, list):
            return [found for branch in schema for found in records(branch)]
        if isinstance(schema, dict) and schema["type"] == "record":
            return [schema] + [found for field in schema["fields"] for found in records(field["type"])]
        return []

    for record in records(json.loads(schema_text(topic))):
        assert record["doc"]
        assert [field["name"] for field in record["fields"] if not field.get("doc")] == []


@pytest.mark.parametrize(
    "topic", [topic for topic, events in EVENTS_OF.items() if len(events) > 1 and events is not ARTICLE_EVENTS]
)
def test_a_topic_of_several_events_has_a_record_for_each(topic: str) -> None:
    branches = {branch["name"]: branch["doc"] for branch in fields_of(topic)["data"]["type"]}
    assert list(branches) == [event.__name__ for event in EVENTS_OF[topic]]
    for event in EVENTS_OF[topic]:
        assert branches[event.__name__].startswith(f"{event.name} {event.version}: ")


def test_the_versions_of_an_article_share_one_record() -> None:
    fields = fields_of(ARTICLES)
    assert "data" not in fields
    for event in ARTICLE_EVENTS:
        assert f"'{event.name}'" in fields["event"]["doc"]
    assert fields["event"]["default"] == ArticlePublished.name, "as records without the field are"


@pytest.mark.parametrize(
    ("topic", "name"), [(TICKERS, "pct_change"), (TICKERS, "last"), (TRADES, "price"), ("rawalert", "pct_change")]
)
def test_numbers_are_exact_decimals(topic: str, name: str) -> None:
    assert fields_of(topic)[name]["type"] == DECIMAL


@pytest.mark.parametrize("topic", ["weather", "", "../pyproject", "rawtrade.avsc"])
def test_no_schema_for_an_unknown_topic(topic: str) -> None:
    with pytest.raises(LookupError, match="no Avro schema"):
        schema_text(topic)


def written_with(schema: dict[str, Any], **changes: Any) -> tuple[AvroCodec, bytes]:
    """A trade as a producer with another schema writes it, and a codec that knows that schema's id."""
    ids = MemorySchemaIds()
    record = {
        "event_id": "kraken:BTC/USD:1", "recorded_at": NOON, "origin": "live", "venue": "kraken", "pair": "BTC/USD",
        "price": Decimal("97412.6"), "volume": Decimal("0.5"), "timestamp": NOON, "side": "b", "trade_id": 1,
        "order_type": "market",
    } | changes  # fmt: skip
    buffer = io.BytesIO()
    buffer.write(b"\x00" + ids.id_of(TRADES, json.dumps(schema)).to_bytes(4, "big"))
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), record)
    return AvroCodec(ids), buffer.getvalue()


def test_a_reformatted_schema_is_the_same_schema() -> None:
    codec, raw = written_with(json.loads(schema_text(TRADES)))
    event = codec.decode(TRADES, raw)
    assert isinstance(event, TradeExecuted)
    assert (event.price, event.occurred_at) == (Decimal("97412.6"), NOON)


def test_an_older_schema_without_a_field_that_has_a_default() -> None:
    schema = json.loads(schema_text(TRADES))
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "order_type"]
    codec, raw = written_with(schema)
    event = codec.decode(TRADES, raw)
    assert isinstance(event, TradeExecuted)
    assert event.order_type is None
    assert event.price == Decimal("97412.6")


def test_a_newer_schema_with_fields_that_we_do_not_know_in_another_order() -> None:
    schema = json.loads(schema_text(TRADES))
    schema["fields"] = [{"name": "fee", "type": DECIMAL}, *reversed(schema["fields"])]
    codec, raw = written_with(schema, fee=Decimal("0.1"))
    event = codec.decode(TRADES, raw)
    assert isinstance(event, TradeExecuted)
    assert (event.price, event.volume) == (Decimal("97412.6"), Decimal("0.5"))


@pytest.mark.parametrize(
    ("name", "type_", "value", "expected"),
    [
        ("price", {**DECIMAL, "scale": 10}, Decimal(1), "RawTrade.price is decimal(38,10), expected decimal(38,18)"),
        ("price", "string", "97412.6", "RawTrade.price is string, expected decimal(38,18)"),
        ("timestamp", {"type": "long", "logicalType": "timestamp-millis"}, NOON, "timestamp-millis, expected timestamp-micros"),
    ],
)  # fmt: skip
def test_a_schema_whose_values_mean_something_else_is_refused(name: str, type_: Any, value: Any, expected: str) -> None:
    schema = json.loads(schema_text(TRADES))
    for field in schema["fields"]:
        if field["name"] == name:
            field["type"] = type_
    codec, raw = written_with(schema, **{name: value})
    with pytest.raises(Undecodable, match=expected.replace("(", r"\(").replace(")", r"\)")):
        codec.decode(TRADES, raw)


def test_a_schema_that_lacks_what_we_need_is_refused() -> None:
    schema = json.loads(schema_text(TRADES))
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "price"]
    codec, raw = written_with(schema)
    with pytest.raises(Undecodable, match="No default value for field price"):
        codec.decode(TRADES, raw)


def test_schema_ids_are_asked_for_once() -> None:
    class Counting(MemorySchemaIds):
        asked = 0

        def schema(self, schema_id: int) -> str:
            self.asked += 1
            return super().schema(schema_id)

    ids = Counting()
    codec = AvroCodec(ids)
    for number in range(3):
        codec.decode(TRADES, codec.encode(trade(number)))
    assert ids.asked == 1
