"""Sentiment over REST: beside each article, and by tag and interval."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from tests.builders import SCORER, sentiment
from tests.unit.api.world import World, article

Client = TestClient[Litestar]
PATH = "/api/v1/sentiment"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_a_tags_sentiment_by_interval(world: World, api: Client) -> None:
    good, bad = article(1, "BTC"), article(2, "BTC", "ETF")
    world.happens(good, bad, sentiment(good, score=Decimal("0.5000"), recorded_at=good.recorded_at))
    world.happens(sentiment(bad, score=Decimal("-0.25"), label="negative", recorded_at=bad.recorded_at))
    row = {
        "tag": "BTC", "interval": "1h", "start": "2026-11-22T12:00:00Z", "articles": 2, "score": "0.125", "positive": 1,
        "neutral": 0, "negative": 1, "model": SCORER.model, "version": SCORER.version, "origin": "live",
        "recorded_at": "2026-11-22T12:00:02Z",
    }  # fmt: skip
    assert api.get(f"{PATH}/", params={"tag": "BTC"}).json() == {"items": [row], "next_cursor": None}
    rows = api.get(PATH, params={"interval": "1d"}).json()["items"]
    assert [(one["tag"], one["interval"], one["articles"]) for one in rows] == [("BTC", "1d", 2), ("ETF", "1d", 1)]
    assert api.get(PATH, params={"tag": "nothing"}).json()["items"] == []
    (page,) = api.get(PATH, params={"limit": 1}).json()["items"]
    assert page["tag"] == "BTC"


def test_articles_come_with_their_sentiment_once_scored(world: World, api: Client) -> None:
    one = article(1, "BTC")
    world.happens(one)
    assert api.get("/api/v1/articles/").json()["items"][0]["sentiment"] is None
    world.happens(sentiment(one))
    expected = {"score": 0.25, "label": "positive", "model": SCORER.model, "version": SCORER.version}
    assert api.get("/api/v1/articles/").json()["items"][0]["sentiment"] == expected
    assert api.get(f"/api/v1/articles/{one.article_id}/").json()["sentiment"] == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"interval": "2h"}, "interval"),
        ({"tag": ""}, "tag"),
        ({"tag": "x" * 201}, "tag"),
        ({"limit": "0"}, "limit"),
        ({"start": "2026-11-23T00:00:00Z", "end": "2026-11-22T00:00:00Z"}, "start"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"pair": "BTC-USD"}, "pair"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(api: Client, query: dict[str, str], field: str) -> None:
    answer = api.get(PATH, params=query)
    assert answer.status_code == 422
    assert field in answer.json()["detail"]
