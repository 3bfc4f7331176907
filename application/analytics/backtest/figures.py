"""What a run was worth, in the figures of the field; None where one is not defined, with the reason in words.

Returns are simple, per bar, of the equity at each close; the riskless rate is taken to be 0. What is annualised goes by
365 days, as crypto trades on all of them: by time elapsed, so that holes between bars do not count as bars.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from application.analytics.backtest.engine import Run
from application.analytics.backtest.history import Floats, History, Ints

_YEAR_S = 365 * 86_400
_FEWEST_RETURNS = 30
_SHORTEST_S = 30 * 86_400  # to be annualised: a good hour makes no good year
_SAME = 1e-12  # spread of returns below which they are all the same
_LARGEST_LOG = 100.0  # of a yearly factor: what is beyond is no number that anybody could use

_TOO_SHORT = "less than 30 days are too short for a figure by year"
_TOO_LARGE = "it is too large to be told"
_NO_TRADE = "no trade was closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Percentages are of equity; drawdowns are positive.

    `cagr_pct`: compound annual growth rate, (final / initial)^(1 / years) - 1. `sharpe`: mean return by its standard
    deviation, annualised by the root of the bars in a year (Sharpe 1994, https://doi.org/10.3905/jpm.1994.409501).
    `sortino`: mean return by the root mean square of the negative ones, all bars counted, annualised likewise (Sortino &
    Price 1994, https://doi.org/10.3905/joi.3.3.59). `calmar`: CAGR by maximum drawdown (Young 1991). `exposure_pct`: bars
    in the market. `profit_factor`: gains by losses of the closed trades, each in percent. `expectancy_pct`: their mean
    return. `max_drawdown_s`: longest time from a peak of the equity until it was there again, or until the end.
    `why_none` says for each figure that is None why.
    """

    return_pct: float
    cagr_pct: float | None
    volatility_pct: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown_pct: float
    max_drawdown_s: int
    exposure_pct: float
    trades: int
    win_rate_pct: float | None
    profit_factor: float | None
    expectancy_pct: float | None
    best_trade_pct: float | None
    worst_trade_pct: float | None
    why_none: Mapping[str, str]


def figures_of(history: History, run: Run) -> Figures:
    """All of a run's; `trades` counts the closed ones."""
    why: dict[str, str] = {}
    years = (int(history.ends[-1]) - int(history.starts[0])) / _YEAR_S
    deepest = float(drawdowns_of(run.equity).max()) * 100
    cagr = _cagr(run, years, why)
    risk = _by_risk(run.equity, years, why)
    trades = _by_trade(run.returns * 100, why)
    return Figures(
        return_pct=(run.final - 1) * 100,
        cagr_pct=cagr,
        volatility_pct=risk["volatility_pct"],
        sharpe=risk["sharpe"],
        sortino=risk["sortino"],
        calmar=_calmar(cagr, deepest, why),
        max_drawdown_pct=deepest,
        max_drawdown_s=_longest_drawdown(run.equity, history.ends),
        exposure_pct=float(run.invested.mean()) * 100,
        trades=len(run.returns),
        win_rate_pct=trades["win_rate_pct"],
        profit_factor=trades["profit_factor"],
        expectancy_pct=trades["expectancy_pct"],
        best_trade_pct=trades["best_trade_pct"],
        worst_trade_pct=trades["worst_trade_pct"],
        why_none=why,
    )


def drawdowns_of(equity: Floats) -> Floats:
    """By how much each is below the highest so far, as a share of that; equity begins at 1."""
    drawdowns: Floats = 1 - equity / _highs(equity)
    return drawdowns


def _highs(equity: Floats) -> Floats:
    highs: Floats = np.maximum.accumulate(np.maximum(equity, 1.0))
    return highs


def _cagr(run: Run, years: float, why: dict[str, str]) -> float | None:
    if years * _YEAR_S < _SHORTEST_S:
        why["cagr_pct"] = _TOO_SHORT
        return None
    log = float(np.log(run.final)) / years
    if log > _LARGEST_LOG:
        why["cagr_pct"] = _TOO_LARGE
        return None
    return float(np.expm1(log)) * 100


def _calmar(cagr: float | None, deepest: float, why: dict[str, str]) -> float | None:
    if cagr is None:
        why["calmar"] = why["cagr_pct"]
        return None
    if not deepest:
        why["calmar"] = "there was no drawdown to compare with"
        return None
    return cagr / deepest


def _by_risk(equity: Floats, years: float, why: dict[str, str]) -> dict[str, float | None]:
    names = ("volatility_pct", "sharpe", "sortino")
    found: dict[str, float | None] = dict.fromkeys(names)
    returns = np.diff(equity, prepend=1.0) / np.concatenate(([1.0], equity[:-1]))
    if len(returns) < _FEWEST_RETURNS:
        why.update(dict.fromkeys(names, f"fewer than {_FEWEST_RETURNS} bars are too few to tell the spread of returns"))
        return found
    yearly = float(np.sqrt(len(returns) / years))
    mean, spread = float(returns.mean()), float(returns.std(ddof=1))
    below = float(np.sqrt(np.mean(np.minimum(returns, 0) ** 2)))
    found["volatility_pct"] = spread * yearly * 100
    if spread > _SAME:
        found["sharpe"] = mean / spread * yearly
    else:
        why["sharpe"] = "the equity hardly ever moved"
    if below > _SAME:
        found["sortino"] = mean / below * yearly
    else:
        why["sortino"] = "no bar lost anything"
    return found


def _by_trade(returns: Floats, why: dict[str, str]) -> dict[str, float | None]:
    names = ("win_rate_pct", "profit_factor", "expectancy_pct", "best_trade_pct", "worst_trade_pct")
    found: dict[str, float | None] = dict.fromkeys(names)
    if not len(returns):
        why.update(dict.fromkeys(names, _NO_TRADE))
        return found
    gains, losses = float(returns[returns > 0].sum()), -float(returns[returns < 0].sum())
    if losses:
        found["profit_factor"] = gains / losses
    else:
        why["profit_factor"] = "no closed trade lost anything"
    return found | {
        "win_rate_pct": float((returns > 0).mean()) * 100,
        "expectancy_pct": float(returns.mean()),
        "best_trade_pct": float(returns.max()),
        "worst_trade_pct": float(returns.min()),
    }


def _longest_drawdown(equity: Floats, ends: Ints) -> int:
    """Seconds between neighbouring peaks with something below them between, or from the last one to the end.

    The first bar is one: nothing can have been bought by its close.
    """
    peaks = np.flatnonzero(equity >= _highs(equity))
    longest = int(ends[-1] - ends[peaks[-1]])
    gaps = np.flatnonzero(np.diff(peaks) > 1)
    if len(gaps):
        longest = max(longest, int((ends[peaks[gaps + 1]] - ends[peaks[gaps]]).max()))
    return longest
