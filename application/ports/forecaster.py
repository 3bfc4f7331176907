"""Port: a model that forecasts the price one bar ahead, learning from each bar as it closes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

LEVEL = Decimal("0.9")
"""How probable it should be that the price lies in a forecast's interval."""

Snapshot = dict[str, Any]
"""All that a model has learned, as JSON can hold it."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The price expected at the end of the next bar, and the interval in which it lies with probability LEVEL.

    All are finite, and 0 < lower < price < upper.
    """

    price: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class NoOutlook:
    """Why there is no forecast, for people."""

    reason: str


class Forecaster(Protocol):
    """One model on one series of bars of equal length. Not for several threads at once."""

    def step(self, price: float) -> Outlook | NoOutlook:
        """Learn the closing price of the bar that follows the last one, and look one bar ahead. `price` is above zero."""
        ...

    def forget_last(self) -> None:
        """The next bar does not follow the last one: its price is no step from it. What was learned before stays."""
        ...

    def snapshot(self) -> Snapshot:
        """What `restore` needs to go on from here as if nothing had happened."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same model."""
        ...


Forecasters = Mapping[str, Callable[[], Forecaster]]
"""Models by name, each made anew for each series. One of them is NAIVE, which the others are measured by."""

NAIVE = "naive"
"""The name of the model that expects no change."""
