"""An event of each room gets another version, in a registry of our own: what was written before is read as the new one.

What was written is that of a release (`tests/data`): the values of its log, its event store and its house.
"""

import base64
import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.avro.alerting import _TERMS, _rule_shape
from adapters.avro.codec import OURS, AvroCodec, Registry
from adapters.avro.errors import Undecodable
from adapters.avro.mapping import DECIMAL, PLAIN, Mapping, enveloped, enveloped_by
from adapters.avro.values import decimal_bytes, decimal_of, micros, origin_of, pair_of, time_of
from adapters.embedded.data_directory import HOUSE_FILE, LIVE, STORE_FILE
from adapters.memory.schema_ids import MemorySchemaIds
from adapters.sql.event_json import EventJson
from application.house_events import HOUSE_EVENTS
from application.topics import EVENTS_OF
from domain.alerting.alert import AlertEvent
from domain.alerting.rule import AlertRuleCreated, AlertRuleEvent, RuleTerms
from domain.analytics.sentiment import SentimentScored
from domain.event import Event, Fields
from domain.news.source import NewsSourceEvent
from domain.upcasting import UnknownEvent, upcast
from domain.values import Pair
from schemas_avro import schema_text

RELEASE = Path(__file__).parents[2] / "data" / "release_2026_12"


def _product(fields: Fields) -> Fields:
    volume = fields.pop("volume")
    notional = round(Decimal(fields["price"]) * Decimal(volume), 12)
    return {**fields, "quantity": volume, "notional": f"{notional:f}"}


class Raised:
    """As the events may look one day. Their names in Avro are those of their classes, so these keep them."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class TradeExecuted(Event):
        name: ClassVar[str] = "trade-executed"
        version: ClassVar[int] = 2
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {1: _product}
        pair: Pair
        trade_id: int
        price: Decimal
        quantity: Decimal
        notional: Decimal

        @property
        def event_id(self) -> str:
            return f"kraken:{self.pair}:{self.trade_id}"

        @property
        def key(self) -> str:
            return self.pair

    @dataclass(frozen=True, slots=True, kw_only=True)
    class NewsSourceFailed(NewsSourceEvent):
        name: ClassVar[str] = "news-source-failed"
        version: ClassVar[int] = 3
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {
            1: lambda fields: {**fields, "status": int(fields["reason"].rpartition(" ")[2])},
            2: lambda fields: {**fields, "passing": fields["status"] >= 500},
        }
        status: int
        passing: bool

    @dataclass(frozen=True, slots=True, kw_only=True)
    class AlertRuleCreated(AlertRuleEvent):
        name: ClassVar[str] = "alert-rule-created"
        version: ClassVar[int] = 3
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {
            **AlertRuleCreated.upcasts,
            2: lambda fields: {
                **fields,
                "severity": "high" if Decimal(fields["terms"]["threshold_pct"]) > 50 else "low",
            },
        }
        terms: RuleTerms
        enabled: bool
        severity: str

    @dataclass(frozen=True, slots=True, kw_only=True)
    class AlertSilenced(AlertEvent):
        name: ClassVar[str] = "alert-silenced"
        version: ClassVar[int] = 2
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {
            1: lambda fields: {**fields, "ends": fields["until"], "by": "somebody"}
        }
        ends: Any
        by: str

    @dataclass(frozen=True, slots=True, kw_only=True)
    class SentimentScored(Event):
        name: ClassVar[str] = "sentiment-scored"
        version: ClassVar[int] = 3
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {
            **SentimentScored.upcasts,
            2: lambda fields: {**fields, "scorer": f"{fields['model']}/{fields['model_version']}"},
        }
        article_event_id: str
        scorer: str
        score: Decimal

        @property
        def event_id(self) -> str:
            return f"{self.article_event_id}:{self.scorer}"

        @property
        def key(self) -> str:
            return self.article_event_id

    @dataclass(frozen=True, slots=True, kw_only=True)
    class CommandAudited(Event):
        name: ClassVar[str] = "command-audited"
        version: ClassVar[int] = 2
        upcasts: ClassVar[dict[int, Callable[[Fields], Fields]]] = {
            1: lambda fields: {**fields, **dict(zip(("method", "path"), fields["action"].split(" "), strict=True))}
        }
        audit_id: str
        method: str
        path: str

        @property
        def event_id(self) -> str:
            return f"audit:{self.audit_id}"

        @property
        def key(self) -> str:
            return "audit"


RAISED: dict[str, type[Event]] = {
    event.name: event for event in vars(Raised).values() if isinstance(event, type) and issubclass(event, Event)
}


def raised_events() -> dict[str, tuple[type[Event], ...]]:
    return {topic: tuple(RAISED.get(event.name, event) for event in events) for topic, events in EVENTS_OF.items()}


def _trade_record(trade: Raised.TradeExecuted) -> dict[str, Any]:
    return {
        "event_id": trade.event_id, "recorded_at": micros(trade.recorded_at), "origin": trade.origin,
        "venue": "kraken", "pair": trade.pair, "price": decimal_bytes(trade.price), "timestamp": micros(trade.occurred_at),
        "side": None, "trade_id": trade.trade_id, "order_type": None, "quantity": decimal_bytes(trade.quantity),
        "notional": decimal_bytes(trade.notional),
    }  # fmt: skip


def _trade(record: dict[str, Any]) -> Raised.TradeExecuted:
    return Raised.TradeExecuted(
        pair=pair_of(record["pair"]), trade_id=record["trade_id"], price=decimal_of(record["price"]),
        quantity=decimal_of(record["quantity"]), notional=decimal_of(record["notional"]),
        occurred_at=time_of(record["timestamp"]), recorded_at=time_of(record["recorded_at"]),
        origin=origin_of(record["origin"]),
    )  # fmt: skip


_RULE_OWN = ("rule_id", "sequence", "enabled", "severity")


def _rule_data(event: Raised.AlertRuleCreated) -> dict[str, Any]:
    terms = {name: form.write(getattr(event.terms, name)) for name, form in _TERMS.items()}
    return {**{name: getattr(event, name) for name in _RULE_OWN}, **terms}


def _rule_fields(data: dict[str, Any]) -> dict[str, Any]:
    terms = RuleTerms(**{name: form.read(data[name]) for name, form in _TERMS.items()})
    return {**{name: data[name] for name in _RULE_OWN}, "terms": terms}


RAISED_MAPPINGS = (
    Mapping(Raised.TradeExecuted, _trade_record, _trade),
    enveloped(Raised.NewsSourceFailed, source=PLAIN, status=PLAIN, passing=PLAIN),
    enveloped_by(
        Raised.AlertRuleCreated, _rule_data, _rule_fields,
        _rule_shape,
    ),
    enveloped(Raised.AlertSilenced, alert_id=PLAIN, sequence=PLAIN, ends=PLAIN, by=PLAIN),
    enveloped(Raised.SentimentScored, article_event_id=PLAIN, scorer=PLAIN, score=DECIMAL),
)  # fmt: skip
NEW_FIELDS: dict[str, dict[str, Any]] = {
    "NewsSourceFailed": {"status": "int", "passing": "boolean"},
    "AlertRuleCreated": {"severity": "string"},
    "AlertSilenced": {"ends": "string", "by": "string"},
    "SentimentScored": {"scorer": "string"},
}
EMPTY = {"int": 0, "boolean": False, "string": ""}


def raised_schema(topic: str) -> str:
    """The topic's schema with the new fields, each with a default, so that it reads what was written before."""
    schema = json.loads(schema_text(topic))
    if topic == "rawtrade":
        number = next(field["type"] for field in schema["fields"] if field["name"] == "price")
        schema["fields"] = [field for field in schema["fields"] if field["name"] != "volume"]
        schema["fields"] += [{"name": name, "type": number, "default": ""} for name in ("quantity", "notional")]
        schema["event_version"] = 2
    for field in schema["fields"]:
        for branch in field["type"] if field["name"] == "data" else ():
            added = NEW_FIELDS.get(branch["name"], {})
            branch["fields"] += [{"name": name, "type": kind, "default": EMPTY[kind]} for name, kind in added.items()]
            if branch["name"] in ("NewsSourceFailed", "AlertSilenced", "SentimentScored"):
                gone = {"reason", "next_try_at", "until", "model", "model_version", "label", "article_recorded_at"}
                branch["fields"] = [inner for inner in branch["fields"] if inner["name"] not in gone]
    return json.dumps(schema)


REGISTRY = Registry(
    raised_events(),
    {m.event: m for m in (*OURS.mappings.values(), *RAISED_MAPPINGS) if RAISED.get(m.event.name, m.event) is m.event},
    raised_schema,
)
JSON = EventJson(
    [event for events in raised_events().values() for event in events]
    + [RAISED.get(event.name, event) for event in HOUSE_EVENTS]
)


class Registered(MemorySchemaIds):
    """A registry that holds the release's schemas, and gives others the numbers after them."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        super().__init__()
        for number, kept in sorted(schemas.items(), key=lambda item: int(item[0])):
            assert self.id_of(kept["topic"], kept["schema"]) == int(number)


@pytest.fixture(scope="module")
def dump() -> dict[str, Any]:
    with gzip.open(RELEASE / "avro.json.gz", "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


@pytest.fixture(scope="module")
def codec(dump: dict[str, Any]) -> AvroCodec:
    return AvroCodec(Registered(dump["schemas"]), REGISTRY)


def test_the_log_gives_every_event_in_its_new_version_and_so_does_json(dump: dict[str, Any], codec: AvroCodec) -> None:
    seen: set[str] = set()
    for value in dump["values"]:
        event = codec.decode(value["topic"], base64.b64decode(value["value"]))
        assert type(event) is RAISED.get(event.name, type(event))
        assert event == JSON.decode(value["name"], value["version"], json.dumps(value["fields"]))
        seen.add(event.name)
        if isinstance(event, Raised.TradeExecuted):
            assert event.notional == round(event.price * event.quantity, 12)
        if isinstance(event, Raised.NewsSourceFailed):
            assert (event.status, event.passing) == (503, True)
        if isinstance(event, Raised.AlertRuleCreated):
            assert event.severity == ("high" if event.terms.threshold_pct > 50 else "low")
        if isinstance(event, Raised.SentimentScored):
            assert event.scorer == "lexicon/1-4f39b2af"
    assert set(RAISED) - seen == {"command-audited"}


def test_the_new_versions_are_written_and_read_beside_the_old_ones(dump: dict[str, Any], codec: AvroCodec) -> None:
    for value in dump["values"]:
        event = codec.decode(value["topic"], base64.b64decode(value["value"]))
        assert codec.decode(value["topic"], codec.encode(event)) == event
        assert JSON.decode(event.name, event.version, JSON.encode(event)) == event


def test_the_event_store_and_the_house_give_them_too(tmp_path: Path) -> None:
    seen: set[str] = set()
    with zipfile.ZipFile(RELEASE / "data.zip") as archive:
        archive.extractall(tmp_path)
    for file in (tmp_path / LIVE / STORE_FILE, tmp_path / HOUSE_FILE):
        connection = sqlite3.connect(file)
        for name, version, payload in connection.execute("SELECT name, event_version, payload FROM event_store"):
            event = JSON.decode(name, version, payload)
            assert type(event) is RAISED.get(name, type(event))
            seen.add(name)
            if isinstance(event, Raised.CommandAudited):
                assert (event.method, event.path) == ("POST", "/api/v1/alert-rules")
        connection.close()
    assert {"alert-rule-created", "alert-silenced", "command-audited"} <= seen


def test_a_release_refuses_what_a_newer_one_wrote_by_its_name_and_version(
    dump: dict[str, Any], codec: AvroCodec
) -> None:
    ids = codec._schema_ids
    ours = AvroCodec(ids)
    for value in dump["values"]:
        event = codec.decode(value["topic"], base64.b64decode(value["value"]))
        if type(event) in RAISED.values():
            with pytest.raises(
                Undecodable, match=rf"{event.name} version {event.version} is unknown: this program reads "
            ):
                ours.decode(value["topic"], codec.encode(event))


def test_what_an_upcast_cannot_take_is_refused_in_words() -> None:
    with pytest.raises(UnknownEvent, match="trade-executed version 1 cannot become version 2: KeyError 'volume'"):
        upcast(Raised.TradeExecuted, 1, {"price": "1"})
    with pytest.raises(UnknownEvent, match="version 3 is unknown: this program reads 1 to 2"):
        upcast(Raised.TradeExecuted, 3, {})
    fields = {"volume": "2", "price": "3"}
    assert upcast(Raised.TradeExecuted, 1, fields) == {"price": "3", "quantity": "2", "notional": "6.000000000000"}
    assert fields == {"volume": "2", "price": "3"}, "an upcast leaves what it was given as it is"
