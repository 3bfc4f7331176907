"""The API over the real embedded log, store and relay: what is appended reaches REST and the stream alike."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.embedded.event_log import SqliteEventLog
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.engine import create_engine
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.store import SqlStore
from application.alerting.commands import AlertCommands
from application.alerting.relay import Relay
from application.failed_records import FailedRecords
from application.store import StoreProjection
from domain.values import Origin
from entrypoints.api.services import Services
from tests.builders import SCORER
from tests.integration.api.server import Api, serving
from tests.telemetry import Remembered
from tests.unit.api.world import BTC, ETH, PAIRS, World, article, connected, raised, ticker, trade


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Session:
    services: Services
    store: SqlStore
    relay: Relay


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    log, store, clock = SqliteEventLog(tmp_path / "log.db"), SqlStore(engine), _SystemClock()
    market, alerts = SqlMarketReads(engine), SqlAlertReads(engine)
    relay = Relay(log, store, FailedRecords(log, clock, Remembered(), origin=Origin.LIVE), clock)
    commands = AlertCommands(store, alerts, clock, origin=Origin.LIVE, changed=relay.wake)
    commands.set_up(PAIRS)
    projection = StoreProjection(log, store, clock, Remembered(), origin=Origin.LIVE)
    stop = threading.Event()
    threads = [threading.Thread(target=part.run, args=(stop,)) for part in (projection, relay)]
    for thread in threads:
        thread.start()
    services = replace(
        World().services(), clock=clock, event_log=log, market=market, news=SqlNewsReads(engine, SCORER), alerts=alerts,
        commands=commands,
    )  # fmt: skip
    yield Session(services, store, relay)
    stop.set()
    for thread in threads:
        thread.join()
    log.close()
    engine.dispose()


@pytest.fixture
def services(session: Session) -> Services:
    return session.services


@pytest.fixture
def api(services: Services) -> Iterator[Api]:
    with serving(lambda: services) as api:
        yield api


def test_candles_grow_on_the_stream_until_they_are_what_rest_says(services: Services, api: Api) -> None:
    with api.stream() as stream, api.http() as http:
        stream.subscribe("candles", pairs=["BTC-USD"])
        services.event_log.append([trade(number) for number in range(1, 31)])
        services.event_log.append([trade(number, ETH) for number in range(1, 31)])
        services.event_log.append([trade(number) for number in range(31, 51)])
        latest: dict[str, object] = {}
        while latest.get("trades") != 50:
            row = stream.hear()["data"]
            assert row["pair"] == BTC
            if row["interval"] == "1m":
                latest = row
        query = {"pair": "BTC-USD", "interval": "1m"}
        assert http.get("/api/v1/candles/", params=query).json()["items"] == [latest]
    with api.stream() as again:
        again.subscribe("candles", after="0")
        assert len(again.rows(12)) == 12
        assert again.silent()


def test_every_channel_resumes_from_the_beginning_with_the_rows_of_rest(services: Services, api: Api) -> None:
    services.event_log.append([trade(1), ticker(2), article(3, "BTC"), connected(), trade(4)])
    with api.stream() as stream, api.http() as http:
        stream.subscribe("feeds", after="0")
        assert stream.hear()["data"]["name"] == BTC
        for channel, path in (("trades", "trades"), ("tickers", "tickers/BTC-USD"), ("articles", "articles")):
            stream.subscribe(channel, after="0")
            items: list[object] = []
            while not items:  # the store may come a moment after the log
                items = http.get(f"/api/v1/{path}/").json()["items"]
            assert [row["data"] for row in stream.rows(len(items))] == items[::-1]
        assert stream.silent()


def test_a_command_over_rest_comes_back_on_the_stream(session: Session, api: Api) -> None:
    alert = raised(1)
    with api.stream() as stream, api.http() as http:
        stream.subscribe("alerts")
        with session.store.begin() as tx:
            tx.append(f"alert:{alert.alert_id}", [alert], expected_version=0)
        session.relay.wake()
        assert stream.hear()["data"]["status"] == "raised"
        answer = http.post(f"/api/v1/alerts/{alert.alert_id}/silence/", json={"minutes": 5})
        assert stream.hear()["data"] == answer.json()
        assert http.get("/api/v1/alerts/?status=silenced").json()["items"] == [answer.json()]
