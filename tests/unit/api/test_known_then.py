"""A question about a recent time waits for the tables, and says so where they do not come."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from application.ports.event_log import Cursor
from domain.values import rfc3339
from entrypoints.api import known_then
from entrypoints.api.app import create_app
from tests.unit.api.world import NOON, World, raised, trade

Client = TestClient[Litestar]

PATHS = ["feeds/", "feeds/BTC-USD/gaps/", "trades/?pair=BTC-USD", "tickers/", "alert-rules/", "statistics/"]


@pytest.fixture
def world() -> World:
    """Two trades are in the log. The tables have the first one, and the second one when they no longer lag."""
    world = World()
    world.log.append([trade(1), trade(2)])
    world.places.lags_at = Cursor("1")
    world.clock.time = NOON + timedelta(seconds=10)
    return world


@pytest.fixture
def api(world: World) -> Iterator[Client]:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def ask(api: Client, path: str, seconds: float) -> Any:
    as_of = rfc3339(NOON + timedelta(seconds=seconds)).replace("+", "%2B")
    return api.get(f"/api/v1/{path}{'&' if '?' in path else '?'}as_of={as_of}")


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_about_a_recent_time_waits_for_the_tables(world: World, api: Client, path: str) -> None:
    world.places.lags_for = 3
    assert ask(api, path, 5).status_code == 200
    assert world.places.looks == 4


@pytest.mark.parametrize("path", PATHS)
def test_it_says_so_where_the_tables_do_not_come(
    world: World, api: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_then, "WAITS_S", 0.05)
    world.places.lags_for = math.inf
    answer = ask(api, path, 5)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    problem = answer.json()
    assert (problem["code"], problem["field"]) == ("as-of-not-reached", "as_of")
    assert "2026-11-22T12:00:05" in problem["detail"] and "earlier time" in problem["detail"]
    assert ask(api, path, -3600).status_code == 200, "an earlier time does not wait"
    assert api.get(f"/api/v1/{path}").status_code == 200, "the present does not wait"


def test_only_the_first_question_about_a_time_looks_at_the_log_position(world: World, api: Client) -> None:
    assert ask(api, "feeds/", -3600).status_code == 200
    assert world.places.looks == 0
    for seconds in (5, 5, 3, 9):
        assert ask(api, "feeds/", seconds).status_code == 200
    assert world.places.looks == 1
    world.clock.time += timedelta(seconds=60)
    assert ask(api, "feeds/", 30).status_code == 200
    assert world.places.looks == 2


def test_records_that_no_table_takes_are_not_waited_for(world: World, api: Client) -> None:
    world.log.append([raised(1)])
    world.places.lags_at, world.places.lags_for = Cursor("2"), math.inf
    assert ask(api, "feeds/", 5).status_code == 200


def test_a_time_whose_records_may_still_reach_the_log_is_waited_for(world: World, api: Client) -> None:
    """The head of the log is looked at half a second after the time that is asked for, not before."""
    tables = world.services().tables
    assert tables.open_for_s(world.clock.now()) == 0.5
    assert tables.open_for_s(world.clock.now() - timedelta(seconds=1)) == 0
    assert tables.open_for_s(world.clock.now() + timedelta(days=1)) == 0, "a future time is answered as the present"
    assert tables.reach(tables.head())
    assert tables.must_ask(world.clock.now() - timedelta(seconds=0.4))
    assert not tables.must_ask(world.clock.now() - timedelta(seconds=0.6))
