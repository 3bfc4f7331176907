"""A forecaster made of two parts: what return a model expects next, and how wide the interval around it must be."""

import math
from typing import Protocol

from adapters.forecasting.conformal import ENOUGH, ConformalInterval
from application.ports.forecaster import NoOutlook, Outlook, Snapshot


class ReturnModel(Protocol):
    """Expects a log return from those before it."""

    def learn(self, log_return: float) -> None:
        """What came."""
        ...

    @property
    def expected(self) -> float:
        """The next log return."""
        ...

    def forget_last(self) -> None:
        """The next return does not follow the last one."""
        ...

    def snapshot(self) -> Snapshot:
        """Everything it has learned."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        ...


class OnlineForecaster:
    """See application.ports.forecaster.Forecaster."""

    def __init__(self, model: ReturnModel) -> None:
        self._model = model
        self._interval = ConformalInterval()
        self._last: float | None = None  # log price

    def step(self, price: float) -> Outlook | NoOutlook:
        """Learn a closing price, and look one bar ahead."""
        log_price = math.log(price)
        if self._last is not None:
            change = log_price - self._last
            self._interval.learn(change - self._model.expected)
            self._model.learn(change)
        self._last = log_price
        if not self._interval.known:
            return NoOutlook("the price has not moved yet since the first bar known")
        if self._interval.known < ENOUGH:
            return NoOutlook(f"too few bars yet: {self._interval.known} of {ENOUGH} that an interval needs")
        middle = price * math.exp(self._model.expected)
        spread = math.exp(self._interval.half_width)
        return Outlook(middle, middle / spread, middle * spread)

    def forget_last(self) -> None:
        """The next bar does not follow the last one."""
        self._last = None
        self._model.forget_last()

    def snapshot(self) -> Snapshot:
        """What `restore` needs."""
        return {"last": self._last, "interval": self._interval.snapshot(), "model": self._model.snapshot()}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same model."""
        self._last = snapshot["last"]
        self._interval.restore(snapshot["interval"])
        self._model.restore(snapshot["model"])
