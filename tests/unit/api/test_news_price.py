"""What prices did after an article, as it is served with the article."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from tests.unit.api.world import NOON, World, article, trade

Client = TestClient[Litestar]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_an_article_comes_with_what_the_prices_did(world: World, api: Client) -> None:
    one = article(0, "BTC", "ETF")
    world.happens(one, trade(-30, price="100"), trade(270, price="102"))
    world.clock.time = NOON + timedelta(minutes=6)
    row = api.get(f"/api/v1/articles/{one.article_id}/").json()
    five, half_an_hour, hour = row["price_reaction"]
    assert five == {
        "pair": "BTC/USD", "horizon_s": 300, "price_before": "100", "price_after": "102", "change_pct": "2",
        "observations": 0, "usual_change_pct": None, "share_as_large": None,
        "reason": "no 5 minutes without news and with prices were found in the 7 days before",
    }  # fmt: skip
    assert (half_an_hour["horizon_s"], hour["horizon_s"]) == (1800, 3600)
    assert hour["reason"] == "the 60 minutes after the article are not over"
    assert api.get("/api/v1/articles/").json()["items"][0]["price_reaction"] is None


def test_as_of_a_time_before_it_there_was_no_such_article(world: World, api: Client) -> None:
    one = article(60, "Mining")
    world.happens(one)
    path = f"/api/v1/articles/{one.article_id}/"
    assert api.get(path, params={"as_of": "2026-11-22T12:00:59Z"}).status_code == 404
    assert api.get(path, params={"as_of": "2026-11-22T12:01:00Z"}).json()["price_reaction"] == []
    assert api.get(path, params={"as_of": "soon"}).json()["field"] == "as_of"
