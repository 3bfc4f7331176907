"""Fills, fees and equity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.analytics.backtest.engine import Costs, costs_of, simulate
from application.analytics.backtest.history import History
from domain.errors import InvalidValue
from tests.unit.backtest.histories import histories, history

FREE = Costs(0, 0, 0)


def test_a_decision_on_a_close_is_filled_at_the_next_open() -> None:
    bars = history([10, 11, 12, 13], opens=[9, 20, 30, 40])
    run = simulate(bars, np.array([True, False, True, True]), FREE)
    assert run.entries.tolist() == [1, 3]
    assert run.exits.tolist() == [2]
    assert run.entry_prices.tolist() == [20, 40]
    assert run.exit_prices.tolist() == [30]
    assert run.returns.tolist() == [0.5]
    assert run.equity.tolist() == [1, 11 / 20, 1.5, pytest.approx(1.5 * 13 / 40)]
    assert run.invested.tolist() == [False, True, False, True]


def test_fee_and_slippage_are_paid_at_both_fills() -> None:
    bars = history([10, 10, 10], opens=[10, 10, 10])
    run = simulate(bars, np.array([True, False, False]), costs_of(fee_pct=1, slippage_bp=100))
    assert run.final == pytest.approx(0.99 * 0.99 / (1.01 * 1.01))
    assert (run.entry_prices[0], run.exit_prices[0]) == (pytest.approx(10.1), pytest.approx(9.9))
    assert run.returns[0] == pytest.approx(run.final - 1)


def test_the_last_decision_comes_too_late_to_be_filled() -> None:
    run = simulate(history([10, 20]), np.array([False, True]), FREE)
    assert not len(run.entries)
    assert run.final == 1


@given(histories(), st.data(), st.floats(0, 0.1), st.floats(0, 0.1), st.floats(0, 0.1))
def test_all_bars_at_once_are_as_one_after_the_other(
    bars: History, data: st.DataObject, fee: float, buying: float, selling: float
) -> None:
    hold = np.array(data.draw(st.lists(st.booleans(), min_size=len(bars), max_size=len(bars))))
    run = simulate(bars, hold, Costs(fee, buying, selling))
    cash, units, trades = 1.0, 0.0, 0
    for bar in range(len(bars)):
        wanted = bar > 0 and hold[bar - 1]
        if wanted and not units:
            cash, units = 0.0, cash / (bars.open[bar] * (1 + buying) * (1 + fee))
        elif units and not wanted:
            cash, units, trades = units * bars.open[bar] * (1 - selling) * (1 - fee), 0.0, trades + 1
        assert run.equity[bar] == pytest.approx(cash + units * bars.close[bar], rel=1e-9)
        assert run.invested[bar] == bool(units)
    assert len(run.exits) == trades


@given(histories(), st.data())
def test_a_higher_fee_never_leaves_more(bars: History, data: st.DataObject) -> None:
    hold = np.array(data.draw(st.lists(st.booleans(), min_size=len(bars), max_size=len(bars))))
    left = [simulate(bars, hold, costs_of(fee, 5)).final for fee in (0, 0.1, 0.4, 10)]
    assert left == sorted(left, reverse=True)


@pytest.mark.parametrize(("fee", "slippage", "field"), [(-0.1, 0, "fee_pct"), (11, 0, "fee_pct"), (float("nan"), 0, "fee_pct"), (0, -1, "slippage_bp"), (0, 1001, "slippage_bp"), (0, float("inf"), "slippage_bp")])  # fmt: skip
def test_costs_that_cannot_be_are_refused_by_name(fee: float, slippage: float, field: str) -> None:
    with pytest.raises(InvalidValue, match=f"{field} is .*expected 0 to") as refused:
        costs_of(fee, slippage)
    assert refused.value.field == field


def test_prices_beyond_a_floats_reach_are_refused_in_words() -> None:
    bars = history([1e-18, 1e20] * 10)
    with pytest.raises(InvalidValue, match="too far apart"):
        simulate(bars, np.array([True, False] * 10), FREE)
