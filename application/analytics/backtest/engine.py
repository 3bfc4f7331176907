"""What holding at those times would have brought: fills, fees and the equity curve, for all bars at once.

A decision on the close of a bar is filled at the next bar's open. All equity is put in, no more than there is: with the
fee paid, no cash is left. What is still held at the end is valued at the last close, not sold.
"""

from dataclasses import dataclass, replace

import numpy as np

from application.analytics.backtest.history import Bools, Floats, History, Ints
from domain.errors import InvalidValue

_LARGEST_FEE_PCT = 10.0
_LARGEST_SLIPPAGE_BP = 1000.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Shares of what is traded: `fee` at each fill, and how much worse than the open fills are, buying and selling."""

    fee: float
    buying: float
    selling: float

    def with_fee(self, fee: float) -> "Costs":
        """The same with another fee."""
        return replace(self, fee=fee)


def costs_of(fee_pct: float, slippage_bp: float) -> Costs:
    """A fee in percent and slippage in basis points, both at each fill. Raises InvalidValue."""
    if not 0 <= fee_pct <= _LARGEST_FEE_PCT:
        raise InvalidValue("fee_pct", f"fee_pct is {fee_pct:g}: expected 0 to {_LARGEST_FEE_PCT:g}")
    if not 0 <= slippage_bp <= _LARGEST_SLIPPAGE_BP:
        raise InvalidValue("slippage_bp", f"slippage_bp is {slippage_bp:g}: expected 0 to {_LARGEST_SLIPPAGE_BP:g}")
    return Costs(fee_pct / 100, slippage_bp / 10_000, slippage_bp / 10_000)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Trades and equity, which begins at 1.

    `entries` and `exits` are the bars at whose open each trade was filled, `entry_prices` and `exit_prices` what was
    paid and got, without fees; a last trade that is still open has no exit. `units` is how much was held in each.
    `returns` are those of the closed trades, after all costs. `equity` is at each bar's close, `invested` whether
    anything was held then.
    """

    entries: Ints
    exits: Ints
    entry_prices: Floats
    exit_prices: Floats
    units: Floats
    returns: Floats
    equity: Floats
    invested: Bools

    @property
    def final(self) -> float:
        """Equity at the end."""
        return float(self.equity[-1])


def simulate(history: History, hold: Bools, costs: Costs) -> Run:
    """Trade by these decisions. Raises InvalidValue where the equity would leave what a float can hold."""
    invested = np.concatenate(([False], hold[:-1]))
    change = np.diff(invested.astype(np.int8), prepend=np.int8(0))
    entries, exits = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    entry_prices = history.open[entries] * (1 + costs.buying)
    exit_prices = history.open[exits] * (1 - costs.selling)
    closed = len(exits)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        factors = exit_prices * (1 - costs.fee) / (entry_prices[:closed] * (1 + costs.fee))
        cash = np.concatenate(([1.0], np.cumprod(factors)))
        units = cash[: len(entries)] / (entry_prices * (1 + costs.fee))
        equity = cash[np.cumsum(change == -1)]
        trade = np.cumsum(change == 1) - 1
        equity[invested] = units[trade[invested]] * history.close[invested]
    if not (np.isfinite(equity).all() and (equity > 0).all()):
        raise InvalidValue("pair", "these prices lie too far apart to be computed with: the equity has no finite value")
    return Run(entries, exits, entry_prices, exit_prices, units, factors - 1, equity, invested)
