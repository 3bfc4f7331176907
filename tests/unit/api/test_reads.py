from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import ASGIApp

from adapters.metrics.prometheus import PrometheusTelemetry
from application.ports.market_reads import AsOfTooOld
from application.ports.store import StoreUnavailable
from domain.market.feed import TradeIdsRestarted
from domain.market.feed_health import FeedHealth, FeedKind, FeedState
from domain.values import Origin
from entrypoints.api.app import create_app
from entrypoints.api.server import as_served
from entrypoints.api.services import Component, NotReady, Services
from tests.unit.api.world import BTC, ETH, NOON, World, article, connected, raised, ticker, trade

Client = TestClient[ASGIApp]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    meter = PrometheusTelemetry()
    app = create_app(world.services, meter, world.house, bound_to_loopback=True)
    with TestClient(as_served(app, meter), base_url="http://127.0.0.1") as client:
        yield client


def test_a_trade_is_written_exactly(world: World, api: Client) -> None:
    world.happens(trade(7))
    assert api.get("/api/v1/trades/").json() == {
        "items": [
            {
                "pair": "BTC/USD", "price": "97000.1", "volume": "0.001", "timestamp": "2026-11-22T12:00:07Z",
                "side": "b", "trade_id": 7, "order_type": "market", "event_id": "kraken:BTC/USD:7", "origin": "live",
                "recorded_at": "2026-11-22T12:00:07Z",
            }
        ],
        "next_cursor": None,
    }  # fmt: skip


def test_a_ticker_has_no_exponents_nor_trailing_zeros(world: World, api: Client) -> None:
    world.happens(ticker(1))
    row = api.get("/api/v1/tickers").json()["items"][0]
    assert (row["last"], row["bid"], row["change_24h"], row["pct_change"]) == ("97000.1", "1.5", "-100", "-0.1")


@pytest.mark.parametrize("name", ["BTC-USD", "btc-usd", "XBT-USD"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_pairs_are_understood_under_their_old_names_too(world: World, api: Client, name: str, slash: str) -> None:
    world.happens(ticker(1), ticker(2, ETH))
    assert [row["pair"] for row in api.get(f"/api/v1/tickers/{name}{slash}").json()["items"]] == ["BTC/USD"]


def test_pages_lead_from_one_to_the_next(world: World, api: Client) -> None:
    world.happens(*[trade(number) for number in range(1, 6)])
    seen, cursor = [], None
    while True:
        page = api.get("/api/v1/trades", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["trade_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    rules = api.get("/api/v1/watchlist", params={"limit": 2}).json()
    rest = api.get("/api/v1/watchlist", params={"limit": 2, "cursor": rules["next_cursor"]}).json()
    assert [row["pair"] for row in rules["items"] + rest["items"]] == ["BTC/USD", "ETH/USD", "DOGE/USD"]


def test_a_candle_is_closed_two_seconds_after_its_end(world: World, api: Client) -> None:
    world.happens(trade(1))
    query = {"pair": "BTC-USD", "interval": "1m"}
    world.clock.time = NOON + timedelta(seconds=61)
    assert api.get("/api/v1/candles", params=query).json()["items"][0]["closed"] is False
    world.clock.time = NOON + timedelta(seconds=62)
    row = api.get("/api/v1/candles/", params=query).json()["items"][0]
    assert (row["closed"], row["start"], row["vwap"], row["trades"]) == (True, "2026-11-22T12:00:00Z", "97000.1", 1)
    assert (row["volume"], row["buy_volume"], row["sell_volume"]) == ("0.001", "0.001", "0")
    as_of = query | {"as_of": "2026-11-22T13:00:30+01:00"}
    assert api.get("/api/v1/candles/", params=as_of).json()["items"][0]["closed"] is False


def test_articles_are_found_by_tag_source_words_and_id(world: World, api: Client) -> None:
    world.happens(article(1, "BTC"), article(2, "ETF"))
    rows = api.get("/api/v1/articles/", params={"tag": "BTC", "source": "CoinDesk", "q": "Title"}).json()["items"]
    assert [(row["title"], row["published_at"], row["sentiment"]) for row in rows] == [("Title 1", None, None)]
    assert api.get(f"/api/v1/articles/{rows[0]['id']}/").json() | {"price_reaction": None} == rows[0]
    assert api.get("/api/v1/articles/none/").status_code == 404


def test_alerts_are_listed_by_status_and_pair(world: World, api: Client) -> None:
    world.happens(raised(1), raised(2, ETH))
    rows = api.get("/api/v1/alerts", params={"status": "raised", "pair": "ETH-USD"}).json()["items"]
    assert [(row["pair"], row["pct_change"], row["status"]) for row in rows] == [("ETH/USD", "-1.23", "raised")]
    assert rows[0]["id"] == rows[0]["alert_id"]


def test_config_says_what_is_watched_without_credentials(api: Client) -> None:
    config = api.get("/api/v1/config/crypto/").json()
    assert config["pairs"] == ["BTC/USD", "ETH/USD", "DOGE/USD"]
    assert config["feeds"] == [{"name": "CoinDesk", "url": "https://coindesk.com/rss"}]
    assert config["intervals"] == ["1m", "5m", "15m", "1h", "4h", "1d"]
    assert config["thresholds"] == {"price_move_pct": "1", "window_s": 300}
    assert (config["origin"], config["profile"]) == ("live", "embedded")


def _health(**fields: object) -> FeedHealth:
    facts = {"name": BTC, "kind": FeedKind.MARKET, "state": FeedState.LIVE, "since": NOON, "recorded_at": NOON}
    return FeedHealth(**{**facts, "origin": Origin.LIVE, "last_message_at": NOON, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "silent_s", "state", "quiet_s"),
    [
        ({}, 60, "live", 60.0),
        ({}, 60.5, "stale", 60.5),
        ({}, -5, "live", 0.0),
        ({"state": FeedState.DOWN}, 600, "down", 600.0),
        ({"state": FeedState.ENDED}, 600, "ended", 0.0),
        ({"origin": Origin.RECORDING}, 600, "live", 0.0),
        ({"last_message_at": None}, 61, "stale", 61.0),
        ({"name": "CoinDesk", "kind": FeedKind.NEWS}, 900, "live", 900.0),
        ({"name": "CoinDesk", "kind": FeedKind.NEWS}, 901, "stale", 901.0),
    ],
)
def test_staleness_and_quietness_are_told_by_the_clock(
    world: World, api: Client, fields: dict[str, object], silent_s: float, state: str, quiet_s: float
) -> None:
    health = _health(**fields)
    world.health[health.name] = health
    world.clock.time = NOON + timedelta(seconds=silent_s)
    row = next(row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == health.name)
    assert (row["state"], row["quiet_s"]) == (state, quiet_s)


def test_lag_is_how_late_the_trades_of_the_last_minute_were_recorded_and_no_matter_of_the_clock(
    world: World, api: Client
) -> None:
    world.health[BTC] = _health(last_message_at=NOON)
    for number in range(100):
        late_s = 30 if number < 4 else 5 if number < 10 else 0.25
        recorded_at = NOON + timedelta(milliseconds=number)
        world.trades_list.append(
            replace(trade(number, BTC), occurred_at=recorded_at - timedelta(seconds=late_s), recorded_at=recorded_at)
        )
    for seconds, lag_s in ((1, 5.0), (59, 5.0), (61, 0.0)):
        world.clock.time = NOON + timedelta(seconds=seconds)
        [row] = [row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == BTC]
        assert row["lag_s"] == lag_s, "95 % of them were no later"


def test_while_the_tables_stand_still_no_feed_is_blamed_for_it(world: World, api: Client) -> None:
    world.health[BTC] = _health(last_message_at=NOON)
    world.clock.time = NOON + timedelta(seconds=300)
    world.components["spark_ingestion"] = Component("down", "it has not reported for 12 s")
    [row] = [row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == BTC]
    assert (row["state"], row["quiet_s"]) == ("live", 300.0)
    world.components["spark_ingestion"] = Component("ok")
    [row] = [row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == BTC]
    assert row["state"] == "stale"


def test_feeds_list_configured_ones_even_if_not_heard_of_and_none_that_is_not_collected_any_more(
    world: World, api: Client
) -> None:
    world.happens(connected(ETH), trade(1, ETH), trade(4, ETH))
    world.health["GOLD/USD"] = _health(name="GOLD/USD", state=FeedState.DOWN, error="unknown pair")
    world.health[ETH] = _health(name=ETH, gaps=1, open_runs=((2, 3),))
    rows = api.get("/api/v1/feeds", params={"limit": 1000}).json()["items"]
    assert [row["name"] for row in rows] == ["BTC/USD", "ETH/USD", "DOGE/USD", "CoinDesk"]
    assert [row["state"] for row in rows] == ["connecting", "live", "connecting", "connecting"]
    assert (rows[1]["gaps"], rows[1]["missing"], rows[1]["completeness"]) == (1, 2, 0.5)
    assert (rows[1]["trades"], rows[1]["trades_since"]) == (2, "2026-11-22T12:00:01Z")
    assert (rows[0]["trades"], rows[3]["trades_since"]) == (None, None)
    assert rows[3]["completeness"] is None
    then = api.get("/api/v1/feeds", params={"as_of": "2026-11-21T12:00:00Z"}).json()["items"]
    assert "GOLD/USD" in {row["name"] for row in then}, "it was collected then"


def test_a_feed_that_was_resumed_is_not_called_paused_until_it_is_connected(world: World, api: Client) -> None:
    world.health[ETH] = _health(name=ETH, state=FeedState.DOWN, error="paused by ada")
    row = next(row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == ETH)
    assert (row["state"], row["error"], row["paused"]) == ("connecting", None, False)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("trades?limit=0", "limit"),
        ("trades?limit=1001", "limit"),
        ("trades?limit=many", "limit"),
        ("trades?start=yesterday", "start"),
        ("trades?end=2026-02-31T00:00:00Z", "end"),
        ("trades?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "start"),
        ("trades?as_of=2026-01-02", "as_of"),
        ("trades?cursor=nonsense", "cursor"),
        ("trades?cursor=%00", "cursor"),
        ("watchlist?cursor=nonsense", "cursor"),
        ("trades?pear=BTC-USD", "pear"),
        ("candles", "pair"),
        ("candles?pair=BTC-USD&interval=2m", "interval"),
        ("alerts?status=asleep", "status"),
        ("articles?q=", "q"),
        ("articles?tag=%00", "tag"),
        ("health?deep=yes", "deep"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(api: Client, path: str, field: str) -> None:
    answer = api.get(f"/api/v1/{path}")
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert problem["field"] == field and field in problem["detail"] and problem["status"] == 422


@pytest.mark.parametrize("path", ["tickers/FOO-USD", "tickers/foo", "trades?pair=FOO-USD", "candles?pair="])
def test_an_unknown_pairs_answer_names_the_known_ones(api: Client, path: str) -> None:
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json()["known"] == ["BTC-USD", "ETH-USD", "DOGE-USD"] and "DOGE-USD" in answer.json()["detail"]


def test_a_time_whose_plus_was_not_encoded_is_understood(api: Client) -> None:
    assert api.get("/api/v1/trades?start=2026-01-02T00:00:00+01:00").status_code == 200


def test_unknown_paths_and_methods_are_problems(api: Client) -> None:
    missing, wrong = api.get("/api/v1/gold/"), api.patch("/api/v1/watchlist/")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert wrong.status_code == 405 and set(wrong.headers["allow"].split(", ")) >= {"GET", "POST"}


def test_what_cannot_be_told_any_more_is_refused_with_what_can(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AsOfTooOld(NOON)

    monkeypatch.setattr(world, "candles", refuse)
    problem = api.get("/api/v1/candles?pair=BTC-USD&as_of=2020-01-01T00:00:00Z").json()
    assert (problem["status"], problem["field"]) == (422, "as_of") and "2026-11-22T12:00:00Z" in problem["detail"]


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailable("postgresql://secret is locked"), 503), (KeyError("secret"), 500)]
)
def test_our_own_failures_are_problems_without_internals(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(world, "trades", fail)
    answer = api.get("/api/v1/trades/")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_health_tells_the_parts(world: World, api: Client) -> None:
    assert api.get("/api/v1/health/").json()["status"] == "ok"
    world.components["feed"] = Component("down", "Kraken does not answer", since=datetime(2026, 12, 1, 2, tzinfo=UTC))
    answer = api.get("/api/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["components"]["feed"] == {
        "status": "down", "detail": "Kraken does not answer", "since": "2026-12-01T02:00:00Z",
    }  # fmt: skip
    assert api.get("/api/v1/health/ready").status_code == 200
    world.components["database"] = Component("down", "disk full", essential=True)
    assert (api.get("/api/v1/health/").status_code, api.get("/api/v1/health/ready").status_code) == (503, 503)
    assert api.get("/api/v1/health/live/").status_code == 200


def test_between_sessions_there_is_life_but_no_readiness() -> None:
    def services() -> Services:
        raise NotReady("the log is being opened")

    app = create_app(services, PrometheusTelemetry(), World().house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as api:
        assert api.get("/api/v1/health/live").status_code == 200
        health = api.get("/api/v1/health")
        assert (health.status_code, health.json()["status"], health.json()["origin"]) == (503, "down", None)
        answer = api.get("/api/v1/trades")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "the log is being opened" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", ""])
def test_a_rebound_name_is_refused(api: Client, host: str) -> None:
    assert api.get("/api/v1/trades", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "127.9.9.9"])
def test_loopback_names_are_served(api: Client, host: str) -> None:
    assert api.get("/api/v1/trades", headers={"host": host}).status_code == 200


def test_every_answer_has_the_security_headers(api: Client) -> None:
    for path in ("/api/v1/trades", "/api/v1/none", "/none", "/metrics", "/schema", "/schema/none"):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_metrics_count_requests_by_route(api: Client) -> None:
    api.get("/api/v1/tickers/BTC-USD/")
    api.get("/api/v1/tickers/FOO-USD/")
    api.get("/nobody/knows")
    text = api.get("/metrics").text
    route = 'method="GET",route="/api/v1/tickers/{pair}"'
    assert f'cryptoviz_http_requests_total{{{route},status="200"}} 1.0' in text
    assert f'cryptoviz_http_requests_total{{{route},status="404"}} 1.0' in text
    assert 'route="none",status="404"} 1.0' in text
    assert f"cryptoviz_http_request_seconds_count{{{route}}} 2.0" in text


def test_metrics_tell_the_parts_and_how_quiet_each_feed_is(world: World, api: Client) -> None:
    world.health[ETH] = _health(name=ETH, gaps=1, open_runs=((2, 3),))
    world.clock.time = NOON + timedelta(seconds=7)
    text = api.get("/metrics").text
    assert 'cryptoviz_quiet_seconds{feed="ETH/USD"} 7.0' in text
    assert 'cryptoviz_lag_seconds{feed="ETH/USD"} 0.0' in text
    assert 'cryptoviz_missing_trades{feed="ETH/USD"} 2.0' in text
    assert 'cryptoviz_part_ok{part="database"} 1.0' in text
    world.components = {"store": Component("down", "it failed", restarts=5, behind=17, since=NOON)}
    text = api.get("/metrics").text
    assert 'cryptoviz_part_ok{part="store"} 0.0' in text and 'cryptoviz_part_down{part="store"} 1.0' in text
    assert 'cryptoviz_part_restarts{part="store"} 5.0' in text and 'cryptoviz_part_behind{part="store"} 17.0' in text
    assert 'part="database"' not in text, "what is not known any more is not told"


def test_the_schema_documents_every_route(api: Client) -> None:
    schema = api.get("/schema/openapi.json").json()
    operations = {
        (method, path): operation for path, item in schema["paths"].items() for method, operation in item.items()
    }
    assert len(operations) == 73
    for (method, path), operation in operations.items():
        assert operation["summary"], path
        assert path == "/api/v1/health/live" or len(operation["responses"]) > 1, (method, path)
    assert "POST /api/v1/alert-rules" in api.get("/schema").text
    assert "<script" not in api.get("/schema").text


def test_feeds_as_of_know_neither_what_came_later_nor_a_future_lag(api: TestClient[Litestar]) -> None:
    assert api.get("/api/v1/feeds/?as_of=1970-01-01T00:00:00Z").json()["items"] == []
    future = api.get("/api/v1/feeds/?as_of=9999-12-31T23:59:59Z").json()["items"]
    assert future
    assert all(row["lag_s"] < 86_400 for row in future)


def test_ids_that_the_venue_never_gave_are_not_counted(world: World, api: Client) -> None:
    world.happens(*[trade(number) for number in range(1, 11)])
    world.happens(*[replace(trade(number), trade_id=10**15 + number) for number in range(11, 21)])
    world.health[BTC] = _health(name=BTC)
    facts: dict[str, Any] = {"venue": "kraken", "pair": BTC, "offset": 10**15, "reason": "its ids began again"}
    world.restarts.append(
        TradeIdsRestarted(**facts, first=10**15 + 11, occurred_at=NOON, recorded_at=NOON, origin=Origin.LIVE)
    )
    row = next(row for row in api.get("/api/v1/feeds/").json()["items"] if row["name"] == BTC)
    assert (row["trades"], row["completeness"]) == (20, 1.0)


def test_completeness_as_of_counts_the_trades_known_then(world: World, api: Client) -> None:
    world.happens(*[trade(number) for number in range(1, 21)])
    world.health[BTC] = _health(name=BTC, open_runs=((2, 3),))

    def completeness(as_of: str) -> float | None:
        rows = api.get(f"/api/v1/feeds/?as_of={as_of}").json()["items"]
        found: float | None = next(row["completeness"] for row in rows if row["name"] == BTC)
        return found

    assert completeness("2026-11-22T12:00:20Z") == 1 - 2 / 20
    assert completeness("2026-11-22T12:00:10Z") == 1 - 2 / 10
    assert completeness("2026-11-22T12:00:00Z") is None
