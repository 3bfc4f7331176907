"""Gaps over HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from domain.market.gap import TradeGap
from domain.values import Origin
from entrypoints.api.app import create_app
from tests.unit.api.world import NOON, World


def _gap(minute: int, *, fetched: bool) -> TradeGap:
    start = NOON + timedelta(minutes=minute)
    return TradeGap(
        first=100 * minute, last=100 * minute + 4, start=start, end=start + timedelta(seconds=20),
        open_runs=() if fetched else ((100 * minute + 3, 100 * minute + 4),),
        recorded_at=start + timedelta(seconds=21), origin=Origin.LIVE,
    )  # fmt: skip


@pytest.fixture
def api() -> Iterator[TestClient[Litestar]]:
    world = World()
    world.gap_list = [_gap(30, fetched=False), _gap(10, fetched=True)]
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_gaps_are_told_with_what_became_of_them(api: TestClient[Litestar]) -> None:
    assert api.get("/api/v1/feeds/BTC-USD/gaps/").json() == {
        "items": [
            {
                "start": "2026-11-22T12:30:00Z", "end": "2026-11-22T12:30:20Z", "trades": 5, "missing": 2,
                "state": "missing", "origin": "live", "recorded_at": "2026-11-22T12:30:21Z",
            },
            {
                "start": "2026-11-22T12:10:00Z", "end": "2026-11-22T12:10:20Z", "trades": 5, "missing": 0,
                "state": "backfilled", "origin": "live", "recorded_at": "2026-11-22T12:10:21Z",
            },
        ],
        "next_cursor": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "states"),
    [
        ("start=2026-11-22T12:10:20Z", ["missing", "backfilled"]),
        ("start=2026-11-22T12:10:21Z", ["missing"]),
        ("end=2026-11-22T12:30:00Z", ["backfilled"]),
        ("as_of=2026-11-22T12:20:00Z", ["backfilled"]),
        ("limit=1", ["missing"]),
        ("limit=1&cursor=1", ["backfilled"]),
    ],
)
def test_which_gaps_are_told(api: TestClient[Litestar], asked: str, states: list[str]) -> None:
    assert [row["state"] for row in api.get(f"/api/v1/feeds/BTC-USD/gaps?{asked}").json()["items"]] == states


def test_a_feed_that_is_no_configured_pair_has_no_gaps(api: TestClient[Litestar]) -> None:
    answer = api.get("/api/v1/feeds/CoinDesk/gaps/")
    assert answer.status_code == 404
    assert "BTC-USD" in answer.json()["detail"]
