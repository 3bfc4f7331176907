"""Prediction intervals from how far a model was wrong before: conformal, scaled by the present volatility, adaptive.

Each error is divided by an exponentially weighted standard deviation of the errors before it; the interval is the
finite-sample quantile of the last 500 such scores times the present deviation (split conformal prediction, e.g.
Angelopoulos & Bates 2021, https://arxiv.org/abs/2107.07511, sections 1 and 2.3). The share that is left out is steered by
whether intervals were missed (Gibbs & Candès 2021, https://arxiv.org/abs/2106.00170), which keeps bad spells short.
`python -m benchmarks.forecasting` measures the coverage.
"""

import math
from bisect import bisect_left, insort
from collections import deque

from application.ports.forecaster import LEVEL, Snapshot

ENOUGH = 20  # scores; fewer say too little about one case in ten
_WINDOW = 500
_DECAY = 0.94  # a day's weight in RiskMetrics' volatility; a bar's here
_STEERING = 0.005
_LEFT_OUT = 1 - float(LEVEL)
_MOST_LEFT_OUT, _LEAST_LEFT_OUT = 0.5, 0.01
_LEAST_DEVIATION = 1e-6  # in log price: a hundredth of a basis point
_NARROWEST = 1e-5
_WIDEST = 20.0  # a factor of half a billion


class ConformalInterval:
    """Half the width of the interval around the next forecast, in log price. Errors are in log price too."""

    def __init__(self) -> None:
        self._scores: deque[float] = deque()
        self._sorted: list[float] = []
        self._variance = 0.0
        self._left_out = _LEFT_OUT

    @property
    def known(self) -> int:
        """How many errors it goes by, 500 at most."""
        return len(self._scores)

    @property
    def half_width(self) -> float:
        """Of the next interval; never zero. There must be an error to go by."""
        rank = math.ceil((len(self._sorted) + 1) * (1 - self._left_out)) - 1
        score = self._sorted[min(rank, len(self._sorted) - 1)]
        return min(max(score * self._deviation, _NARROWEST), _WIDEST)

    def learn(self, error: float) -> None:
        """By how much the price missed the forecast. Errors of zero before the first other one tell nothing, and are left."""
        size = abs(error)
        if not self._variance and not self._scores:
            self._variance = size * size
            return
        if len(self._scores) >= ENOUGH:
            missed = size > self.half_width
            steered = self._left_out + _STEERING * (_LEFT_OUT - missed)
            self._left_out = min(max(steered, _LEAST_LEFT_OUT), _MOST_LEFT_OUT)
        score = float(f"{size / self._deviation:.5g}")  # as it is written in a snapshot
        self._scores.append(score)
        insort(self._sorted, score)
        if len(self._scores) > _WINDOW:
            del self._sorted[bisect_left(self._sorted, self._scores.popleft())]
        self._variance = _DECAY * self._variance + (1 - _DECAY) * size * size

    def snapshot(self) -> Snapshot:
        """Everything, for JSON."""
        return {"scores": list(self._scores), "variance": self._variance, "left_out": self._left_out}

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        self._scores = deque(snapshot["scores"])
        self._sorted = sorted(self._scores)
        self._variance = snapshot["variance"]
        self._left_out = snapshot["left_out"]

    @property
    def _deviation(self) -> float:
        return max(math.sqrt(self._variance), _LEAST_DEVIATION)
