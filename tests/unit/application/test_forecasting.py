"""Forecasts over a memory log and a SQLite store: issued once, scored once, whatever interrupts."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.forecasting.models import SERVED
from adapters.sql.forecast_reads import SqlForecastReads
from application.analytics.forecasting import HORIZONS, Forecasting, why_missing
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING, EventLog, LogUnavailable, Recorded
from application.ports.forecast_reads import FORECASTING
from application.ports.page import Window
from application.topics import ANALYTICS_EVENTS
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.event import Event
from domain.market.candle import CandleSource, Interval
from domain.market.feed import TradeGapDetected, TradeGapFilled
from domain.values import Origin, Pair, rfc3339
from tests.builders import BTC, ETH, T0, candle, trade
from tests.unit.application.conftest import World
from tests.unit.forecasting.test_models import wander

M1 = Interval.M1
LENGTH = M1.length


def prices(count: int, *, seed: int = 1) -> list[Decimal]:
    return [Decimal(f"{price:.1f}") for price in wander(count, seed=seed)]


def store_bars(world: World, closes: Sequence[Decimal], *, first: datetime, **fields: Any) -> datetime:
    """Minutes from `first` on; returns the end of the last."""
    starts = [first + LENGTH * number for number in range(len(closes))]
    with world.store.begin() as tx:
        tx.put_candles(
            [
                candle(start, close=close, recorded_at=start + timedelta(seconds=59), **fields)
                for start, close in zip(starts, closes, strict=True)
            ]
        )
    return starts[-1] + LENGTH


def begin_bar(world: World, start: datetime, *, traded_at: datetime, **fields: Any) -> None:
    """A minute that has had one trade."""
    with world.store.begin() as tx:
        tx.put_candles([candle(start, close=Decimal(9), closed_by=(traded_at, 1), recorded_at=traded_at, **fields)])


def forecasting(world: World, *, origin: Origin = Origin.LIVE, log: EventLog | None = None) -> Forecasting:
    return Forecasting(
        log or world.event_log, world.store, world.market, world.clock, SERVED, world.failed, origin=origin
    )


def advance(world: World, use_case: Forecasting, now: datetime) -> None:
    world.clock.set(now)
    while use_case.advance(BTC):
        pass
    world.projection.catch_up()


def logged(world: World) -> list[Event]:
    with world.event_log.reader((ANALYTICS_EVENTS,), after=BEGINNING) as reader:
        return [one.event for one in reader.read(limit=100_000, timeout_s=0) if isinstance(one, Recorded)]


def issued(world: World) -> list[ForecastIssued]:
    return [event for event in logged(world) if isinstance(event, ForecastIssued)]


def scored(world: World) -> list[ForecastScored]:
    return [event for event in logged(world) if isinstance(event, ForecastScored)]


def test_history_is_learned_and_only_the_next_bar_forecast(world: World) -> None:
    closes = prices(300)
    end = store_bars(world, closes, first=T0)
    advance(world, forecasting(world), end + timedelta(seconds=2))
    forecasts = issued(world)
    assert [(one.model, one.horizon_s, one.target_at) for one in forecasts] == [
        ("naive", 60, end + LENGTH),
        ("mix", 60, end + LENGTH),
    ]
    for one in forecasts:
        assert (one.occurred_at, one.origin, one.level) == (end, Origin.LIVE, Decimal("0.9"))
        assert one.recorded_at == end + timedelta(seconds=2)  # nobody knew it before it was made
        assert one.lower < one.price < one.upper
    assert forecasts[0].price == closes[-1]
    assert [one.served for one in forecasts].count(True) == 1
    assert not scored(world)


def test_a_forecast_is_scored_by_its_bar_and_once(world: World) -> None:
    closes = prices(300)
    end = store_bars(world, closes, first=T0)
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    waiting = issued(world)
    store_bars(world, [Decimal("1")], first=end)
    advance(world, use_case, end + LENGTH + timedelta(seconds=1))
    assert not scored(world)  # trades of its last moments may still come
    advance(world, use_case, end + LENGTH + timedelta(seconds=2))
    assert [(one.forecast_event_id, one.actual, one.naive, one.inside) for one in scored(world)] == [
        (forecast.event_id, Decimal(1), closes[-1], False) for forecast in waiting
    ]
    assert {one.occurred_at for one in scored(world)} == {end + LENGTH}
    assert len(issued(world)) == 4
    advance(world, use_case, end + LENGTH + timedelta(seconds=30))
    assert len(logged(world)) == 6
    known = SqlForecastReads(world.engine).forecasts(Window(), model="mix").items
    assert [one.scored is not None for one in known] == [False, True]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_restart_changes_nothing(new_world: Any, restarts: bool) -> None:
    outcomes = []
    for with_restarts in (False, restarts):
        world = new_world()
        closes = prices(330)
        end = store_bars(world, closes[:300], first=T0)
        use_case = forecasting(world)
        for close in closes[300:]:
            advance(world, use_case, end + timedelta(seconds=3))
            if with_restarts:
                use_case = forecasting(world)
            end = store_bars(world, [close], first=end)
            begin_bar(world, end, traded_at=end + timedelta(seconds=2))  # who has just begun would wait for one
        outcomes.append(logged(world))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) > 100


class _DiesAfterAppending:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    def append(self, events: Sequence[Event]) -> None:
        self._log.append(events)
        raise _OnPurpose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


class _OnPurpose(LogUnavailable):
    pass


def test_a_crash_between_log_and_state_repeats_the_same_events(world: World) -> None:
    end = store_bars(world, prices(300), first=T0)
    dying = forecasting(world, log=_DiesAfterAppending(world.event_log))
    another = forecasting(world)
    world.clock.set(end + timedelta(seconds=2))
    with pytest.raises(_OnPurpose):
        dying.advance(BTC)
    advance(world, another, world.clock.now())
    events = issued(world)
    assert events[:2] == events[2:]
    assert len(SqlForecastReads(world.engine).forecasts(Window(), model="mix").items) == 1


def test_what_is_past_is_not_forecast_and_what_had_been_is_left_unscored_after_a_long_hole(world: World) -> None:
    end = store_bars(world, prices(300), first=T0)
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    later = store_bars(world, prices(40, seed=2), first=end + 10 * LENGTH)
    advance(world, use_case, later + timedelta(seconds=2))
    assert [one.target_at for one in issued(world)] == [end + LENGTH] * 2 + [later + LENGTH] * 2
    assert not scored(world)
    assert '"unscored": 2' in SqlForecastReads(world.engine).forecasting_states()[BTC]


@pytest.mark.parametrize("missing", [1, 5])
def test_a_forecast_for_a_bar_without_trades_turned_out_as_the_price_before(world: World, missing: int) -> None:
    closes = prices(300)
    end = store_bars(world, closes, first=T0)
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    later = store_bars(world, [Decimal(5)], first=end + missing * LENGTH)
    advance(world, use_case, later + timedelta(seconds=2))
    assert [(one.actual, one.inside, one.occurred_at) for one in scored(world)] == [
        (closes[-1], True, end + LENGTH)
    ] * 2
    assert {one.recorded_at for one in scored(world)} == {later + timedelta(seconds=2)}


def test_a_late_trade_changes_the_candle_but_not_what_was_learned(world: World) -> None:
    end = store_bars(world, prices(300), first=T0)
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    before = logged(world)
    store_bars(world, [Decimal(3)], first=end - LENGTH)
    advance(world, use_case, end + timedelta(seconds=30))
    assert logged(world) == before


def test_history_that_comes_later_is_taken_up_by_a_young_series(world: World) -> None:
    closes = prices(330)
    first = T0 + 300 * LENGTH
    end = store_bars(world, closes[300:], first=first)
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    young = issued(world)
    assert "8 of the 50 bars are known" in young[0].served_because
    store_bars(world, closes[:300], first=T0, source=CandleSource.IMPORTED)
    advance(world, use_case, end + timedelta(seconds=10))
    assert issued(world) == young  # each forecast is issued once
    store_bars(world, [Decimal("23000.5")], first=end)
    advance(world, use_case, end + LENGTH + timedelta(seconds=2))
    assert len(scored(world)) == 2
    assert "over the last 309 bars" in issued(world)[-1].served_because


def test_a_recording_is_forecast_from_its_first_bar_by_the_time_of_its_trades(world: World) -> None:
    closes = prices(1200)
    end = store_bars(world, closes, first=T0, origin=Origin.RECORDING)
    use_case = forecasting(world, origin=Origin.RECORDING)
    advance(world, use_case, T0 + timedelta(days=900))
    assert issued(world)[-1].occurred_at == end - 2 * LENGTH  # by the last bar's first second, the one before is open
    begin_bar(world, end, traded_at=end + timedelta(seconds=1), origin=Origin.RECORDING)
    advance(world, use_case, T0)
    forecasts = [one for one in issued(world) if one.model == "mix"]
    first = T0 + 22 * LENGTH  # 22 bars have 21 errors between them, and the first only says how large they are
    assert [one.occurred_at for one in forecasts] == [first + LENGTH * number for number in range(1178)]
    assert len([one for one in scored(world) if one.model == "mix"]) == 1177
    assert {one.origin for one in logged(world)} == {Origin.RECORDING}


@pytest.mark.parametrize(
    ("closes", "reason"),
    [
        ([], "no bar has closed yet"),
        (["97000"] * 60, "the price has not moved yet since the first bar known"),
        (["97000", "97001", "97003"], "too few bars yet: 1 of 20 that an interval needs"),
    ],
)
def test_why_there_is_no_forecast_is_said(world: World, closes: list[str], reason: str) -> None:
    end = store_bars(world, [Decimal(close) for close in closes], first=T0) if closes else T0
    advance(world, forecasting(world), end + timedelta(seconds=2))
    assert not logged(world)
    states = SqlForecastReads(world.engine).forecasting_states()
    missing = {(pair, horizon): why for pair, horizon, why in why_missing(states, [BTC, ETH], world.clock.now())}
    assert missing[BTC, 60] == reason
    assert {missing[ETH, horizon.seconds] for horizon in HORIZONS} == {"no bar has closed yet"}


def test_a_series_that_nothing_comes_of_any_more_is_missing_too(world: World) -> None:
    end = store_bars(world, prices(60), first=T0)
    advance(world, forecasting(world), end + timedelta(seconds=2))
    states = SqlForecastReads(world.engine).forecasting_states()
    on_time, late = (
        {h: why for _, h, why in why_missing(states, [BTC], end + timedelta(seconds=s))} for s in (119, 120)
    )
    assert 60 not in on_time
    assert late[60].startswith("no bar has closed since 2026-11-22T16:30:00Z")
    assert 60 not in {horizon for _, horizon, _ in why_missing(states, [BTC], None)}


def test_a_jump_of_90_percent_and_an_hour_of_one_price_are_forecast_soundly(world: World) -> None:
    closes = prices(100)
    end = store_bars(world, closes, first=T0)
    use_case = forecasting(world)
    for close in [closes[-1] / 10, *[closes[-1] / 10] * 60, closes[-1]]:
        advance(world, use_case, end + timedelta(seconds=2))
        end = store_bars(world, [close.quantize(Decimal("0.1"))], first=end)
    advance(world, use_case, end + timedelta(seconds=2))
    assert len(issued(world)) == 2 * 63
    assert all(0 < one.lower < one.price < one.upper for one in issued(world))
    assert len(scored(world)) == 2 * 62


def test_nothing_is_read_again_before_a_bar_can_have_closed(world: World) -> None:
    end = store_bars(world, prices(900), first=T0)
    with world.store.begin() as tx:
        for interval in HORIZONS[1:]:
            tx.put_candles(
                [
                    candle(interval.start_of(T0) + interval.length * n, interval=interval, close=p)
                    for n, p in enumerate(prices(600))
                ]
            )
    use_case = forecasting(world)
    advance(world, use_case, end + timedelta(seconds=2))
    with world.store.begin() as tx:  # whoever read it again would do it all over
        checkpoint = tx.checkpoint(f"{FORECASTING}{BTC}")
        assert checkpoint
        tx.save_checkpoint(f"{FORECASTING}{BTC}", type(checkpoint)(checkpoint.cursor, '{"form": 0}'))
    count = len(logged(world))
    advance(world, use_case, end + timedelta(seconds=6))
    assert len(logged(world)) == count


def test_each_pair_gives_way_before_it_is_advanced(world: World) -> None:
    use_case = forecasting(world)
    world.clock.set(store_bars(world, prices(300), first=T0) + timedelta(seconds=2))
    logged_before: list[int] = []

    def give_way(stop: threading.Event) -> None:
        logged_before.append(len(logged(world)))
        if len(logged_before) == 2:
            stop.set()

    use_case.run(lambda: [BTC], threading.Event(), give_way=give_way)
    assert logged_before[0] == 0 < logged_before[1]


def trades_every(world: World, first_id: int, start: datetime, closes: Sequence[Decimal]) -> None:
    """One trade in the middle of each minute, through the log and the projection."""
    world.event_log.append(
        [
            trade(first_id + n, price=close, occurred_at=start + LENGTH * n + timedelta(seconds=30))
            for n, close in enumerate(closes)
        ]
    )
    world.projection.catch_up()


def lost(world: World, first: int, last: int, at: datetime) -> None:
    world.event_log.append(
        [
            TradeGapDetected(
                venue="kraken", pair=BTC, first=first, last=last, since=at, until=at, occurred_at=at, recorded_at=at,
                origin=Origin.LIVE,
            )
        ]
    )  # fmt: skip
    world.projection.catch_up()


def test_what_was_there_before_is_closed_by_a_later_trade_not_by_the_clock(world: World) -> None:
    closes = prices(61)
    trades_every(world, 1, T0, closes[:60])
    end = T0 + 60 * LENGTH
    world.clock.set(end - timedelta(seconds=5))  # we begin within the last minute, which others may have traded in
    use_case = forecasting(world)
    advance(world, use_case, end - timedelta(seconds=5))
    advance(world, use_case, end + timedelta(seconds=2))
    assert {one.occurred_at for one in issued(world)} == {end - LENGTH}
    trades_every(world, 61, end, closes[60:])
    advance(world, use_case, end + timedelta(seconds=40))
    assert {one.occurred_at for one in issued(world)} == {end - LENGTH, end}


@pytest.mark.parametrize("is_filled", [True, False])
def test_bars_beyond_a_gap_wait_for_its_trades_ten_minutes_at_most(world: World, is_filled: bool) -> None:
    closes = prices(80)
    trades_every(world, 1, T0, closes[:60])
    use_case = forecasting(world)
    end = T0 + 60 * LENGTH
    advance(world, use_case, end + timedelta(seconds=2))
    waiting = issued(world)
    back = end + 8 * LENGTH
    trades_every(world, 69, back, closes[68:70])
    lost(world, 61, 68, back)
    now = back + 2 * LENGTH + timedelta(seconds=2)
    advance(world, use_case, now)
    assert logged(world) == waiting
    if is_filled:
        trades_every(world, 61, end, closes[60:68])
        world.event_log.append(
            [
                TradeGapFilled(
                    venue="kraken", pair=BTC, first=61, last=68, since=end, until=back, occurred_at=now,
                    recorded_at=now, origin=Origin.LIVE,
                )
            ]
        )  # fmt: skip
        world.projection.catch_up()
        advance(world, use_case, now + timedelta(seconds=6))
        assert [(one.actual, one.occurred_at) for one in scored(world)] == [(closes[60], end + LENGTH)] * 2
        assert {one.occurred_at for one in issued(world)} == {end, back + 2 * LENGTH}
    else:
        trades_every(world, 71, back + 2 * LENGTH, closes[:10])
        advance(world, use_case, now + timedelta(minutes=9))
        assert logged(world) == waiting
        advance(world, use_case, now + timedelta(minutes=10))
        assert not scored(world)
        assert len(issued(world)) == 4


class Brittle:
    """A model that learns half of some prices, and then fails."""

    def __init__(self, bad: set[Decimal]) -> None:
        self._within = SERVED["naive"]()
        self._bad = bad

    def step(self, price: float) -> Any:
        found = self._within.step(price)
        if Decimal(str(price)) in self._bad:
            raise ZeroDivisionError(f"{price}")
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._within, name)


def test_a_bar_that_a_model_fails_on_becomes_a_dead_letter_and_is_left_out(world: World, new_world: Any) -> None:
    closes = prices(50)
    bad = {closes[10], closes[30]}
    models: Any = {"naive": lambda: Brittle(bad)}
    use_case = Forecasting(
        world.event_log, world.store, world.market, world.clock, models, world.failed, origin=Origin.LIVE
    )
    end = store_bars(world, closes, first=T0)
    advance(world, use_case, end + timedelta(seconds=2))
    letters = [kept.letter for kept in world.letters.dead_letters(Window(limit=100)).items]
    assert {one.raw.decode() for one in letters} == {rfc3339(T0 + LENGTH * n) for n, c in enumerate(closes) if c in bad}
    assert {(one.kind, one.reader, one.place) for one in letters} == {("apply", "forecasts", "forecasts/BTC/USD/1m")}
    got = issued(world)
    assert [one.target_at for one in got] == [end + LENGTH]

    spared = new_world()
    with spared.store.begin() as tx:
        tx.put_candles([candle(T0 + LENGTH * n, close=c) for n, c in enumerate(closes) if c not in bad])
    use_case = Forecasting(
        spared.event_log, spared.store, spared.market, spared.clock, models, spared.failed, origin=Origin.LIVE
    )
    advance(spared, use_case, end + timedelta(seconds=2))
    assert [(one.price, one.lower, one.upper) for one in issued(spared)] == [
        (one.price, one.lower, one.upper) for one in got
    ]


@pytest.mark.parametrize("state", ["", "{", "[]", "{}", '{"form": 1, "models": ["naive", "mix"], "series": {"60": 7}}'])
def test_a_saved_state_that_cannot_be_read_is_left_behind(world: World, state: str) -> None:
    with world.store.begin() as tx:
        tx.save_checkpoint(f"{FORECASTING}{BTC}", Checkpoint(BEGINNING, state))
    end = store_bars(world, prices(50), first=T0)
    advance(world, forecasting(world), end + timedelta(seconds=2))
    assert issued(world)


def test_a_pair_that_fails_as_a_whole_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    end = store_bars(world, prices(50), first=T0)
    store_bars(world, prices(50), first=T0, pair=ETH)
    use_case = forecasting(world)
    world.clock.set(end + timedelta(seconds=2))
    advance_one = use_case.advance

    def brittle(pair: Pair) -> bool:
        return bool(1 / 0) if pair == BTC else advance_one(pair)

    monkeypatch.setattr(use_case, "advance", brittle)
    assert [use_case.advance_apart(pair) for pair in (BTC, ETH, BTC)] == [False] * 3
    world.projection.catch_up()
    assert {one.pair for one in issued(world)} == {ETH}
    assert len(world.letters.dead_letters(Window()).items) == 1
