"""Backfill by turns, on a clock that only requests move: a pair that fails delays nobody else."""

import threading
from collections import defaultdict
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.clock import FixedClock
from application.market.backfill import Backfill
from application.market.collect import MarketCollector
from application.market.inbox import Inbox
from application.ports.market_reads import StoredTradeIds
from application.ports.trade_history import HistoryUnavailable, TradePage
from domain.market.candle import Interval
from domain.market.continuity import TradeContinuity
from domain.market.feed import TradeIdsRestarted
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.turns import Concern
from domain.values import Origin, Pair
from tests.builders import T0, at, trade
from tests.telemetry import Remembered

SOUND, SICK = Pair("ETH/USD"), Pair("BTC/USD")
REQUEST_S = 1.0
MISSING = 7
PAGE = 3


class Reads:
    """Of each pair the first trade is stored, and no candle."""

    def continuity(self, pair: Pair, first: int = 0, last: int = 2**63 - 1) -> TradeContinuity:
        return TradeContinuity(1, 1, [])

    def id_restarts(self, pair: Pair) -> list[TradeIdsRestarted]:
        return []

    def trade_at(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        return trade(1, pair=pair, occurred_at=at(1)) if trade_id == 1 else None

    def trade_id_bounds(self, pair: Pair) -> tuple[TradeExecuted, TradeExecuted]:
        first = trade(1, pair=pair, occurred_at=at(1))
        return first, first

    def trade_before(self, pair: Pair, trade_id: int) -> TradeExecuted:
        return trade(1, pair=pair, occurred_at=at(1))

    def stored_ids(self, pair: Pair, *, above: int | None = None) -> StoredTradeIds:
        return StoredTradeIds(1, ())

    def candles(self, pair: Pair, interval: Interval, window: Any) -> Any:
        return type("Page", (), {"items": ()})()


class Venue:
    """Pages of 3 trades; requests of a pair fail as its plan says, in order, and its last for ever."""

    def __init__(self, plans: dict[Pair, list[Concern | None]]) -> None:
        self.plans = plans
        self.now = 0.0
        self.asked: list[tuple[float, Pair]] = []
        self._tries: defaultdict[Pair, int] = defaultdict(int)

    def trades(self, pair: Pair, *, since: datetime | str) -> TradePage:
        self._ask(pair)
        first = int(since) if isinstance(since, str) else 2
        ids = range(first, min(first + PAGE, MISSING + 3))
        return TradePage(
            [trade(one, pair=pair, occurred_at=at(one), origin=Origin.BACKFILL) for one in ids], [],
            str(ids[-1] + 1) if len(ids) == PAGE else None,
        )  # fmt: skip

    def candles(self, pair: Pair, interval: Interval) -> list[CandleImported]:
        self._ask(pair)
        return []

    def _ask(self, pair: Pair) -> None:
        self.now += REQUEST_S
        self.asked.append((self.now, pair))
        plan = self.plans.get(pair, [None])
        end = plan[min(self._tries[pair], len(plan) - 1)]
        self._tries[pair] += 1
        if end is not None:
            raise HistoryUnavailable("Kraken refused", 5.0, end)


def world(pairs: list[Pair], plans: dict[Pair, list[Concern | None]]) -> tuple[Backfill, Venue, MarketCollector]:
    reads: Any = Reads()
    telemetry = Remembered()
    collector = MarketCollector(Inbox(telemetry), reads, telemetry)
    for pair in pairs:
        collector.accept([trade(MISSING + 2, pair=pair, occurred_at=at(MISSING + 2))])
    venue = Venue(plans)
    work = Backfill(
        venue, collector, reads, FixedClock(T0), telemetry, pairs, seconds=lambda: venue.now
    )  # fmt: skip
    return work, venue, collector


def test_one_refused_pair_keeps_no_other_waiting() -> None:
    work, venue, collector = world([SICK, SOUND], {SICK: [Concern.OWN]})
    for _ in range(20):
        venue.now += work.turn(threading.Event())
    assert collector.open_runs(SOUND) == []
    assert collector.open_runs(SICK) == [(2, MISSING + 1)]


def test_the_command_goes_on_with_the_others_and_says_why_a_pair_was_refused() -> None:
    work, _, collector = world([SICK, SOUND], {SICK: [Concern.OWN]})
    assert work.fetch_all(threading.Event()) == {SICK: "Kraken refused"}
    assert collector.open_runs(SOUND) == []


def test_a_pair_that_was_refused_has_its_own_next_try() -> None:
    work, venue, collector = world([SICK, SOUND], {SICK: [*[Concern.OWN] * 12, None]})
    for _ in range(2_000):
        venue.now += work.turn(threading.Event())
    assert collector.open_runs(SICK) == []


sick_plans = st.lists(st.sampled_from([Concern.OWN, Concern.ALL, None]), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sick=st.lists(sick_plans, max_size=3), sound=st.integers(1, 2))
def test_no_sound_pair_is_asked_later_than_its_turn(sick: list[list[Concern | None]], sound: int) -> None:
    sick_pairs = [Pair(f"SICK{number}/USD") for number in range(len(sick))]
    sound_pairs = [Pair(f"SOUND{number}/USD") for number in range(sound)]
    work, venue, collector = world([*sick_pairs, *sound_pairs], dict(zip(sick_pairs, sick, strict=True)))
    held = 0.0
    for _ in range(20 * (len(sick) + sound)):
        wait_s = work.turn(threading.Event())
        if wait_s and any(collector.open_runs(pair) for pair in sound_pairs):
            held += wait_s  # nobody is asked though a sound pair wants something: the venue asked for a pause
        venue.now += wait_s
    for pair in sound_pairs:
        assert collector.open_runs(pair) == []
        times = [at for at, of in venue.asked if of == pair]
        between = [[of for at, of in venue.asked if a < at < b] for a, b in zip([0.0, *times], times, strict=False)]
        assert all(asked.count(other) <= 1 for asked in between for other in {*sick_pairs, *sound_pairs})
    # A pair holds all others back at most once for each time that it begins to fail for the whole venue.
    assert held <= sum(plan.count(Concern.ALL) for plan in sick) * 5
