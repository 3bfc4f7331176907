"""Backtests over a real connection, as what may ask for one depends on where it comes from."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from domain.market.candle import Interval
from tests.builders import BTC, candle
from tests.integration.api.server import serving
from tests.unit.api.world import NOON, World

PATH = "/api/v1/backtests"
ORDER = {"strategy": "sma-cross", "pair": "XBT-USD", "interval": "1m", "parameters": {"fast": 1, "slow": 2}}


@pytest.fixture
def world() -> World:
    made = World()
    first = NOON - timedelta(minutes=100)
    for number in range(90):
        close = Decimal(100 + number % 10)
        one = candle(first + timedelta(minutes=number), pair=BTC, interval=Interval.M1, close=close)
        made.touched[one.bucket] = (one, (number, 0))
    return made


@pytest.fixture
def api(world: World) -> Iterator[httpx.Client]:
    with serving(world.services) as api, api.http() as http:
        yield http


def test_strategies_are_listed_with_the_bounds_of_their_parameters(api: httpx.Client) -> None:
    page = api.get(f"{PATH}/").json()
    assert [row["name"] for row in page["items"]] == [
        "buy-and-hold", "sma-cross", "breakout", "forecast-following", "sentiment-following",
    ]  # fmt: skip
    assert page["items"][1]["parameters"][0] == {
        "name": "fast", "meaning": "bars of the short-term mean", "default": 10, "least": 1, "most": 4999, "whole": True,
    }  # fmt: skip
    assert api.get(PATH, params={"limit": 1, "cursor": 1}).json()["items"][0]["name"] == "sma-cross"


def test_a_report_tells_figures_curve_trades_and_why_something_is_missing(api: httpx.Client) -> None:
    found = api.post(f"{PATH}/", json=ORDER | {"fee_pct": "0", "slippage_bp": 0})
    assert found.status_code == 200, found.text
    report = found.json()
    assert (report["pair"], report["bars"], report["missing_bars"]) == ("BTC/USD", 90, 0)
    assert report["parameters"] == {"fast": 1, "slow": 2}
    assert (report["start"], report["end"]) == ("2026-11-22T10:20:00Z", "2026-11-22T11:50:00Z")
    assert report["figures"]["trades"] == 8
    assert report["figures"]["cagr_pct"] is None
    assert report["figures"]["why_none"]["cagr_pct"] == "less than 30 days are too short for a figure by year"
    assert report["trades"][0] == {
        "entered_at": "2026-11-22T10:22:00Z", "exited_at": "2026-11-22T10:31:00Z", "entry_price": "102",
        "exit_price": "101", "return_pct": -0.980392,
    }  # fmt: skip
    assert report["trades"][-1]["exited_at"] is None
    assert len(report["trades"]) == 9
    assert report["curve"][0] == {"timestamp": "2026-11-22T10:21:00Z", "equity": 1, "benchmark": 1, "drawdown_pct": 0}
    assert [row["fee_pct"] for row in report["fee_sensitivity"]] == [0, 0.1, 0.25, 0.4]
    assert (report["origin"], report["recorded_at"]) == ("live", "2026-11-22T11:49:00Z")


@pytest.mark.parametrize("strategy", ["buy-and-hold", "breakout", "forecast-following", "sentiment-following"])
def test_each_strategy_runs_at_its_defaults(api: httpx.Client, strategy: str) -> None:
    found = api.post(PATH, json={"strategy": strategy, "pair": "BTC-USD", "interval": "1m"})
    assert found.status_code == 200, found.text


@pytest.mark.parametrize(
    ("changed", "status", "field", "words"),
    [
        ({"strategy": "moon"}, 422, "strategy", "expected buy-and-hold"),
        ({"pair": "NOPE-USD"}, 404, "pair", "known are BTC-USD"),
        ({"pair": "ETH-USD"}, 422, "pair", "no closed candles of ETH/USD at 1m"),
        ({"interval": "7m"}, 422, "interval", "expected one of 1m"),
        ({"parameters": {"fast": 30, "slow": 20}}, 422, "fast", "expected less than slow"),
        ({"parameters": {"quick": 1}}, 422, "parameters", "no parameter 'quick'"),
        ({"parameters": {"fast": "ten"}}, 422, "parameters[...]", "expected `float`"),
        ({"fee_pct": 11}, 422, "fee_pct", "expected 0 to 10"),
        ({"fee_pct": "NaN"}, 422, "fee_pct", "expected a number"),
        ({"slippage_bp": -1}, 422, "slippage_bp", "expected 0 to 1000"),
        ({"start": "yesterday"}, 422, "start", "RFC 3339"),
        ({"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T10:00:00Z"}, 422, "start", "start is after end"),
        ({"leverage": 10}, 422, "leverage", "unknown field"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(
    api: httpx.Client, changed: dict[str, Any], status: int, field: str, words: str
) -> None:
    found = api.post(PATH, json=ORDER | changed)
    assert found.status_code == status, found.text
    assert found.json()["field"] == field
    assert words in found.json()["detail"]
