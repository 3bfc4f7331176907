import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from application.ports.event_log import Position, Recorded, Unreadable
from application.ports.page import Window
from application.ports.store import StoreUnavailable
from domain.event import Event
from domain.market.candle import Interval, candles_of
from domain.market.feed import FeedConnected, TradeGapDetected, TradeGapFilled
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.builders import BTC, T0, article, at, dead_letter, ticker, trade
from tests.unit.application.conftest import World

NewWorld = Callable[..., World]


def imported(interval: Interval, number: int, trades: int = 5) -> CandleImported:
    start = interval.start_of(T0) + interval.length * number
    price = Decimal(100 + number)
    return CandleImported(
        venue="kraken", pair=BTC, interval=interval, start=start, open=price, high=price + 2, low=price - 1,
        close=price + 1, volume=Decimal(3), vwap=price, trades=trades, occurred_at=start + interval.length,
        recorded_at=at(9000), origin=Origin.BACKFILL,
    )  # fmt: skip


def story() -> list[Event]:
    """Some of everything, with duplicates, and trades out of order."""
    chance = random.Random(7)
    trades = [
        trade(
            n,
            occurred_at=at(chance.uniform(0, 4000)),
            price=Decimal(chance.randrange(90_000, 99_000)),
            recorded_at=at(4000 + n),
        )
        for n in range(300)
    ]
    gap: dict[str, Any] = {"venue": "kraken", "pair": BTC, "first": 300, "last": 304, "since": at(), "until": at(9)}
    stamp: dict[str, Any] = {"occurred_at": at(9), "recorded_at": at(9), "origin": Origin.LIVE}
    rest: list[Event] = [
        *(ticker(occurred_at=at(n), last=Decimal(90_000 + n)) for n in range(20)),
        *(article(str(n), occurred_at=at(n)) for n in range(5)),
        *(imported(Interval.M1, n) for n in range(-30, 90)),
        *(imported(Interval.M5, n) for n in range(-10, 15)),
        FeedConnected(venue="kraken", pair=BTC, **stamp),
        TradeGapDetected(**gap, **stamp),
        TradeGapFilled(**gap, **stamp),
        dead_letter(),
    ]
    events = [*trades, *rest, *chance.sample(trades, 60), *rest[:10]]
    chance.shuffle(events)
    return events


def test_however_the_log_is_cut_into_batches_the_rows_are_the_same(new_world: NewWorld) -> None:
    events = story()
    all_at_once = new_world()
    all_at_once.event_log.append(events)
    all_at_once.projection.catch_up()
    bit_by_bit = new_world()
    chance = random.Random(3)
    left = list(events)
    while left:
        size = chance.randrange(1, 40)
        bit_by_bit.event_log.append(left[:size])
        bit_by_bit.projection.catch_up()
        left = left[size:]
    assert bit_by_bit.rows() == all_at_once.rows()


def test_rebuilding_ends_with_the_same_rows(world: World) -> None:
    world.event_log.append(story())
    world.projection.catch_up()
    world.set_up()
    before = world.rows()
    assert world.rebuild.run().records == len(story())
    assert world.rows() == before
    assert before["trade_data"] and before["candle_data"] and before["article_data"]


def test_candles_of_all_intervals_equal_those_of_the_trades(world: World) -> None:
    trades = [event for event in story() if isinstance(event, TradeExecuted)]
    world.event_log.append(trades)
    world.projection.catch_up()
    once = list({one.event_id: one for one in trades}.values())
    for interval in Interval:
        stored = world.market.candles(BTC, interval, Window(start=at(-100_000), limit=1000)).items
        assert stored == sorted(candles_of(once, interval), key=lambda candle: candle.start)


def test_imported_candles_roll_up_until_trades_say_better(world: World) -> None:
    hour = Interval.H1.start_of(T0)
    minutes = [imported(Interval.M1, n) for n in range(-30, 30)]
    world.event_log.append(minutes)
    world.projection.catch_up()
    [rolled] = world.market.candles(BTC, Interval.H1, Window(start=hour, end=hour + timedelta(hours=1))).items
    assert (rolled.trades, rolled.volume) == (300, Decimal(180))
    world.event_log.append([trade(1, occurred_at=at(30))])
    world.projection.catch_up()
    [counted] = world.market.candles(BTC, Interval.H1, Window(start=hour, end=hour + timedelta(hours=1))).items
    assert counted.trades == 1


@pytest.mark.parametrize("seed", range(6))
def test_what_was_known_of_candles_stays_known_whatever_takes_their_places(new_world: NewWorld, seed: int) -> None:
    chance = random.Random(seed)
    events: list[TradeExecuted | CandleImported] = [
        *(trade(n, occurred_at=at(chance.uniform(0, 1200))) for n in range(30)),
        *(imported(Interval.M1, n) for n in range(20)),
        *(imported(Interval.M1, n, trades=9) for n in range(5, 15)),
        *(imported(Interval.M5, n) for n in range(3)),
    ]
    chance.shuffle(events)
    events = [replace(event, recorded_at=at(2000 + n)) for n, event in enumerate(events)]
    later = new_world()
    left = list(events)
    while left:
        size = chance.randrange(1, 30)
        later.event_log.append(left[:size])
        later.projection.catch_up()
        left = left[size:]
    for known in (5, 20, 40, len(events) - 1):
        then = new_world()
        then.event_log.append(events[:known])
        then.projection.catch_up()
        for interval in Interval:
            window = Window(start=at(-100_000), as_of=events[known - 1].recorded_at, limit=1000)
            assert later.market.candles(BTC, interval, window).items == then.market.candles(BTC, interval, window).items


def test_gaps_and_their_filling_show_in_the_feeds_health(world: World) -> None:
    world.event_log.append(story())
    world.projection.catch_up()
    [health] = world.market.feeds()
    assert (health.name, health.gaps, health.missing, health.backfilled) == ("BTC/USD", 1, 0, 5)


def test_a_record_that_cannot_be_read_is_kept_once_and_the_others_go_on(world: World) -> None:
    records: list[Recorded | Unreadable] = [
        Recorded(Position("", 1), "rawtrade", trade(1)),
        Unreadable(Position("", 2), "rawtrade", b"\x01not avro", "wrong magic byte"),
        Recorded(Position("", 3), "rawtrade", trade(2)),
    ]
    for _ in range(2):
        with world.store.begin() as tx:
            world.projection.apply(records, tx)
    [kept] = world.letters.dead_letters(Window()).items
    assert (kept.letter.kind, kept.letter.raw, kept.letter.place) == ("log-record", b"\x01not avro", "rawtrade@2")
    assert len(world.market.trades(BTC, Window()).items) == 2


def test_a_failing_batch_leaves_neither_rows_nor_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.event_log.append([trade(1)])
    with monkeypatch.context() as broken:

        def away(*_: object) -> None:
            raise StoreUnavailable("away")

        broken.setattr("application.store._fold_feeds", away)
        with pytest.raises(StoreUnavailable):
            world.projection.catch_up()
    assert world.market.trades(BTC, Window()).items == []
    assert world.projection.catch_up() == 1
    assert len(world.market.trades(BTC, Window()).items) == 1
