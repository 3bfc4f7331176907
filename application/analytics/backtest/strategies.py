"""Strategies that look at prices alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from application.analytics.backtest.history import Bools, Floats, History
from application.analytics.backtest.strategy import MOST_BARS, Parameter
from domain.errors import InvalidValue

_LONGEST = 5000  # bars
_SAME = 1e-10  # means that differ by less are equal: it is a rounding error of their sums


@dataclass(frozen=True, slots=True)
class BuyAndHold:
    """What every other strategy is measured by."""

    name: ClassVar[str] = "buy-and-hold"
    meaning: ClassVar[str] = "Buy at the first opportunity and never sell."
    parameters: ClassVar[Sequence[Parameter]] = ()
    most_bars: ClassVar[int] = MOST_BARS
    checked_bars: ClassVar[int] = MOST_BARS

    def positions(self, history: History) -> Bools:
        """Always."""
        return np.ones(len(history), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class SmaCross:
    """In the market while the short-term mean price is above the long-term one. Raises InvalidValue unless fast < slow."""

    fast: int
    slow: int

    name: ClassVar[str] = "sma-cross"
    meaning: ClassVar[str] = "Hold while the mean of the last `fast` closes is above that of the last `slow`."
    parameters: ClassVar[Sequence[Parameter]] = (
        Parameter("fast", "bars of the short-term mean", 10, 1, _LONGEST - 1),
        Parameter("slow", "bars of the long-term mean", 30, 2, _LONGEST),
    )
    most_bars: ClassVar[int] = MOST_BARS
    checked_bars: ClassVar[int] = MOST_BARS

    def __post_init__(self) -> None:
        if self.fast >= self.slow:
            raise InvalidValue("fast", f"fast is {self.fast}: expected less than slow, which is {self.slow}")

    def positions(self, history: History) -> Bools:
        """Out until there are `slow` bars."""
        hold = np.zeros(len(history), dtype=np.bool_)
        if len(history) >= self.slow:
            fast, slow = _means(history.close, self.fast), _means(history.close, self.slow)
            hold[self.slow - 1 :] = fast[self.slow - self.fast :] > slow * (1 + _SAME)
        return hold


@dataclass(frozen=True, slots=True)
class Breakout:
    """Donchian's channels: in on a new high, out on a new low."""

    enter: int
    leave: int

    name: ClassVar[str] = "breakout"
    meaning: ClassVar[str] = (
        "Buy when a close is above the highest price of the `enter` bars before, "
        "sell when one is below the lowest of the `leave` bars before (Donchian channels)."
    )
    parameters: ClassVar[Sequence[Parameter]] = (
        Parameter("enter", "bars whose highest price is to be exceeded", 20, 1, _LONGEST),
        Parameter("leave", "bars whose lowest price is not to be undercut", 10, 1, _LONGEST),
    )
    most_bars: ClassVar[int] = MOST_BARS
    checked_bars: ClassVar[int] = MOST_BARS

    def positions(self, history: History) -> Bools:
        """What the latest of the two events says; out before the first."""
        bars = np.arange(1, len(history) + 1)
        bought = np.where(history.close > _highest_before(history.high, self.enter), bars, 0)
        sold = np.where(history.close < -_highest_before(-history.low, self.leave), bars, 0)
        hold: Bools = np.maximum.accumulate(bought) > np.maximum.accumulate(sold)
        return hold


def _means(values: Floats, window: int) -> Floats:
    """Of each `window` neighbours."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    means: Floats = (sums[window:] - sums[:-window]) / window
    return means


def _highest_before(values: Floats, window: int) -> Floats:
    """The highest of the `window` values before each one; infinite where there are not as many.

    By maxima from both ends of blocks of that size (van Herk 1992): the time does not grow with the window.
    """
    highest = np.full(len(values), np.inf)
    if len(values) <= window:
        return highest
    blocks = np.pad(values, (0, -len(values) % window), constant_values=-np.inf).reshape(-1, window)
    forth = np.maximum.accumulate(blocks, axis=1).ravel()
    back = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    last = len(values) - window
    highest[window:] = np.maximum(back[:last], forth[window - 1 : window - 1 + last])
    return highest
