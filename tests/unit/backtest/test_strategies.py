"""What strategies decide, and that none looks ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.forecasting.models import SERVED
from application.analytics.backtest.catalogue import catalogue
from application.analytics.backtest.following import ForecastFollowing, SentimentFollowing
from application.analytics.backtest.history import Bools, History
from application.analytics.backtest.lookahead import LooksAhead, check_look_ahead
from application.analytics.backtest.strategies import Breakout, SmaCross
from application.analytics.backtest.strategy import MOST_BARS, Parameter, Strategy
from application.ports.forecaster import NAIVE, Forecaster, NoOutlook, Outlook, Snapshot
from domain.errors import InvalidValue
from tests.unit.backtest.histories import HOUR, histories, history

OFFERS = catalogue(SERVED)


def wander(bars: int) -> History:
    return history((100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, bars)))).tolist())


@given(histories(), st.integers(1, 6), st.integers(1, 6))
def test_the_short_mean_above_the_long_one(bars: History, fast: int, more: int) -> None:
    slow = fast + more
    closes = bars.close.tolist()
    for bar, held in enumerate(SmaCross(fast, slow).positions(bars)):
        means = [np.mean(closes[bar + 1 - window : bar + 1]) for window in (fast, slow)] if bar >= slow - 1 else [0, 1]
        if abs(means[0] / means[1] - 1) > 1e-8:
            assert held == (means[0] > means[1])


@given(histories(), st.integers(1, 8), st.integers(1, 8))
def test_a_breakout_is_in_on_a_new_high_and_out_on_a_new_low(bars: History, enter: int, leave: int) -> None:
    held = False
    for bar, found in enumerate(Breakout(enter, leave).positions(bars)):
        if bar >= enter and bars.close[bar] > max(bars.high[bar - enter : bar]):
            held = True
        elif bar >= leave and bars.close[bar] < min(bars.low[bar - leave : bar]):
            held = False
        assert found == held


@pytest.mark.parametrize("bars", [5, 100])
def test_one_price_for_hours_is_no_signal(bars: int) -> None:
    flat = history([0.1] * bars)
    for name in ("sma-cross", "breakout", "forecast-following", "sentiment-following"):
        assert not OFFERS[name].chosen({}).positions(flat).any()


def test_sentiment_counts_from_when_it_was_known_for_the_window() -> None:
    said = [(2 * HOUR, 0.5, 1), (3 * HOUR, -0.9, 3), (6 * HOUR + 1, 0.2, 1)]
    bars = history([1] * 9, said=said)  # bar n closes at (n + 1) * HOUR
    held = SentimentFollowing(window=2, threshold=0.05).positions(bars)
    assert held.tolist() == [False, True, False, False, False, False, True, True, False]


class Upward:
    """Expects one per cent more each time."""

    def step(self, price: float) -> Outlook | NoOutlook:
        return Outlook(price * 1.01, price * 0.9, price * 1.1)

    def forget_last(self) -> None: ...

    def snapshot(self) -> Snapshot:
        return {}

    def restore(self, snapshot: Snapshot) -> None: ...


class Still(Upward):
    """Expects no change."""

    def step(self, price: float) -> Outlook | NoOutlook:
        return Outlook(price, price * 0.9, price * 1.1)


def test_forecasts_are_followed_once_their_model_has_earned_to_be_served() -> None:
    def upward() -> Forecaster:
        return Upward()

    models = {NAIVE: Still, "up": upward}
    rising, falling = (history([100 * factor**bar for bar in range(80)]) for factor in (1.01, 0.99))
    held = ForecastFollowing(models, edge_bp=50).positions(rising)
    assert not held[:50].any()
    assert held[50:].all()
    assert not ForecastFollowing(models, edge_bp=101).positions(rising).any()
    assert not ForecastFollowing(models, edge_bp=0).positions(falling).any()


@pytest.mark.parametrize("name", sorted(OFFERS))
@settings(max_examples=20, deadline=None)
@given(bars=histories(most=90))
def test_no_offered_strategy_looks_ahead(name: str, bars: History) -> None:
    strategy = OFFERS[name].chosen({})
    check_look_ahead(strategy, bars, strategy.positions(bars))


@dataclass(frozen=True)
class Peeking:
    """Knows more than it may, in the way that `how` says."""

    how: str

    name: ClassVar[str] = "peeking"
    meaning: ClassVar[str] = "Cheats."
    parameters: ClassVar[Sequence[Parameter]] = ()
    most_bars: ClassVar[int] = MOST_BARS
    checked_bars: ClassVar[int] = MOST_BARS

    def positions(self, history: History) -> Bools:
        close = history.close
        later = np.concatenate((close[1:], close[-1:]))
        hold: Bools
        match self.how:
            case "next close":
                hold = later > close
            case "next open":
                hold = np.concatenate((history.open[1:], [0.0])) > close
            case "mean of all":
                hold = close < close.mean()
            case "best of all":
                hold = np.arange(len(close)) < close.argmax()
            case "later sentiment":
                score = history.sentiment.score
                hold = np.full(len(close), len(score) > 0 and score[-1] > 0)
            case _:
                raise AssertionError(self.how)
        return hold


@pytest.mark.parametrize("how", ["next close", "next open", "mean of all", "best of all", "later sentiment"])
def test_a_strategy_that_peeks_is_found_out(how: str) -> None:
    bars = wander(500)
    said = [(HOUR * hour, 0.1, 1) for hour in range(1, 501, 7)]
    bars = history(bars.close.tolist(), said=said)
    peeking: Strategy = Peeking(how)
    with pytest.raises(LooksAhead, match="peeking looks ahead: what it decides at the bar of 1970-01-"):
        check_look_ahead(peeking, bars, peeking.positions(bars))


@pytest.mark.parametrize(
    ("name", "values", "field", "words"),
    [
        ("sma-cross", {"fast": 30, "slow": 30}, "fast", "expected less than slow"),
        ("sma-cross", {"fast": 0}, "fast", "expected a whole number from 1 to 4999"),
        ("sma-cross", {"fast": 1.5}, "fast", "a whole number"),
        ("sma-cross", {"quick": 1}, "parameters", "no parameter 'quick': expected fast, slow"),
        ("buy-and-hold", {"fast": 1}, "parameters", "it has none"),
        ("sentiment-following", {"threshold": float("nan")}, "threshold", "from -1 to 1"),
        ("forecast-following", {"edge_bp": float("inf")}, "edge_bp", "from 0 to 1000"),
    ],
)
def test_parameters_that_cannot_be_are_refused_by_name(
    name: str, values: dict[str, float], field: str, words: str
) -> None:
    with pytest.raises(InvalidValue, match=words) as refused:
        OFFERS[name].chosen(values)
    assert refused.value.field == field
