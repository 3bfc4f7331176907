"""A value that swings around its threshold makes no storm, whatever the kind of rule."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerting.detector import Sighting
from domain.alerting.kinds import KINDS, PRICE_MOVE
from domain.alerting.voice import MOST_AN_HOUR, Voice, pause_after
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from tests.builders import article, at, forecast, forecast_score, sentiment, ticker, trade

WINDOW = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def voice(kind: str = "price-move", threshold: str = "1", window: timedelta = WINDOW) -> Voice:
    return Voice(KINDS[kind].make(Decimal(threshold), window), window)


def heard(detector: Voice, events: Iterable[Event]) -> list[Sighting]:
    found = (detector.observe(event, timely=True, price=Decimal(100)) for event in events)
    return [seen for seen in found if seen]


def priced(second: float, price: str) -> TradeExecuted:
    return trade(int(second * 10) + 1, price=Decimal(price), occurred_at=at(second))


def test_a_price_that_swings_for_ten_minutes_is_told_once_in_a_window() -> None:
    swing = [priced(2 * n, ("100", "101.2")[n % 2]) for n in range(300)]
    found = heard(voice(), swing)
    assert [seen.occurred_at for seen in found] == [at(2), at(302)]
    assert [seen.held_back for seen in found] == [0, 149]


def test_a_fall_right_after_a_rise_is_told_when_the_pause_is_over_and_it_still_stands() -> None:
    found = heard(voice(), [priced(0, "100"), priced(10, "102"), *(priced(s, "97") for s in range(20, 400, 10))])
    assert [(seen.occurred_at, seen.pct_change > 0, seen.held_back) for seen in found] == [
        (at(10), True, 0),
        (at(310), False, 1),
    ]


def storm_of(kind: str) -> list[Event]:
    """Four hours in which what a kind watches comes and goes as fast as it can."""
    swings = range(4 * 360)
    match kind:
        case "price-move":
            return [priced(10 * n, ("100", "110")[n % 2]) for n in swings]
        case "volume-burst":
            return [trade(n + 1, occurred_at=at(10 * n), volume=Decimal(1000 if n % 40 == 39 else 1)) for n in swings]
        case "spread-widening":
            return [_spread(10 * n, "90" if n % 40 == 39 else "99.9") for n in swings]
        case "sentiment-swing":
            scores = [Decimal(1 if n // 8 % 2 else -1) for n in swings]
            return [
                sentiment(article(str(n), occurred_at=at(10 * n)), score=score, occurred_at=at(10 * n))
                for n, score in enumerate(scores)
            ]
        case "feed-silent":
            return [trade(n + 1, occurred_at=at(20 * n)) for n in swings]
        case "forecast-broken":
            issued = [forecast(occurred_at=at(10 * n), target_at=at(10 * n + 60), horizon_s=60) for n in swings]
            return [
                event
                for n, one in enumerate(issued)
                for event in (
                    one,
                    forecast_score(one, actual=Decimal(110_000), inside=False, occurred_at=at(10 * n + 60)),
                )
            ]
    raise AssertionError(kind)


def _spread(second: float, bid: str) -> TickerUpdated:
    return ticker(occurred_at=at(second), bid=Decimal(bid), ask=Decimal(100), last=Decimal(100))


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_rule_speaks_more_often_than_stated(kind: str) -> None:
    threshold = {"feed-silent": "0", "forecast-broken": "0"}.get(kind, "1")
    found = heard(voice(kind, threshold, timedelta(seconds=10 if kind == "feed-silent" else 60)), storm_of(kind))
    times = [seen.occurred_at for seen in found]
    assert len(found) > MOST_AN_HOUR, "it does speak"
    assert sum(seen.held_back for seen in found), "and counts what it holds back"
    check_pace(times, timedelta(minutes=1))


def check_pace(times: list[datetime], pause: timedelta) -> None:
    assert all(later - earlier >= pause for earlier, later in pairwise(times))
    sixth = zip(times, times[MOST_AN_HOUR:], strict=False)
    assert all(later - earlier >= HOUR for earlier, later in sixth)


steps = st.lists(
    st.tuples(st.integers(1, 600), st.sampled_from(["95", "99", "100", "100.6", "101.2", "105"])), max_size=60
)


def walk(drawn: Iterable[tuple[int, str]]) -> list[Event]:
    second, trades = 0, []
    for step, price in drawn:
        second += step
        trades.append(priced(second, price))
    return list(trades)


@given(steps)
def test_the_pace_holds_for_any_walk_of_the_price(drawn: list[tuple[int, str]]) -> None:
    check_pace([seen.occurred_at for seen in heard(voice(), walk(drawn))], pause_after(WINDOW))


@given(steps, st.integers(0, 59))
def test_a_restart_changes_nothing_of_what_is_told(drawn: list[tuple[int, str]], after: int) -> None:
    trades = walk(drawn)
    whole = heard(voice(), trades)
    before = voice()
    told = heard(before, trades[:after])
    again = voice()
    for event in trades[:after]:
        again.refill(event, price=None)
    memory = before.memory()
    if memory is not None:
        again.remember(memory)
    assert told + heard(again, trades[after:]) == whole


def test_what_a_detector_remembered_before_rules_had_voices_is_taken_back() -> None:
    detector = voice()
    detector.remember(["up"])
    assert PRICE_MOVE.make is type(detector.detector)
    assert detector.memory() == {"detector": ["up"]}
    assert heard(detector, [priced(0, "100"), priced(1, "100.9")]) == []
