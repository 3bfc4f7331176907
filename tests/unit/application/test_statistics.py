"""Returns, volatility, spread, correlation and volume by hour: their formulas, their edges, and any order of trades."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.clock import FixedClock
from application.analytics.market_statistics import MOST_BARS, MarketStatistics, PairStatistics, Span
from application.analytics.statistics import Returns, bar_figures, correlation, log_returns, mean_spread
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.candle import Candle, CandleSource, Interval
from domain.market.trade import TradeExecuted
from domain.values import Side as TakerSide
from tests.builders import BTC, ETH, T0, at, candle, ticker, trade
from tests.unit.application.test_recompute import Side, fresh

LATER = at(3 * 86_400)
SPAN = Span(start=T0, end=at(7_200))


def bars(*closes: str | int, interval: Interval = Interval.M1, holes: Sequence[int] = ()) -> list[Candle]:
    """Bars one after the other; those of the numbers in `holes` are missing."""
    made = [candle(T0 + interval.length * n, interval=interval, close=Decimal(c)) for n, c in enumerate(closes)]
    return [one for n, one in enumerate(made) if n not in holes]


def returns_of(*closes: str | int, holes: Sequence[int] = ()) -> Returns:
    return log_returns(bars(*closes, holes=holes), Interval.M1)


def put(side: Side, *candles: Candle) -> None:
    with side.store.begin() as tx:
        tx.put_candles(candles)


def asked_of(side: Side, now: datetime = LATER) -> MarketStatistics:
    return MarketStatistics(side.reads, FixedClock(now), pairs=[BTC, ETH])


def of_btc(side: Side, span: Span = SPAN, *, now: datetime = LATER) -> PairStatistics:
    [found] = asked_of(side, now).of_pairs(Interval.M1, span, pair=BTC)
    return found


def test_volatility_is_the_root_of_the_squared_returns_scaled_to_a_year() -> None:
    figures = bar_figures(bars(100, 101, 99, "99.5"), Interval.M1)
    squares = [math.log(101 / 100) ** 2, math.log(99 / 101) ** 2, math.log(99.5 / 99) ** 2]
    assert figures.realised_volatility == pytest.approx(math.sqrt(sum(squares) / 3 * 365 * 24 * 60), rel=1e-12)
    assert (figures.bars, figures.returns, figures.return_pct, figures.why_none) == (4, 3, Decimal("-0.5"), ())


def test_a_hole_has_no_return() -> None:
    assert list(returns_of(100, 200, 400, 800, 1600, holes=[2]).values) == pytest.approx([math.log(2)] * 2)
    figures = bar_figures(bars(100, 200, 400, holes=[1]), Interval.M1)
    assert figures.realised_volatility is None
    assert figures.why_none == ("volatility needs 2 returns between neighbouring bars: there are 0",)


def test_one_price_all_along_is_a_volatility_of_zero() -> None:
    figures = bar_figures(bars(*[100] * 60), Interval.M1)
    assert (figures.realised_volatility, figures.return_pct) == (0, 0)


def test_without_bars_there_is_a_sentence_and_no_figure() -> None:
    figures = bar_figures([], Interval.H4)
    assert (figures.realised_volatility, figures.return_pct, figures.recorded_at, figures.volume) == (
        None,
        None,
        None,
        0,
    )
    assert figures.why_none == (
        "no bar closed in this time",
        "bars of 4h are too long to tell the hours of a day apart",
    )


def test_volume_by_hour_joins_the_days_and_keeps_sides_apart() -> None:
    hours = [candle(T0 + timedelta(days=day), interval=Interval.M15, volume=Decimal(3)) for day in range(2)]
    found = bar_figures(hours, Interval.M15).volume_by_hour
    assert found
    assert [one.hour for one in found] == list(range(24))
    assert {one.hour: (one.volume, one.buy_volume, one.sell_volume) for one in found if one.volume} == {15: (6, 3, 1)}


def test_spread_is_the_mean_over_sound_quotes_in_basis_points() -> None:
    found = mean_spread(
        [(Decimal(99), Decimal(101)), (Decimal(100), Decimal(100)), (Decimal(0), Decimal(5)), (Decimal(2), Decimal(1))]
    )
    assert (found.quotes, found.bps) == (2, pytest.approx(100, rel=1e-12))
    assert mean_spread([]).bps is None
    assert mean_spread([(Decimal(0), Decimal(0))]).why_none == (
        "no quote with both bid and ask is known from this time",
    )


def test_correlation_takes_the_bars_that_both_have() -> None:
    one, other = returns_of(1, 2, 1, 3, 1, 4, 1), returns_of(1, 4, 1, 9, 1, 16, 1)  # twice the returns
    assert correlation(one, other).value == pytest.approx(1, abs=1e-12)
    assert correlation(one, Returns(other.at, -other.values)).value == pytest.approx(-1, abs=1e-12)
    with_hole = correlation(one, returns_of(1, 4, 1, 9, 1, 16, 1, holes=[5]))
    assert (with_hole.n, with_hole.value) == (4, pytest.approx(1, abs=1e-12))


def test_correlation_of_too_few_or_of_what_does_not_vary_is_none() -> None:
    moving = returns_of(1, 2, 1, 3, 1)
    few = correlation(moving, returns_of(1, 2, 1))
    assert (few.n, few.value, few.why_none) == (2, None, ("it needs 3 returns in common: there are 2",))
    for steady in (returns_of(5, 5, 5, 5, 5), returns_of("1", "1.1", "1.21", "1.331", "1.4641")):
        assert correlation(moving, steady).why_none == ("the returns of one of the two did not vary",)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(*[st.decimals("1E-18", "99999999999999999999", places=18)] * 2), max_size=12))
def test_whatever_the_prices_no_figure_is_beyond_its_bounds(prices: list[tuple[Decimal, Decimal]]) -> None:
    one, other = (bars(*(str(pair[n]) for pair in prices)) for n in (0, 1))
    figures = bar_figures(one, Interval.M1)
    assert figures.realised_volatility is None or 0 <= figures.realised_volatility < math.inf
    found = correlation(log_returns(one, Interval.M1), log_returns(other, Interval.M1)).value
    assert found is None or -1 <= found <= 1
    spread = mean_spread(prices).bps
    assert spread is None or 0 <= spread <= 20_000


def test_bars_count_once_they_lie_in_the_time_whole_and_are_closed() -> None:
    with fresh() as side:
        put(side, *bars(*range(1, 8)), *bars(10, 20, 30, interval=Interval.H1))
        assert of_btc(side).bars.bars == 7
        assert of_btc(side, Span(start=at(1), end=at(359))).bars.bars == 4
        assert of_btc(side, now=at(121)).bars.bars == 1, "the second closes two seconds after its end"
        assert of_btc(side, now=at(122)).bars.bars == 2
        later = of_btc(side, Span(start=at(9_000)), now=at(100))
        assert (later.start, later.end, later.bars.bars) == (at(9_000), at(9_000), 0)


def test_the_usual_time_is_the_last_day() -> None:
    with fresh() as side:
        put(side, *bars(1, 2, 3))
        found = of_btc(side, Span(), now=at(86_400 + 60))
        assert (found.start, found.end, found.bars.bars) == (at(60), at(86_400 + 60), 2)


def test_as_of_a_time_it_is_what_was_known_then() -> None:
    on_time = [trade(n, occurred_at=at(n * 20), price=Decimal(n)) for n in range(1, 10)]
    late = trade(50, occurred_at=at(61), recorded_at=at(5_000), price=Decimal(900), volume=Decimal(7))
    with fresh() as side:
        side.merge([*on_time, ticker(bid=Decimal(99), ask=Decimal(101))])
        before = of_btc(side, now=at(400))
        side.merge([late, ticker(occurred_at=at(3), recorded_at=at(5_000))])
        assert of_btc(side).bars != before.bars
        then = of_btc(side, Span(start=SPAN.start, end=SPAN.end, as_of=at(400)))
        assert (then.bars, then.spread) == (before.bars, before.spread)
        assert of_btc(side).spread.quotes == 2


@pytest.mark.parametrize("seconds", [MOST_BARS * 60, 10**10])
def test_too_many_bars_are_refused_in_words(seconds: int) -> None:
    with fresh() as side, pytest.raises(InvalidValue, match="bars of 1m: expected 50,000") as refused:
        of_btc(side, Span(start=LATER - timedelta(seconds=seconds)))
    assert refused.value.field == "start"


def test_the_bound_is_on_all_pairs_together() -> None:
    span = Span(start=LATER - timedelta(minutes=MOST_BARS // 2))
    with fresh() as side:
        of_btc(side, span)
        for ask in (asked_of(side).of_pairs, asked_of(side).correlations):
            with pytest.raises(InvalidValue, match="25,001 bars of 1m of 2 pairs"):
                ask(Interval.M1, span)


def test_a_venues_own_bars_count_with_volume_of_unknown_side() -> None:
    imported = [
        candle(at(60 * n), source=CandleSource.IMPORTED, buy_volume=Decimal(0), sell_volume=Decimal(0))
        for n in range(3)
    ]
    with fresh() as side:
        put(side, *imported)
        found = of_btc(side).bars
    assert (found.volume, found.buy_volume, found.sell_volume) == (6, 0, 0)


_trades = st.lists(
    st.builds(
        trade,
        trade_id=st.integers(0, 40),
        pair=st.sampled_from((BTC, ETH)),
        occurred_at=st.integers(0, 500).map(at),
        price=st.integers(1, 500).map(Decimal),
        volume=st.sampled_from((Decimal("0.00000001"), Decimal(3))),
        side=st.none() | st.sampled_from(TakerSide),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda one: (one.pair, one.trade_id),
)


@settings(max_examples=8, deadline=None)  # three stores each
@given(_trades, st.randoms(), st.integers(1, 4))
def test_late_and_double_trades_give_the_same_statistics_in_both_profiles(
    trades: list[TradeExecuted], chance: random.Random, batches: int
) -> None:
    shuffled = [*trades, *chance.sample(trades, len(trades) // 2)]
    chance.shuffle(shuffled)
    found = []
    for is_cluster in (None, False, True):
        with fresh() as side:
            if is_cluster is None:
                side.merge(sorted(trades, key=lambda one: one.occurred_at))
            for number in range(0 if is_cluster is None else batches):
                batch: list[Event] = list(shuffled[number::batches])
                (side.store_then_recount if is_cluster else side.merge)(batch)
            statistics = asked_of(side)
            found.append([
                (statistics.of_pairs(interval, SPAN), statistics.correlations(interval, SPAN))
                for interval in (Interval.M1, Interval.M5)
            ])  # fmt: skip
    assert found[0] == found[1] == found[2]
