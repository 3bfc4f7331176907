"""What a release wrote stays readable: its log, its store, its house, and the Avro values of its topics.

The files are what that release wrote (`tests/data`). When one of these tests fails, the code is wrong: add an upcast or a
migration, never change the files.
"""

import base64
import gzip
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.avro.codec import AvroCodec
from adapters.embedded.data_directory import HOUSE_FILE, LIVE, LOG_FILE, STORE_FILE
from adapters.embedded.event_log import SqliteEventLog
from adapters.memory.clock import FixedClock
from adapters.memory.schema_ids import MemorySchemaIds
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.engine import create_engine
from adapters.sql.event_json import decode_event
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.store import SqlStore
from application.alerting.commands import AlertCommands
from application.ports.event_log import BEGINNING, EventLog, Recorded
from application.ports.page import Window
from application.ports.sentiment_model import ModelVersion
from application.store import StoreProjection
from application.topics import TOPICS
from domain.market.candle import Interval
from domain.values import Origin, Pair, plain
from entrypoints.house import HouseContainer
from entrypoints.settings import Settings
from tests.telemetry import Remembered

RELEASES = ("release_2026_12",)
DATA = Path(__file__).parents[2] / "data"
BTC, ETH = Pair("BTC/USD"), Pair("ETH/USD")
SCORER = ModelVersion("lexicon", "1-4f39b2af")
ALL = Window(limit=1000)
GAPS = {"trade-gap-detected", "trade-history-requested", "trade-gap-filled"}  # their ids have got a time since
EVENTS = {
    "trade-executed": 240, "ticker-updated": 2, "article-published": 2, "candle-imported": 60, "feed-connecting": 1,
    "feed-connected": 2, "feed-disconnected": 1, "feed-ended": 1, "subscription-rejected": 1, "trade-gap-detected": 1,
    "trade-history-requested": 1, "trade-gap-filled": 1, "news-source-polled": 1, "news-source-failed": 1,
    "news-source-recovered": 1, "forecast-issued": 1, "forecast-scored": 1, "sentiment-scored": 2, "dead-lettered": 2,
    "dead-letter-settled": 1, "alert-raised": 4, "alert-acknowledged": 1, "alert-resolved": 1, "alert-silenced": 2,
    "alert-rule-created": 7, "alert-rule-changed": 1, "alert-rule-disabled": 1, "pair-watched": 3, "pair-unwatched": 1,
}  # fmt: skip


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of its data directory."""
    root = tmp_path_factory.mktemp(request.param)
    with zipfile.ZipFile(DATA / request.param / "data.zip") as archive:
        archive.extractall(root)
    return root


@pytest.fixture(scope="module")
def log(release: Path) -> Iterator[SqliteEventLog]:
    with SqliteEventLog(release / LIVE / LOG_FILE) as event_log:
        yield event_log


@pytest.fixture(scope="module")
def store(release: Path) -> Iterator[Engine]:
    """Its own store, migrated."""
    engine = create_engine(f"sqlite:///{release / LIVE / STORE_FILE}")
    upgrade(engine)
    yield engine
    engine.dispose()


def test_the_log_is_read_whole(log: SqliteEventLog) -> None:
    assert Counter(event.name for event in events_of(log)) == EVENTS


def test_the_store_answers_after_its_migration(store: Engine) -> None:
    check_answers(store)
    check_aggregates(store)


def test_a_new_store_made_from_the_log_gives_the_same_answers(log: SqliteEventLog, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    projection = StoreProjection(log, SqlStore(engine), FixedClock(), Remembered(), origin=Origin.LIVE)
    projection.catch_up()
    check_answers(engine)
    engine.dispose()


def check_answers(engine: Engine) -> None:
    market, news = SqlMarketReads(engine), SqlNewsReads(engine, SCORER)
    assert [len(market.trades(pair, ALL).items) for pair in (BTC, ETH)] == [120, 120]
    newest = market.trades(ETH, Window(limit=1)).items[0]
    assert (plain(newest.price), newest.trade_id) == ("3000.000000000000000001", 5120)
    hour = market.candles(BTC, Interval.H1, ALL).items
    assert [(plain(candle.open), plain(candle.close), candle.trades) for candle in hour] == [
        ("89900", "90000", 720),
        ("90022.5", "89100", 120),
    ]
    assert len(market.candles(BTC, Interval.M1, ALL).items) == 71
    scored = {found.article.guid: found.sentiment for found in news.articles(ALL).items}
    assert {guid: score and score.label for guid, score in scored.items()} == {"g-1": "positive", "g-2": "negative"}
    letters = SqlDeadLetterReads(engine).dead_letters(ALL, outcome=None).items
    assert sorted(kept.outcome for kept in letters) == ["dropped", "open"]


def check_aggregates(engine: Engine) -> None:
    alerts = SqlAlertReads(engine)
    assert Counter(alert.status.value for alert in alerts.alerts(ALL).items) == {
        "raised": 1, "silenced": 2, "resolved": 1,
    }  # fmt: skip
    commands = AlertCommands(SqlStore(engine), alerts, FixedClock(), origin=Origin.LIVE, changed=lambda: None)
    rules = {rule.terms.title: rule for rule in commands.rules()}
    assert (len(rules), sum(rule.enabled for rule in rules.values())) == (7, 6)
    changed = rules["a quarter of a percent"]
    assert (changed.terms.window_s, plain(changed.terms.threshold_pct), changed.version) == (120, "0.25", 2)
    assert [watched.pair for watched in commands.watchlist().pairs] == [BTC, ETH]


def test_the_house_knows_its_users_channels_and_sources(release: Path) -> None:
    engine = create_engine(f"sqlite:///{release / HOUSE_FILE}")
    upgrade(engine)
    engine.dispose()
    house: HouseContainer = HouseContainer(
        settings=Settings(data_dir=release, profile="embedded", _env_file=None)  # type: ignore[call-arg]
    )
    assert {(user.name, user.role.value, user.enabled) for user in house.users().list()} == {
        ("ada", "admin", True),
        ("grace", "viewer", False),
    }
    signed_in = house.sessions().sign_in("ada", "a boat of the first release", address="192.0.2.7")
    assert signed_in.user.name == "ada"
    assert [channel.terms.title for channel in house.channels().ever()] == ["another hook", "mail"]
    assert [channel.terms.title for channel in house.channels().all()] == ["another hook"]
    sources = house.sources().present()
    assert (sources.pairs, dict(sources.paused), sources.version) == ((BTC, ETH), {"CoinDesk": "ada"}, 5)
    house.engine().dispose()


@pytest.mark.parametrize("release", RELEASES)
def test_values_of_the_topics_are_decoded_by_the_schemas_that_they_name(release: str) -> None:
    with gzip.open(DATA / release / "avro.json.gz", "rt", encoding="utf-8") as file:
        dump: dict[str, Any] = json.load(file)
    codec = AvroCodec(_SchemasOf({int(number): kept["schema"] for number, kept in dump["schemas"].items()}))
    for value in dump["values"]:
        event = codec.decode(value["topic"], base64.b64decode(value["value"]))
        assert event.name == value["name"]
        assert event.event_id == value["event_id"] or (
            event.name in GAPS and event.event_id.startswith(value["event_id"])
        )
        assert decode_event(value["name"], value["version"], json.dumps(value["fields"])) == event
    assert Counter(value["name"] for value in dump["values"]) == EVENTS


class _SchemasOf(MemorySchemaIds):
    """A registry that holds what another one gave out."""

    def __init__(self, schemas: dict[int, str]) -> None:
        super().__init__()
        self._schemas.update(schemas)


def events_of(log: EventLog) -> list[Any]:
    with log.reader(TOPICS, after=BEGINNING) as reader:
        records = reader.read(limit=1000, timeout_s=0)
    assert not [record for record in records if not isinstance(record, Recorded)]
    return [record.event for record in records if isinstance(record, Recorded)]
