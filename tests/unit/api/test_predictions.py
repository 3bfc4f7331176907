"""Forecasts over REST and the stream: those served, why there are none, how good they have been."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from application.ports.event_log import Position, Recorded
from application.ports.forecast_reads import TrackRecordRead
from application.topics import ANALYTICS_EVENTS
from domain.analytics.skill import Outcome
from domain.values import Origin
from entrypoints.api.app import create_app
from entrypoints.api.stream.translate import log_messages
from tests.builders import BTC, ETH, at, forecast, forecast_score
from tests.unit.api.world import World

Client = TestClient[Litestar]
PATH = "/api/v1/predictions"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_a_forecast_is_written_exactly_and_scored_when_its_time_has_come(world: World, api: Client) -> None:
    issued = forecast(price=Decimal("97000.50"), served_because="over the last 312 bars its error was 0.6 % below")
    world.happens(issued, forecast(model="mix", served=False))
    row = {
        "pair": "BTC/USD", "horizon_s": 3600, "issued_at": "2026-11-22T15:30:00Z", "target_at": "2026-11-22T16:30:00Z",
        "price": "97000.5", "lower": "96000", "upper": "98000", "level": "0.9", "model": "naive", "served": True,
        "served_because": "over the last 312 bars its error was 0.6 % below", "actual": None, "inside": None,
        "event_id": "forecast:BTC/USD:3600:naive:2026-11-22T16:30:00Z", "origin": "live",
        "recorded_at": "2026-11-22T15:30:00Z",
    }  # fmt: skip
    assert api.get(f"{PATH}/").json()["items"] == [row]
    world.happens(forecast_score(issued))
    assert api.get(PATH).json()["items"] == [row | {"actual": "97100", "inside": True}]


def test_forecasts_are_found_by_pair_horizon_and_model(world: World, api: Client) -> None:
    world.happens(forecast(), forecast(pair=ETH, horizon_s=60, target_at=at(60)), forecast(model="mix", served=False))

    def found(**by: str) -> list[tuple[str, int, str]]:
        return [(row["pair"], row["horizon_s"], row["model"]) for row in api.get(PATH, params=by).json()["items"]]

    assert found() == [("ETH/USD", 60, "naive"), ("BTC/USD", 3600, "naive")]
    assert found(pair="XBT-USD") == [("BTC/USD", 3600, "naive")]
    assert found(horizon_s="60") == [("ETH/USD", 60, "naive")]
    assert found(model="mix") == [("BTC/USD", 3600, "mix")]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("pair=NOPE-USD", 404, "known are BTC-USD"),
        ("horizon_s=7", 422, "expected 60, 300 or 3600"),
        ("horizon_s=x", 422, "horizon_s"),
        ("horizon=60", 422, "unknown"),
        ("model=", 422, "1 to 200 printable"),
        ("cursor=x", 422, "cursor"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [PATH, f"{PATH}/skill"])
def test_what_cannot_be_asked_is_refused_in_words(api: Client, path: str, query: str, status: int, words: str) -> None:
    found = api.get(f"{path}?{query}")
    if "model" in query and path.endswith("skill"):
        words = "unknown"
    assert found.status_code == status
    assert words in found.text


def test_every_series_without_a_forecast_says_why(world: World, api: Client) -> None:
    of_btc: dict[str, Any] = {
        "60": {"missing": None, "last": "2026-11-22T11:58:00Z"},
        "300": {"missing": "too few bars yet: 7 of 20 that an interval needs", "last": "2026-11-22T11:50:00Z"},
        "3600": {"missing": None, "last": "2026-11-22T08:00:00Z"},
    }
    world.states = {BTC: json.dumps({"form": 1, "series": of_btc})}
    missing = api.get(PATH).json()["missing"]
    assert [(one["pair"], one["horizon_s"]) for one in missing] == [
        ("BTC/USD", 300), ("BTC/USD", 3600), *((pair, s) for pair in ("ETH/USD", "DOGE/USD") for s in (60, 300, 3600)),
    ]  # fmt: skip
    assert missing[0]["reason"] == "too few bars yet: 7 of 20 that an interval needs"
    assert missing[1]["reason"].startswith("no bar has closed since 2026-11-22T09:00:00Z")
    assert missing[2]["reason"] == "no bar has closed yet"
    assert len(api.get(PATH, params={"pair": "BTC-USD", "horizon_s": 300}).json()["missing"]) == 1
    assert api.get(PATH, params={"as_of": "2026-11-22T12:00:00Z"}).json()["missing"] == []


def test_in_a_recording_no_forecast_grows_old(api: Client, world: World) -> None:
    world.origin = Origin.RECORDING
    series = {str(seconds): {"missing": None, "last": "2019-07-01T00:00:00Z"} for seconds in (60, 300, 3600)}
    world.states = {BTC: json.dumps({"form": 1, "series": series})}
    assert api.get(PATH, params={"pair": "BTC-USD"}).json()["missing"] == []


def test_skill_is_told_by_series_and_model_and_null_where_undefined(world: World, api: Client) -> None:
    moved = Outcome(price=101, lower=95, upper=105, actual=102, naive=100, level=0.9)
    still = Outcome(price=100, lower=95, upper=105, actual=100, naive=100, level=0.9)
    world.records = [
        TrackRecordRead(BTC, 60, "mix", [moved, moved, still], at(1), Origin.SIMULATED),
        TrackRecordRead(ETH, 60, "naive", [still], at(2), Origin.LIVE),
    ]
    first, second = api.get(f"{PATH}/skill/").json()["items"]
    assert first == {
        "pair": "BTC/USD", "horizon_s": 60, "model": "mix", "n": 3, "mae_ratio": 0.5, "direction": 1.0,
        "direction_low": 0.34238, "direction_high": 1.0, "coverage": 1.0, "winkler": 1000.0, "origin": "simulated",
        "recorded_at": "2026-11-22T15:30:01Z",
    }  # fmt: skip
    assert (second["mae_ratio"], second["direction"], second["direction_low"]) == (None, None, None)
    assert [row["pair"] for row in api.get(f"{PATH}/skill", params={"pair": "ETH-USD"}).json()["items"]] == ["ETH/USD"]
    page = api.get(f"{PATH}/skill", params={"limit": 1}).json()
    rest = api.get(f"{PATH}/skill", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [row["pair"] for row in page["items"] + rest["items"]] == ["BTC/USD", "ETH/USD"]


def test_the_stream_tells_of_served_forecasts_alone(world: World) -> None:
    events = [forecast(), forecast(model="mix", served=False), forecast_score(forecast())]
    records = [Recorded(Position("", number), ANALYTICS_EVENTS, event) for number, event in enumerate(events, start=1)]
    (message,) = log_messages(world.services(), records)
    sent = json.loads(message.text("1"))
    assert (sent["channel"], sent["origin"], message.names) == ("predictions", "live", (BTC,))
    assert (sent["data"]["model"], sent["data"]["served"], sent["data"]["actual"]) == ("naive", True, None)
