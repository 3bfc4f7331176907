"""Trade ids are compared with rows: what the tables lost is missing, told, and fetched again."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete

from adapters.sql.tables import trade_data
from application.market.stored_ids import StoredIds
from domain.market.feed import TradeGapDetected
from domain.market.feed_health import FeedHealth
from tests.builders import BTC
from tests.unit.application.conftest import World
from tests.unit.application.test_collect import Collected, Venue, backfill, ids


@pytest.fixture
def collected(world: World) -> Iterator[Collected]:
    yield Collected(world)


def lose(world: World, first: int, last: int) -> None:
    """Rows vanish, as they do where a reader goes on after a log that was cut."""
    with world.engine.begin() as connection:
        connection.execute(delete(trade_data).where(trade_data.c.trade_id.between(first, last)))


def feed(world: World) -> FeedHealth:
    [health] = world.market.feeds()
    return health


def look(collected: Collected, *times: float, checking: StoredIds | None = None) -> StoredIds:
    world = collected.world
    checking = checking or StoredIds(world.market, collected.collector, world.clock)
    for now in times:
        checking.look([BTC], now)
    return checking


def test_what_the_tables_lost_is_told_as_a_gap_and_fetched_again(collected: Collected) -> None:
    world = collected.world
    collected.accept(*range(1, 21))
    lose(world, 5, 9)
    lose(world, 13, 13)
    look(collected, 0, 20)
    gaps = [event for event in collected.take() if isinstance(event, TradeGapDetected)]
    assert [(gap.first, gap.last) for gap in gaps] == [(5, 9), (13, 13)]
    assert feed(world).missing == 6
    assert backfill(collected, Venue(1, 30)).fill_gaps(threading.Event())
    assert sorted(ids(collected.take())) == [5, 6, 7, 8, 9, 13]
    assert (feed(world).missing, feed(world).backfilled) == (0, 6)
    assert world.market.stored_ids(BTC).missing == ()


def test_a_gap_that_was_filled_once_and_lost_since_is_filled_again(collected: Collected) -> None:
    world = collected.world
    collected.accept(1, 2, 6)
    assert backfill(collected, Venue(1, 30)).fill_gaps(threading.Event())
    collected.take()
    assert (feed(world).gaps, feed(world).missing, feed(world).backfilled) == (1, 0, 3)
    lose(world, 3, 5)
    look(collected, 0, 20)
    collected.take()
    assert (feed(world).gaps, feed(world).missing) == (2, 3)
    assert [gap.missing for gap in world.market.gaps(BTC)] == [3]
    venue = Venue(1, 30)
    assert backfill(collected, venue).fill_gaps(threading.Event())
    collected.take()
    assert world.market.stored_ids(BTC).missing == ()


def test_what_is_known_to_be_missing_is_no_news_and_neither_is_one_look(collected: Collected) -> None:
    world = collected.world
    collected.accept(1, 2, 6, 7, 8)
    assert world.market.stored_ids(BTC).missing == ()
    lose(world, 7, 7)
    checking = look(collected, 0)
    assert collected.take() == [], "the tables may be behind: it is looked at again"
    look(collected, 1, checking=checking)
    assert collected.take() == [], "not so soon"
    look(collected, 16, checking=checking)
    assert [(event.first, event.last) for event in collected.take() if isinstance(event, TradeGapDetected)] == [(7, 7)]


def test_what_cannot_be_stored_again_is_told_once(collected: Collected) -> None:
    world = collected.world
    collected.accept(1, 2, 3)
    lose(world, 2, 2)
    checking = look(collected, 0, 20)
    assert backfill(collected, Venue(1, 30)).fill_gaps(threading.Event())
    collected.take()
    lose(world, 2, 2)  # as a trade that the tables refuse
    look(collected, 1_000, 2_000, 100_000, 200_000, checking=checking)
    assert [event for event in collected.take() if isinstance(event, TradeGapDetected)] == []


def test_after_a_whole_look_only_what_came_since_is_counted(collected: Collected) -> None:
    asked: list[Any] = []
    world = collected.world
    collected.accept(1, 2, 3)

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.market, name)

        def stored_ids(self, pair: Any, *, above: int | None = None) -> Any:
            asked.append(above)
            return world.market.stored_ids(pair, above=above)

    reads: Any = Watched()
    checking = StoredIds(reads, collected.collector, world.clock)
    look(collected, 0, checking=checking)
    collected.accept(4, 5)
    look(collected, 300, 601, checking=checking)
    lose(world, 2, 2)
    look(collected, 1_202, 90_000, checking=checking)
    assert asked == [None, 3, 5, None], "once a day all of them"


@pytest.mark.parametrize(
    ("above", "missing"), [(None, ((3, 4), (8, 8))), (2, ((3, 4), (8, 8))), (4, ((8, 8),)), (9, ())]
)
def test_ids_above_a_known_one(collected: Collected, above: int | None, missing: tuple[Any, ...]) -> None:
    collected.accept(*range(1, 11))
    lose(collected.world, 3, 4)
    lose(collected.world, 8, 8)
    assert sorted(collected.world.market.stored_ids(BTC, above=above).missing) == sorted(missing)


def test_without_any_trade_nothing_is_missing(collected: Collected) -> None:
    assert collected.world.market.stored_ids(BTC).missing == ()
    look(collected, 0, 20)
    assert collected.take() == []
