"""A strategy over stored candles, in a SQLite store."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.forecasting.models import SERVED
from application.analytics.backtest import backtests
from application.analytics.backtest.backtests import Backtests, Order, Report
from application.analytics.backtest.curve import MOST_POINTS, curve_of
from application.analytics.backtest.history import history_of
from domain.analytics.sentiment import TagSentiment
from domain.errors import InvalidValue, NotAllowed
from domain.market.candle import Candle, Interval
from domain.values import Origin
from tests.builders import BTC, T0, article, candle, sentiment
from tests.unit.application.conftest import World

M1 = Interval.M1
LENGTH = M1.length


@pytest.fixture
def tester(world: World) -> Backtests:
    world.clock.set(T0 + timedelta(days=1))
    return Backtests(world.market, world.sentiment, world.clock, SERVED)


def store(world: World, closes: Sequence[int], *, at: Sequence[int] | None = None) -> None:
    """Minutes that open where the one before closed."""
    rows = [
        candle(T0 + LENGTH * number, open=Decimal(before), high=Decimal(max(before, close)),
               low=Decimal(min(before, close)), close=Decimal(close))
        for number, before, close in zip(at or range(len(closes)), [closes[0], *closes], closes, strict=False)
    ]  # fmt: skip
    with world.store.begin() as tx:
        tx.put_candles(rows)


def order(strategy: str = "sma-cross", **fields: Any) -> Order:
    chosen = {"fast": 1, "slow": 2} if strategy == "sma-cross" else {}
    facts: dict[str, Any] = {"pair": BTC, "interval": M1, "parameters": chosen, "fee_pct": 0, "slippage_bp": 0}
    return Order(strategy=strategy, **facts | fields)


def test_a_strategy_is_run_beside_buying_and_holding(world: World, tester: Backtests) -> None:
    store(world, [100, 110, 121, 110, 100, 110])
    report = tester.run(order())
    assert [(entry, leave) for entry, leave in zip(report.run.entries, report.run.exits, strict=True)] == [(2, 4)]
    assert report.figures.return_pct == pytest.approx(0)  # bought at 110, sold at 110
    assert report.benchmark.return_pct == pytest.approx(10)
    assert [fee for fee, _ in report.fee_sensitivity] == [0, 0.1, 0.25, 0.4]
    assert report.fee_sensitivity[1][1] == pytest.approx(100 * (0.999 / 1.001 - 1))
    assert (report.origin, report.recorded_at) == (Origin.LIVE, T0 + 5 * LENGTH)


def test_only_closed_candles_in_the_asked_time_count(world: World, tester: Backtests) -> None:
    store(world, [100] * 10)
    world.clock.set(T0 + 7 * LENGTH + timedelta(seconds=59))
    assert len(tester.run(order()).history) == 7
    report = tester.run(order(start=T0 + LENGTH, end=T0 + 4 * LENGTH))
    assert (report.history.time(0), len(report.history)) == (T0 + LENGTH, 3)


def test_what_is_odd_about_the_data_is_said(world: World, tester: Backtests) -> None:
    store(world, [100, 190, 100, 100], at=[0, 1, 5, 6])
    notes = " ".join(tester.run(order("buy-and-hold")).notes)
    assert "3 bars are missing" in notes
    assert "at 2026-11-22 15:31 UTC, the price moved by 90%" in notes
    assert "A trade was still open at the end" in notes


def test_one_price_all_along_is_said_and_has_no_nan(world: World, tester: Backtests) -> None:
    store(world, [100] * 60)
    report = tester.run(order())
    assert "All closes are one and the same price." in report.notes
    assert "The strategy never bought anything." in report.notes
    assert (report.figures.return_pct, report.figures.sharpe) == (0, None)


@pytest.mark.parametrize(
    ("closes", "words"), [([], "there are no closed candles of BTC/USD at 1m"), ([100], "there is one closed candle")]
)
def test_too_little_to_test_on(world: World, tester: Backtests, closes: list[int], words: str) -> None:
    if closes:
        store(world, closes)
    with pytest.raises(InvalidValue, match=words):
        tester.run(order())


def test_too_many_candles_for_a_strategy(world: World, tester: Backtests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.analytics.backtest.strategies.SmaCross.most_bars", 9)
    store(world, [100] * 10)
    with pytest.raises(InvalidValue, match=r"more than 9 candles.*choose a later start"):
        tester.run(order())


def test_an_unknown_strategy(tester: Backtests) -> None:
    with pytest.raises(InvalidValue, match="strategy 'moon' is unknown: expected buy-and-hold, sma-cross, breakout"):
        tester.run(order("moon"))


def test_one_at_a_time(world: World, tester: Backtests, monkeypatch: pytest.MonkeyPatch) -> None:
    store(world, [100, 110])
    reached, go_on = threading.Event(), threading.Event()
    read = world.market.candles

    def slow(*asked: Any, **more: Any) -> Any:
        reached.set()
        assert go_on.wait(30)
        return read(*asked, **more)

    monkeypatch.setattr(world.market, "candles", slow)
    monkeypatch.setattr(backtests, "_PATIENCE_S", 0.01)
    done: list[Report] = []
    first = threading.Thread(target=lambda: done.append(tester.run(order())))
    first.start()
    try:
        assert reached.wait(30)
        with pytest.raises(NotAllowed, match="another backtest is running"):
            tester.run(order())
    finally:
        go_on.set()
        first.join(30)
    assert len(done) == 1


def test_sentiment_of_the_base_currency_is_followed(world: World, tester: Backtests) -> None:
    store(world, [100] * 10)
    good = article(recorded_at=T0 + 3 * LENGTH, tags=("BTC", "ETH"))
    other = article("2", recorded_at=T0, tags=("ETH",))
    scores = [sentiment(one, recorded_at=one.recorded_at, score=Decimal("0.5")) for one in (good, other)]
    world.event_log.append([good, other, *scores])
    world.projection.catch_up()
    report = tester.run(order("sentiment-following", parameters={"window": 2}))
    assert (report.run.entries.tolist(), report.run.exits.tolist()) == ([4], [6])
    nothing = tester.run(order("sentiment-following", end=T0 + 3 * LENGTH))
    assert any("nothing to follow" in note for note in nothing.notes)


def test_a_score_that_came_late_counts_from_then_on() -> None:
    def said(start: datetime, recorded_at: datetime) -> TagSentiment:
        return TagSentiment(
            tag="BTC", interval=M1, start=start, articles=1, score=Decimal("0.5"), positive=1, neutral=0, negative=0,
            model="vader", model_version="2", origin=Origin.LIVE, recorded_at=recorded_at,
        )  # fmt: skip

    in_time, late = said(T0, T0), said(T0 + LENGTH, T0 + 5 * LENGTH + timedelta(microseconds=1))
    bars: list[Candle] = [candle(T0 + LENGTH * number) for number in range(3)]
    known = [int(T0.timestamp()) + 60, int(T0.timestamp()) + 301]
    assert history_of(bars, LENGTH, [late, in_time]).sentiment.known_at.tolist() == known


@pytest.mark.parametrize("bars", [2, MOST_POINTS, MOST_POINTS + 1, 3 * MOST_POINTS])
def test_the_curve_has_a_screens_points_and_the_deepest_drawdown(
    world: World,
    tester: Backtests,
    bars: int,
) -> None:
    world.clock.set(T0 + timedelta(days=30))
    store(world, [100 + 7 * number % 31 for number in range(bars)])
    report = tester.run(order("buy-and-hold"))
    points = curve_of(report)
    assert len(points) <= MOST_POINTS
    assert points[-1].at == T0 + bars * LENGTH
    assert points[-1].equity == points[-1].benchmark == report.run.final
    assert max(point.drawdown_pct for point in points) == pytest.approx(report.figures.max_drawdown_pct)
