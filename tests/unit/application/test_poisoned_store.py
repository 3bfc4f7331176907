"""A record that the read models cannot take becomes a dead letter of the store's reader; all others are in the tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.sql.generations import SqliteGenerations
from application.dead_letters import DeadLetterCommands
from application.ports.generations import Generation
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from application.rebuild import Rebuild
from application.store import READER, StoreProjection
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.candle import Interval
from domain.values import Origin
from tests.builders import (
    BTC,
    ETH,
    article,
    at,
    dead_letter,
    forecast,
    sentiment,
    ticker,
    trade,
)  # fmt: skip
from tests.poison import Poison, PoisonedStore
from tests.unit.application.conftest import World

LAST_MICROSECOND = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def poisoned(world: World, *bad: Event, error: type[Exception] = Poison) -> tuple[StoreProjection, PoisonedStore]:
    ids = {event.event_id for event in bad}
    store = PoisonedStore(world.store, lambda event: event.event_id in ids, error=error)
    projection = StoreProjection(world.event_log, store, world.clock, world.telemetry, origin=Origin.LIVE)
    return projection, store


class PoisonedGenerations(SqliteGenerations):
    """New generations whose store is as poisoned as the present one."""

    def __init__(self, world: World, store: PoisonedStore) -> None:
        super().__init__(world.engine)
        self._poisoned = store

    @contextmanager
    def begin(self) -> Iterator[Generation]:
        with super().begin() as new:
            new.store = PoisonedStore(new.store, self._poisoned.is_poison)  # type: ignore[misc]
            yield new


def rebuild(world: World, store: PoisonedStore) -> None:
    generations = PoisonedGenerations(world, store)
    Rebuild(
        world.event_log, generations, world.clock, world.telemetry, origin=Origin.LIVE, log_is_whole=lambda: True
    ).run()


def letters(world: World, outcome: str | None = "open") -> list[DeadLettered]:
    return [kept.letter for kept in world.letters.dead_letters(Window(limit=1000), outcome=outcome).items]


@pytest.mark.parametrize(
    "bad",
    [
        trade(7), ticker(occurred_at=at(7)), article("7"), sentiment(article("7")), forecast(horizon_s=300),
        dead_letter(b"7"),
    ],
    ids=lambda event: type(event).__name__,
)  # fmt: skip
def test_one_dead_letter_and_all_others_in_the_tables(world: World, new_world: Callable[[], World], bad: Event) -> None:
    others: list[Event] = [
        *(trade(n, occurred_at=at(n)) for n in range(100, 140)), *(ticker(occurred_at=at(100 + n)) for n in range(20)),
        article("other"), sentiment(article("other")), forecast(horizon_s=60), dead_letter(b"other"),
    ]  # fmt: skip
    world.event_log.append([*others[:30], bad, *others[30:]])
    projection, store = poisoned(world, bad)
    projection.catch_up()
    [letter] = [letter for letter in letters(world) if letter.kind == "apply"]
    assert (letter.reader, letter.place.rpartition("@")[2], letter.raw) == (READER, "31", world.event_log.value_of(bad))
    assert "Poison: cannot take" in letter.reason
    assert letter.location and "store.py" in letter.location
    assert world.telemetry.counts["dead_letters"] == 1

    spared = new_world()
    spared.event_log.append(others)
    spared.projection.catch_up()
    wanted, got = spared.rows(), world.rows()
    got["dead_letter"] = [row for row in got["dead_letter"] if "apply" not in row]
    assert got == wanted

    rebuild(world, store)
    assert [one.letter_id for one in letters(world) if one.kind == "apply"] == [letter.letter_id]
    store.is_poison = lambda event: False
    rebuild(world, store)
    assert [one for one in letters(world) if one.kind == "apply"] == []


def test_redriven_after_mending_it_is_in_the_tables(world: World) -> None:
    bad = trade(7)
    world.event_log.append([trade(6), bad, trade(8)])
    projection, store = poisoned(world, bad)
    projection.catch_up()
    [letter] = letters(world)
    commands = DeadLetterCommands(
        world.event_log, world.letters, world.clock,
        {"apply": lambda one: [world.event_log.codec.decode(one.place.partition("@")[0], one.raw)]},
    )  # fmt: skip
    store.is_poison = lambda event: False
    assert commands.redrive(letter.letter_id) == 1
    projection.catch_up()
    assert [found.trade_id for found in world.market.trades(BTC, Window()).items] == [8, 7, 6]
    assert letters(world) == []
    rebuild(world, store)
    assert world.rows()["dead_letter"] == []
    assert [found.trade_id for found in world.market.trades(BTC, Window()).items] == [8, 7, 6]


def test_the_surroundings_are_waited_out_and_nothing_is_blamed(world: World) -> None:
    world.event_log.append([trade(1), trade(2)])
    projection, store = poisoned(world, trade(1), error=StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        projection.catch_up()
    assert letters(world) == []
    store.is_poison = lambda event: False
    assert projection.catch_up() == 2
    assert letters(world) == []


def test_times_beyond_what_candles_can_hold(world: World) -> None:
    good = trade(2, pair=ETH)
    last = replace(trade(1), occurred_at=LAST_MICROSECOND)
    world.event_log.append([last, good])
    world.projection.catch_up()
    world.event_log.append([trade(3)])
    world.projection.catch_up()
    world.rebuild.run()
    assert [found.trade_id for found in world.market.trades(ETH, Window()).items] == [2]
    assert 3 in [found.trade_id for found in world.market.trades(BTC, Window()).items]


def test_volumes_beyond_what_a_candle_can_hold(world: World) -> None:
    huge = Decimal("6e19")
    world.event_log.append([trade(1, volume=huge), trade(2, volume=huge), trade(3, volume=Decimal(5))])
    world.projection.catch_up()
    [letter] = letters(world)
    assert "volume" in letter.reason
    assert letter.place == "rawtrade@2"
    [candle] = world.market.candles(BTC, Interval.D1, Window()).items
    assert candle.volume == huge + 5
    before = world.rows()["candle_data"]
    world.rebuild.run()
    assert world.rows()["candle_data"] == before


def test_a_storm_of_poison_costs_little_more_than_it_is_long(world: World) -> None:
    bad = [trade(n) for n in range(300)]
    world.event_log.append(bad)
    projection, store = poisoned(world, *bad)
    projection.catch_up()
    assert len(letters(world)) == 300
    assert store.begun <= 4


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_another_trade_under_a_known_id_is_set_aside(
    world: World, new_world: Callable[[], World], in_one_batch: bool
) -> None:
    known = trade(7, occurred_at=at(7))
    another = replace(known, price=known.price * 2, recorded_at=at(30))
    others = [*(trade(n, occurred_at=at(n)) for n in range(100, 120)), trade(7, pair=ETH)]
    repeated = replace(known, occurred_at=known.occurred_at.replace(microsecond=1))
    for events in [[known, *others[:9]], [repeated, another, *others[9:], another]]:
        world.event_log.append(events)
        if not in_one_batch:
            world.projection.catch_up()
    world.projection.catch_up()
    found = letters(world)
    assert [(one.kind, one.reader, one.raw) for one in found] == [
        ("apply", READER, world.event_log.value_of(another))
    ] * 2  # one for each time that it stands in the log
    assert all(
        f"InvalidValue: {known.event_id} is known as a buy of 0.001 for 97412.6 at " in one.reason for one in found
    )
    assert all("and came again as a buy of 0.001 for 194825.2 at " in one.reason for one in found)

    spared = new_world()
    spared.event_log.append([known, *others])
    spared.projection.catch_up()
    wanted, got = spared.rows(), world.rows()
    for table in ("dead_letter", "checkpoint"):
        wanted.pop(table, None)
        got.pop(table, None)
    assert got == wanted
