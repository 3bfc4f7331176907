"""The served model: a mix of simple experts, each weighted by how well it has done so far.

The experts expect no change, a return to the exponentially smoothed price at three speeds, and what least squares find
in the last two returns. Their weights are exponential in their losses (Cesa-Bianchi & Lugosi, Prediction, Learning, and
Games, 2006, chapter 2), a little is shared out anew at each step so that none is lost for good (fixed share: Herbster
& Warmuth 1998). Losses are absolute errors in units of the present volatility, capped, so that one jump does not decide.
"""

import math

from adapters.forecasting.references import NoChange, Smoothed
from application.ports.forecaster import Snapshot

_SPEEDS = (0.8, 0.9, 0.95)
_LEARNING_RATE = 0.05
_SHARED = 0.001
_DECAY = 0.94
_CAP = 3.0  # standard deviations
_LEAST_DEVIATION = 1e-6


class LeastSquares:
    """Regresses a return on the two before it, all in units of the volatility and capped; older ones count less.

    The sums that the normal equations need are discounted by 0.9998 a bar and regularised (ridge), so that the
    solution is defined and small from the first bar on.
    """

    _DISCOUNT = 0.9998
    _RIDGE = 50.0

    def __init__(self) -> None:
        self._lags = [0.0, 0.0]
        self._sums = [0.0] * 5  # of x1·x1, x1·x2, x2·x2, x1·y, x2·y

    def learn(self, scaled: float) -> None:
        """The return that came, in units of the volatility that was known before it."""
        y, (x1, x2) = max(-_CAP, min(_CAP, scaled)), self._lags
        products = (x1 * x1, x1 * x2, x2 * x2, x1 * y, x2 * y)
        self._sums = [self._DISCOUNT * old + new for old, new in zip(self._sums, products, strict=True)]
        self._lags = [y, x1]

    @property
    def expected(self) -> float:
        """The next return, in units of the present volatility."""
        s11, s12, s22, s1y, s2y = self._sums
        s11, s22 = s11 + self._RIDGE, s22 + self._RIDGE
        determinant = s11 * s22 - s12 * s12  # at least RIDGE squared
        first = (s22 * s1y - s12 * s2y) / determinant
        second = (s11 * s2y - s12 * s1y) / determinant
        return first * self._lags[0] + second * self._lags[1]

    def forget_last(self) -> None:
        """The next return does not follow the last one."""
        self._lags = [0.0, 0.0]

    def snapshot(self) -> Snapshot:
        """The lags and the sums."""
        return {"lags": self._lags, "sums": self._sums}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        self._lags, self._sums = snapshot["lags"], snapshot["sums"]


class Mix:
    """Expects the weighted mean of what its experts expect."""

    def __init__(self) -> None:
        self._smoothed = [Smoothed(alpha) for alpha in _SPEEDS]
        self._regression = LeastSquares()
        self._variance = 0.0
        self._weights = [1 / (len(_SPEEDS) + 2)] * (len(_SPEEDS) + 2)
        self._expectations = [0.0] * len(self._weights)

    @property
    def expected(self) -> float:
        """The next log return."""
        return sum(weight * one for weight, one in zip(self._weights, self._expectations, strict=True))

    def learn(self, log_return: float) -> None:
        """What came. Before the price first moves there is nothing to learn."""
        if not self._variance:
            self._variance = log_return * log_return
        if self._variance:
            self._weigh(log_return)
            self._regression.learn(log_return / self._deviation)
            for expert in self._smoothed:
                expert.learn(log_return)
            self._variance = max(_DECAY * self._variance + (1 - _DECAY) * log_return**2, _LEAST_DEVIATION**2)
            self._expect()

    def forget_last(self) -> None:
        """The next return does not follow the last one: experts that look back have nothing to say."""
        for expert in self._smoothed:
            expert.forget_last()
        self._regression.forget_last()
        self._expect()

    def snapshot(self) -> Snapshot:
        """All experts and their weights."""
        return {
            "smoothed": [expert.snapshot() for expert in self._smoothed],
            "regression": self._regression.snapshot(),
            "variance": self._variance,
            "weights": self._weights,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        for expert, state in zip(self._smoothed, snapshot["smoothed"], strict=True):
            expert.restore(state)
        self._regression.restore(snapshot["regression"])
        self._variance = snapshot["variance"]
        self._weights = snapshot["weights"]
        self._expect()

    @property
    def _deviation(self) -> float:
        return max(math.sqrt(self._variance), _LEAST_DEVIATION)

    def _expect(self) -> None:
        regressed = self._regression.expected * self._deviation
        self._expectations = [NoChange.expected, *(expert.expected for expert in self._smoothed), regressed]

    def _weigh(self, log_return: float) -> None:
        losses = [min(abs(log_return - one) / self._deviation, _CAP) for one in self._expectations]
        best = min(losses)
        weights = [
            weight * math.exp(_LEARNING_RATE * (best - loss))
            for weight, loss in zip(self._weights, losses, strict=True)
        ]
        total = sum(weights)
        share = _SHARED / len(weights)
        self._weights = [weight / total * (1 - _SHARED) + share for weight in weights]
