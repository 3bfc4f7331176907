"""The figures, by hand where they can be, and never a NaN."""

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.analytics.backtest.engine import Costs, simulate
from application.analytics.backtest.figures import Figures, figures_of
from application.analytics.backtest.history import History
from tests.unit.backtest.histories import HOUR, histories, history

FREE = Costs(0, 0, 0)
YEAR = 365 * 24  # hours


def figures(bars: History, hold: list[bool]) -> Figures:
    return figures_of(bars, simulate(bars, np.array(hold), FREE))


def test_a_year_in_which_the_equity_doubles_and_halves_between() -> None:
    closes = [100.0] * 2 + [200.0] * (YEAR // 2) + [100.0] * (YEAR // 4)
    closes += [200.0] * (YEAR - len(closes))
    found = figures(history(closes), [True] * YEAR)
    assert found.return_pct == pytest.approx(100)
    assert found.cagr_pct == pytest.approx(100)
    assert found.max_drawdown_pct == pytest.approx(50)
    assert found.calmar == pytest.approx(2)
    assert found.max_drawdown_s == (YEAR // 4 + 1) * HOUR  # from the last close at the peak until it was there again
    assert found.exposure_pct == pytest.approx(100 * (YEAR - 1) / YEAR)
    returns = np.zeros(YEAR)
    returns[[2, 2 + YEAR // 2, 2 + YEAR // 2 + YEAR // 4]] = 1, -0.5, 1
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(YEAR))
    assert found.sortino == pytest.approx(returns.mean() / math.sqrt(0.25 / YEAR) * math.sqrt(YEAR))
    assert found.volatility_pct == pytest.approx(returns.std(ddof=1) * math.sqrt(YEAR) * 100)


def test_trades_won_and_lost() -> None:
    opens = [1, 100, 110, 100, 95, 100, 103, 1]
    found = figures(history(opens, opens=opens), [True, False] * 3 + [False] * 2)
    assert found.trades == 3
    assert found.win_rate_pct == pytest.approx(200 / 3)
    assert found.profit_factor == pytest.approx(13 / 5)
    assert found.expectancy_pct == pytest.approx(8 / 3)
    assert (found.best_trade_pct, found.worst_trade_pct) == (pytest.approx(10), pytest.approx(-5))


def test_a_good_hour_is_not_taken_for_a_good_year() -> None:
    found = figures(history([100, 100, 190, 200]), [True] * 4)
    assert (found.cagr_pct, found.calmar, found.sharpe) == (None, None, None)
    assert (
        found.why_none["cagr_pct"] == found.why_none["calmar"] == "less than 30 days are too short for a figure by year"
    )
    assert found.why_none["sharpe"].startswith("fewer than 30 bars")
    assert found.why_none["win_rate_pct"] == "no trade was closed"


def test_a_growth_beyond_telling_is_not_told() -> None:
    found = figures(history([100.0] * 719 + [1e30]), [True] * 720)
    assert (found.cagr_pct, found.why_none["cagr_pct"]) == (None, "it is too large to be told")


def test_never_in_the_market() -> None:
    found = figures(history([100, 50] * 500), [False] * 1000)
    assert (found.return_pct, found.max_drawdown_pct, found.max_drawdown_s, found.exposure_pct) == (0, 0, 0, 0)
    assert found.why_none["sharpe"] == "the equity hardly ever moved"
    assert found.why_none["sortino"] == "no bar lost anything"
    assert found.why_none["calmar"] == "there was no drawdown to compare with"


@given(histories(), st.data())
def test_every_figure_is_a_number_or_has_a_reason(bars: History, data: st.DataObject) -> None:
    hold = data.draw(st.lists(st.booleans(), min_size=len(bars), max_size=len(bars)))
    found = figures(bars, hold)
    values = {one.name: getattr(found, one.name) for one in fields(found) if one.name != "why_none"}
    assert {name for name, value in values.items() if value is None} == set(found.why_none)
    assert all(value is None or math.isfinite(value) for value in values.values())
