"""Candles as they grew, over a real store."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.ports.page import Window
from application.ports.store import Bucket
from application.time_machine import GrowingCandles, Pace
from domain.errors import InvalidValue
from domain.market.candle import Candle, Interval
from tests.builders import BTC, T0, at, trade
from tests.unit.application.conftest import World


@pytest.mark.parametrize("interval", Interval)
def test_candles_grow_into_those_of_the_store(world: World, interval: Interval) -> None:
    trades = [trade(number, occurred_at=at(20 * number), price=Decimal(100 + number)) for number in range(1, 60)]
    world.event_log.append(trades)
    world.projection.catch_up()
    start = trades[30].recorded_at
    growing = GrowingCandles(world.market, start)
    latest: dict[Bucket, Candle] = {}
    for one in [*trades[31:], *trades[40:45]]:  # some of them twice
        latest |= {candle.bucket: candle for candle in growing.add([one])}
    stored = world.market.candles(BTC, interval, Window(limit=1000)).items
    touched = [candle for candle in stored if candle.bucket in latest]
    assert touched
    assert [latest[candle.bucket] for candle in touched] == touched


@given(st.floats(1, 100), st.floats(0, 1e6), st.floats(0, 1e6))
@settings(max_examples=50)
def test_a_pace_never_goes_back(speed: float, one: float, other: float) -> None:
    pace = Pace(T0, speed, T0 + timedelta(seconds=1))
    early, late = sorted([one, other])
    assert T0 <= pace.at(early) <= pace.at(late)


@pytest.mark.parametrize("speed", [0.99, 100.1, float("nan"), float("inf"), -1])
def test_speeds_are_bounded(speed: float) -> None:
    with pytest.raises(InvalidValue, match="expected 1 to 100 times"):
        Pace(T0, speed, T0 + timedelta(seconds=1))
