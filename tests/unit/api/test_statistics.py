"""Statistics over REST."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from tests.unit.api.world import BTC, ETH, NOON, World, ticker, trade

Client = TestClient[Litestar]
PATH = "/api/v1/statistics"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def happened(world: World) -> None:
    prices = (100, 101, 100, 102, 100)
    for pair in (BTC, ETH):
        world.happens(*[trade(60 * n, pair, price=str(price)) for n, price in enumerate(prices)])
    world.happens(ticker(1))
    world.clock.time = NOON + timedelta(minutes=10)


def test_a_pairs_statistics(world: World, api: Client) -> None:
    happened(world)
    [row] = api.get(f"{PATH}/", params={"pair": "XBT-USD", "interval": "1m"}).json()["items"]
    by_hour = row.pop("volume_by_hour")
    assert row == {
        "pair": "BTC/USD", "interval": "1m", "start": "2026-11-21T12:10:00Z", "end": "2026-11-22T12:10:00Z", "bars": 5,
        "trades": 5, "volume": "0.005", "buy_volume": "0.005", "sell_volume": "0", "return_pct": "0", "returns": 4,
        "realised_volatility": 11.36112, "quotes": 1, "spread_bps": 0.0, "why_none": [], "origin": "live",
        "recorded_at": "2026-11-22T12:04:00Z",
    }  # fmt: skip
    assert [one["hour"] for one in by_hour] == list(range(24))
    assert by_hour[12] == {"hour": 12, "volume": "0.005", "buy_volume": "0.005", "sell_volume": "0"}


def test_every_pair_is_listed_and_says_what_it_lacks(world: World, api: Client) -> None:
    happened(world)
    rows = api.get(PATH, params={"interval": "1d"}).json()["items"]
    assert [row["pair"] for row in rows] == ["BTC/USD", "ETH/USD", "DOGE/USD"]
    assert rows[2]["why_none"] == [
        "no bar closed in this time",
        "bars of 1d are too long to tell the hours of a day apart",
        "no quote with both bid and ask is known from this time",
    ]
    first = api.get(PATH, params={"limit": 2}).json()
    rest = api.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


def test_correlations_of_each_two_pairs(world: World, api: Client) -> None:
    happened(world)
    rows = api.get(f"{PATH}/correlations/", params={"interval": "1m"}).json()["items"]
    assert [(row["pair"], row["other"], row["n"], row["correlation"]) for row in rows] == [
        ("BTC/USD", "ETH/USD", 4, 1.0),
        ("BTC/USD", "DOGE/USD", 0, None),
        ("ETH/USD", "DOGE/USD", 0, None),
    ]
    assert rows[1]["why_none"] == ["it needs 3 returns in common: there are 0"]


@pytest.mark.parametrize("path", [PATH, f"{PATH}/correlations"])
@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"interval": "2m"}, "interval", "expected one of 1m"),
        ({"interval": "1m", "start": "2020-01-01T00:00:00Z"}, "start", "expected 50,000 in all at most"),
        ({"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T11:00:00Z"}, "start", "start is after end"),
        ({"as_of": "soon"}, "as_of", "expected RFC 3339"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    api: Client, path: str, query: dict[str, Any], field: str, words: str
) -> None:
    answer = api.get(path, params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_are_times_too(world: World, api: Client, end: str) -> None:
    happened(world)
    for key in ("end", "as_of"):
        assert api.get(PATH, params={key: end}).status_code == 200
