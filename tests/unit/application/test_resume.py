"""Processes that go on where others ended, while the tables lag behind the log."""

import threading
from decimal import Decimal

import pytest

from application.market.collect import MarketCollector
from application.market.inbox import Inbox
from application.market.resume import remember_log
from application.ownership import claim
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING, Cursor, Place
from application.ports.page import Window
from application.store import INGESTION, read_up_to, reader_from, stored_up_to
from application.topics import TRADES
from domain.dead_letter import DeadLettered
from domain.errors import NotAllowed
from domain.market.feed import TradeGapDetected
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.builders import BTC, at, ticker, trade
from tests.unit.application.conftest import World
from tests.waiting import until


def executed(trade_id: int, price: str = "100") -> TradeExecuted:
    when = at(trade_id)
    return trade(trade_id, price=Decimal(price), occurred_at=when, recorded_at=when, origin=Origin.LIVE)


def test_what_the_log_holds_beyond_the_tables_is_neither_new_nor_missing(world: World) -> None:
    world.event_log.append([executed(1), executed(2)])
    world.projection.catch_up()
    world.event_log.append([executed(3), ticker(), executed(6)])
    collector = MarketCollector(Inbox(world.telemetry), world.market, world.telemetry)
    remember_log(collector, world.event_log, world.store)
    assert collector.open_runs(BTC) == [(4, 5)]
    inbox = Inbox(world.telemetry)
    collector = MarketCollector(inbox, world.market, world.telemetry)
    remember_log(collector, world.event_log, world.store)
    collector.accept([executed(6), executed(7)])
    assert inbox.take(10, 0) == [executed(7)], "6 is in the log, and 4 and 5 are known to be missing"
    assert not any(isinstance(event, TradeGapDetected) for event in inbox.take(10, 0))


def test_how_far_the_tables_are_is_the_projections_place_joined_with_those_of_all_ingestion_tasks(world: World) -> None:
    with world.store.begin() as tx:
        assert stored_up_to(tx) == Place({})
        tx.save_checkpoint(f"{INGESTION}rawtrade/0", Checkpoint(Cursor("rawtrade/0:17")))
        tx.save_checkpoint(f"{INGESTION}rawtrade/2", Checkpoint(Cursor("rawtrade/2:4")))
        tx.save_checkpoint("alerting", Checkpoint(Cursor("rawtrade/0:99")))
        assert stored_up_to(tx) == Place({"rawtrade/0": 17, "rawtrade/2": 4})


def test_the_log_is_read_from_one_place_up_to_another_and_no_further(world: World) -> None:
    world.event_log.append([executed(1), ticker(), executed(2), executed(3)])
    until_here = Place.at(world.event_log.head())
    world.event_log.append([executed(4)])

    def ids(after: int) -> list[int]:
        records = read_up_to(world.event_log, (TRADES,), Place({"": after}), until_here)
        return [record.event.trade_id for record in records]  # type: ignore[union-attr]

    assert ids(0) == [1, 2, 3]
    assert ids(1) == [2, 3]
    assert ids(4) == []


def test_where_the_log_was_deleted_unread_reading_goes_on_from_what_is_left(world: World) -> None:
    world.event_log.append([executed(1), executed(2), executed(3)])
    world.event_log.delete_before(Cursor("2"))
    with reader_from(world.event_log, (TRADES,), Cursor("1")) as reader:
        [left] = reader.read(limit=10, timeout_s=0)
    assert left.position.number == 3


def test_the_windows_of_the_rules_are_filled_from_the_log_where_the_tables_lag(world: World) -> None:
    world.set_up()
    world.relay.relay_pending()
    world.event_log.append([executed(1, "100"), executed(2, "100.9")])
    _watch_until(world, Place.at(world.event_log.head()))  # the tables know none of these trades
    world.event_log.append([executed(3, "101.2")])  # 1.2 % above the first one
    _watch_until(world, Place.at(world.event_log.head()))
    with world.store.begin() as tx:
        [[alert]] = tx.load_all("alert:").values()
    assert alert.reference_price == 100  # type: ignore[attr-defined]


def _watch_until(world: World, place: Place) -> None:
    def there() -> bool:
        with world.store.begin() as tx:
            checkpoint = tx.checkpoint("alerting")
        return checkpoint is not None and Place.at(checkpoint.cursor).reaches(place)

    stop = threading.Event()
    thread = threading.Thread(target=world.alert_watch().run, args=(stop,))
    thread.start()
    try:
        assert until(there)
    finally:
        stop.set()
        thread.join(10)


def test_a_store_is_one_sources_for_ever(world: World) -> None:
    claim(world.store, "simulated")
    claim(world.store, "simulated")
    with pytest.raises(NotAllowed, match="holds the data named 'simulated', and the source's is 'live'"):
        claim(world.store, "live")
    with world.store.begin() as tx:
        assert tx.checkpoint("source") == Checkpoint(BEGINNING, "simulated")


def restarted(second: int, trade_id: int) -> TradeExecuted:
    """A trade a second, each at a price of its own."""
    return trade(trade_id, price=Decimal(100 + second), occurred_at=at(second), recorded_at=at(second))


def test_ids_that_start_anew_go_on_after_a_restart_of_ours(world: World) -> None:
    def take(collector: MarketCollector, inbox: Inbox, trades: list[TradeExecuted]) -> None:
        collector.accept(trades)
        world.event_log.append(inbox.take(1000, 0))

    before = [restarted(second, 1000 + second) for second in range(10)]
    after = [restarted(10 + second, 1000 + second) for second in range(10)]
    for caught_up in (True, False):
        inbox = Inbox(world.telemetry)
        collector = MarketCollector(inbox, world.market, world.telemetry)
        remember_log(collector, world.event_log, world.store)
        take(collector, inbox, [*before, *after[:5]] if caught_up else [*after[:3], *after[5:8]])
        if caught_up:
            world.projection.catch_up()
    collector = MarketCollector(inbox, world.market, world.telemetry)
    remember_log(collector, world.event_log, world.store)
    take(collector, inbox, [before[9], *after, restarted(30, 1012)])
    world.projection.catch_up()
    stored = world.market.trades(BTC, Window(limit=100)).items
    assert sorted(one.price for one in stored) == [*(Decimal(100 + n) for n in range(20)), Decimal(130)]
    [health] = [feed for feed in world.market.feeds() if feed.name == BTC]
    assert (health.missing, "came again for another trade" in (health.error or "")) == (2, True)
    assert collector.open_runs(BTC) == [(10**15 + 1010, 10**15 + 1011)]
    assert collector.offset_of(BTC, 10**15 + 1010) == 10**15
    take(collector, inbox, [restarted(20, 1010), restarted(21, 1011)])
    world.projection.catch_up()
    assert collector.open_runs(BTC) == []
    assert [feed.missing for feed in world.market.feeds()] == [0]


def test_another_trade_under_a_known_id_is_a_dead_letter(world: World) -> None:
    inbox = Inbox(world.telemetry)
    collector = MarketCollector(inbox, world.market, world.telemetry)
    collector.accept([restarted(1, 1), restarted(2, 2), restarted(3, 3), restarted(2, 1)])
    *kept, letter = inbox.take(10, 0)
    assert [event.name for event in kept] == ["trade-executed"] * 3
    assert isinstance(letter, DeadLettered)
    assert "trade id 1 is another trade's" in letter.reason
    assert b'"price": "102"' in letter.raw
