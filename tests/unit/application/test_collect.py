import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.market.backfill import Backfill
from application.market.collect import MarketCollector
from application.market.inbox import Inbox
from application.ports.trade_history import HistoryUnavailable, TradePage
from domain.event import Event
from domain.market.candle import Interval
from domain.market.feed import TradeGapDetected, TradeGapFilled, TradeHistoryRequested
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair
from tests.builders import BTC, T0, at, ticker, trade
from tests.unit.application.conftest import World
from tests.waiting import until


def executed(trade_id: int, origin: Origin = Origin.LIVE) -> TradeExecuted:
    return trade(trade_id, occurred_at=at(trade_id), recorded_at=at(trade_id), origin=origin)


class Collected:
    """A collector, and what it let through to the log."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.inbox = Inbox(world.telemetry)
        self.collector = MarketCollector(self.inbox, world.market, world.telemetry)

    def take(self) -> list[Event]:
        events = self.inbox.take(10_000, 0)
        self.world.event_log.append(events)
        self.world.projection.catch_up()
        return events

    def accept(self, *ids: int) -> list[Event]:
        self.collector.accept([executed(one) for one in ids])
        return self.take()


def ids(events: Sequence[Event]) -> list[int]:
    return [event.trade_id for event in events if isinstance(event, TradeExecuted)]


def test_a_trade_seen_before_is_left_out_and_counted(world: World) -> None:
    collected = Collected(world)
    assert ids(collected.accept(1, 2, 3)) == [1, 2, 3]
    assert ids(collected.accept(2, 3, 4)) == [4]
    assert world.telemetry.counts["trades_seen_before"] == 2


def test_after_a_restart_it_goes_on_where_the_log_ended(world: World) -> None:
    Collected(world).accept(1, 2, 3)
    again = Collected(world)
    events = again.accept(2, 3, 6)
    gap = next(event for event in events if isinstance(event, TradeGapDetected))
    assert (gap.first, gap.last, gap.since, gap.until) == (4, 5, at(3), at(6))
    assert ids(events) == [6]
    assert again.collector.open_runs(BTC) == [(4, 5)]


def test_a_gap_stands_before_the_trade_that_showed_it_and_closes_when_filled(world: World) -> None:
    collected = Collected(world)
    collected.accept(1)
    assert [type(event) for event in collected.accept(5)] == [TradeGapDetected, TradeExecuted]
    assert collected.collector.gap_found.is_set()
    filled = [event for event in collected.accept(2, 4) if isinstance(event, TradeGapFilled)]
    assert [(event.first, event.last) for event in filled] == [(2, 2), (4, 4)]
    assert [health.missing for health in world.market.feeds()] == [1]


def test_what_is_no_trade_passes(world: World) -> None:
    collected = Collected(world)
    collected.collector.accept([ticker()])
    assert collected.take() == [ticker()]


class Venue:
    """A history of trades `first` to `last`, some of which the venue itself does not have; pages of 3."""

    def __init__(self, first: int, last: int, lacking: Sequence[int] = (), failures: int = 0) -> None:
        self.kept = [executed(one, Origin.BACKFILL) for one in range(first, last + 1) if one not in lacking]
        self.failures = failures
        self.asked: list[datetime | str] = []

    def trades(self, pair: Pair, *, since: datetime | str) -> TradePage:
        if self.failures:
            self.failures -= 1
            raise HistoryUnavailable("Kraken said EService:Busy", 0)
        self.asked.append(since)
        after = since if isinstance(since, datetime) else at(float(since))
        left = [one for one in self.kept if one.occurred_at > after]
        page = left[:3]
        return TradePage(page, [], str((page[-1].occurred_at - T0).total_seconds()) if len(left) > 3 else None)

    def candles(self, pair: Pair, interval: Interval) -> list[CandleImported]:
        return []


def backfill(collected: Collected, venue: Venue) -> Backfill:
    world = collected.world
    return Backfill(venue, collected.collector, world.market, world.clock, world.telemetry, [BTC])


def test_each_page_gives_way_before_it_is_asked_for(world: World) -> None:
    collected = Collected(world)
    collected.accept(1)
    collected.accept(9)
    venue, stop = Venue(1, 9), threading.Event()
    asked_before: list[int] = []
    work = backfill(collected, venue)
    work.give_way = lambda given: asked_before.append(len(venue.asked)) if given is stop else None
    work.fill_gaps(stop)
    assert asked_before == list(range(len(venue.asked)))
    assert len(venue.asked) > 1


def test_who_is_stopped_while_giving_way_asks_for_nothing_more(world: World) -> None:
    collected = Collected(world)
    collected.accept(1)
    collected.accept(9)
    venue = Venue(1, 9)
    work = backfill(collected, venue)
    work.give_way = threading.Event.set
    work.fill_gaps(threading.Event())
    work.run(threading.Event())
    assert venue.asked == []


def test_gaps_are_fetched_and_marked(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 2, 11)
    assert backfill(collected, Venue(1, 20)).fill_gaps(threading.Event())
    events = collected.take()
    assert ids(events) == list(range(3, 11))
    assert {event.origin for event in events if isinstance(event, TradeExecuted)} == {Origin.BACKFILL}
    [health] = world.market.feeds()
    assert (health.gaps, health.missing, health.backfilled) == (1, 0, 8)


def test_what_the_venue_does_not_have_stays_missing_and_is_not_asked_for_again(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 5)
    work = backfill(collected, Venue(1, 20, lacking=[3]))
    assert work.fill_gaps(threading.Event())
    collected.take()
    assert not work.fill_gaps(threading.Event())
    assert collected.collector.open_runs(BTC) == [(3, 3)]


def test_history_is_fetched_but_is_no_gap(world: World) -> None:
    collected = Collected(world)
    work = backfill(collected, Venue(1, 20))
    assert not work.request_history(BTC, T0)
    collected.accept(9, 10)
    assert work.request_history(BTC, T0)
    events = collected.take()
    assert any(isinstance(event, TradeHistoryRequested) and (event.first, event.last) == (1, 8) for event in events)
    assert work.fill_gaps(threading.Event())
    assert sorted(ids([*events, *collected.take()])) == list(range(1, 9))
    [health] = world.market.feeds()
    assert (health.gaps, health.missing, health.history_runs) == (0, 0, ())


def test_history_goes_on_where_a_page_ended_though_the_store_does_not_have_it_yet(world: World) -> None:
    collected = Collected(world)
    collected.accept(19, 20)
    venue = Venue(1, 30)
    work = backfill(collected, venue)
    assert work.request_history(BTC, at(11))
    assert work.fill_gaps(threading.Event())
    assert venue.asked == [at(11), "14.0", "17.0"]
    assert sorted(ids(collected.take())) == list(range(12, 19))


def test_a_short_gap_does_not_wait_for_a_long_history(world: World) -> None:
    collected = Collected(world)
    collected.accept(19, 20)
    venue = Venue(1, 30)
    work = backfill(collected, venue)
    assert work.request_history(BTC, T0)
    stop = threading.Event()

    def gap_comes(_pair: Pair, _fetched: int) -> None:
        if len(venue.asked) == 2:
            collected.accept(23)
        elif len(venue.asked) == 3:
            stop.set()

    assert work.fill_gaps(stop, gap_comes)
    assert {21, 22} <= set(ids(collected.take()))
    assert collected.collector.open_runs(BTC) != []


def test_a_crash_in_the_middle_of_history_leaves_nothing_out(world: World) -> None:
    collected = Collected(world)
    collected.accept(9, 10)
    backfill(collected, Venue(1, 20)).request_history(BTC, T0)
    collected.take()  # the request and its first page are in the log; here the process ends
    again = Collected(world)
    assert backfill(again, Venue(1, 20)).fill_gaps(threading.Event())
    assert ids(again.take()) == [4, 5, 6, 7, 8]


def test_a_refusing_venue_is_waited_out(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 4)
    work = backfill(collected, Venue(1, 20, failures=2))
    with pytest.raises(HistoryUnavailable, match="EService:Busy"):
        work.fill_gaps(threading.Event())
    stop = threading.Event()
    running = threading.Thread(target=work.run, args=(stop,))
    running.start()
    try:
        found: list[Event] = []
        while not {2, 3} <= set(ids(found)):
            events = collected.inbox.take(100, 5)
            assert events, "the gap was not filled within 5 s"
            found += events
    finally:
        stop.set()
        running.join(5)
    assert not running.is_alive()
    assert world.telemetry.counts["refusals"] >= 1


def test_times_of_gaps_are_the_times_of_the_trades_around_them(world: World) -> None:
    collected = Collected(world)
    [first, gap, last] = collected.accept(1) + collected.accept(4)
    assert isinstance(gap, TradeGapDetected)
    assert (gap.since, gap.until) == (first.occurred_at, last.occurred_at)
    assert gap.until - gap.since == timedelta(seconds=3)


def test_what_was_given_up_is_asked_for_again_when_somebody_wishes(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 5)
    venue = Venue(1, 20, lacking=[3])
    work = backfill(collected, venue)
    stop = threading.Event()
    work.fill_gaps(stop)
    collected.take()
    venue.kept = Venue(1, 20).kept  # the venue has found it
    work.ask(BTC, None)
    running = threading.Thread(target=work.run, args=(stop,))
    running.start()
    try:
        assert until(lambda: not collected.collector.open_runs(BTC))
    finally:
        stop.set()
        running.join()
    assert ids(collected.take()) == [3]


def test_a_pair_that_is_not_followed_any_more_is_not_fetched(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 5)
    work = backfill(collected, Venue(1, 20))
    work.follow([])
    assert not work.fill_gaps(threading.Event())
    work.follow([BTC])
    assert work.fill_gaps(threading.Event())


class SameMoment(Venue):
    """As Kraken pages: 1,000 trades after a time, `last` the time of the page's last trade. All trades share one time."""

    def trades(self, pair: Pair, *, since: datetime | str) -> TradePage:
        self.asked.append(since)
        after = since if isinstance(since, datetime) else at(float(since))
        page = [one for one in self.kept if one.occurred_at > after][:1000]
        return TradePage(page, [], str((page[-1].occurred_at - T0).total_seconds()) if page else None)


def test_more_trades_of_one_moment_than_a_page_holds_are_told_as_missing_and_asked_for_once(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 2_502)
    venue = SameMoment(1, 1)
    venue.kept = [replace(executed(one, Origin.BACKFILL), occurred_at=at(5)) for one in range(2, 2_502)]
    work = backfill(collected, venue)
    assert work.fill_gaps(threading.Event())
    assert len(ids(collected.take())) == 1000
    assert collected.collector.open_runs(BTC) == [(1_002, 2_501)]
    [health] = world.market.feeds()
    assert health.missing == 1_500
    assert not work.fill_gaps(threading.Event())
    assert len(venue.asked) == 2


def test_short_pages_in_the_middle_of_a_gap_lead_on(world: World) -> None:
    collected = Collected(world)
    collected.accept(1, 40)
    venue = Venue(1, 40)
    whole = venue.trades

    def short(pair: Pair, *, since: datetime | str) -> TradePage:
        page = whole(pair, since=since)
        size = len(venue.asked) % 3  # 0, 1 or 2 of 3 rows
        rows = page.trades[:size]
        after = rows[-1].occurred_at if rows else since if isinstance(since, datetime) else at(float(since))
        return TradePage(rows, [], str((after - T0).total_seconds()) if page.trades else None)

    venue.trades = short  # type: ignore[method-assign]
    assert backfill(collected, venue).fill_gaps(threading.Event())
    assert sorted(ids(collected.take())) == list(range(2, 40))
    assert collected.collector.open_runs(BTC) == []
