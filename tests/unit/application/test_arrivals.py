"""Silences and new topics in a log with partitions."""

from datetime import timedelta
from typing import Any

import pytest

from application.alerting.arrivals import Arrivals
from application.ports.event_log import Cursor, Position
from tests.builders import at, ticker, trade
from tests.unit.application.conftest import World

TRADES, TICKERS = "rawtrade/0", "rawticker/0"


def traded(seconds: float) -> Any:
    return trade(int(seconds), occurred_at=at(seconds))


def quoted(seconds: float) -> Any:
    return ticker(occurred_at=at(seconds))


def test_partitions_are_put_in_the_order_of_recording_as_far_as_all_were_read() -> None:
    arrivals = Arrivals()
    for number, seconds in enumerate((0, 100, 200)):
        arrivals.add(Position(TRADES, number), traded(seconds))
    arrivals.add(Position(TICKERS, 0), quoted(50))
    until = arrivals.known_until(None, at_end=True)
    assert until == at(50), "tickers from after that may still come"
    assert arrivals.take(until) == [traded(0), quoted(50)]
    arrivals.add(Position(TICKERS, 1), quoted(150))
    assert arrivals.take(at(150)) == [traded(100), quoted(150)]
    assert arrivals.take(at(150)) == []


@pytest.mark.parametrize(
    ("clock", "at_end", "expected"),
    [
        (0, False, 0),
        (5, False, 0),
        (4.5, False, 0),
        (105, False, 0),
        (106, False, 0),
        (1000, False, 0),
        (1000, True, 995),
    ],
)
def test_the_clock_counts_once_the_reader_has_caught_up(clock: float, at_end: bool, expected: float) -> None:
    arrivals = Arrivals()
    arrivals.add(Position(TRADES, 0), traded(0))
    assert arrivals.known_until(at(clock), at_end=at_end) == at(expected)


def test_where_one_partition_is_silent_the_others_freshness_is_enough() -> None:
    arrivals = Arrivals()
    arrivals.add(Position(TRADES, 0), traded(0))
    arrivals.add(Position("rawtrade/1", 0), traded(500))
    assert arrivals.known_until(at(502), at_end=False) == at(497)
    assert arrivals.known_until(at(600), at_end=False) == at(0), "a backlog is being read"


def test_nothing_is_known_of_an_empty_log_but_the_time() -> None:
    assert Arrivals().known_until(None, at_end=True) is None
    assert Arrivals().known_until(at(10), at_end=False) is None
    assert Arrivals().known_until(at(10), at_end=True) == at(10) - timedelta(seconds=5)


@pytest.mark.parametrize(
    ("place", "topics", "wanted", "expected"),
    [
        ("17", {"rawtrade"}, {"rawtrade", "rawticker"}, "17"),
        (
            "rawtrade/0:5,rawtrade/1:7",
            {"rawtrade"},
            {"rawtrade", "rawticker"},
            "rawticker/0:40,rawtrade/0:5,rawtrade/1:7",
        ),
        ("rawticker/0:3,rawtrade/0:5", {"rawtrade", "rawticker"}, {"rawtrade"}, "rawtrade/0:5"),
        ("rawtrade/0:5", {"rawtrade", "rawticker"}, {"rawtrade", "rawticker"}, "rawtrade/0:5"),
        ("0", {"rawtrade"}, {"rawtrade", "rawticker"}, "rawticker/0:40"),
    ],
)
def test_a_new_topic_is_read_from_its_end(
    world: World, place: str, topics: set[str], wanted: set[str], expected: str
) -> None:
    world.event_log.head = lambda: Cursor("17" if place == "17" else "rawticker/0:40,rawtrade/0:90")  # type: ignore[method-assign]
    moved = world.alert_watch()._moved(Cursor(place), frozenset(topics), frozenset(wanted))
    assert moved == expected
