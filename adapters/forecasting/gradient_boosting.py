"""The offline challenger: LightGBM on absolute errors. It needs the extra `research`, and never serves.

It learns as the others do, bar by bar: every 2,000 bars it is fitted anew to the bars before, so that what it is fitted to
always lies before what it forecasts. https://lightgbm.readthedocs.io/en/stable/Parameters.html
"""

import math
from collections import deque
from typing import Any

import lightgbm
import numpy as np

from application.ports.forecaster import Snapshot

_LAGS = 24
_SUMS = (3, 6, 12, 24)
_REFIT_EVERY = 2_000
_FIT_TO = 20_000
_DECAY = 0.94
_LEAST_DEVIATION = 1e-6
_CAP = 6.0
_PARAMETERS = {
    "objective": "regression_l1", "learning_rate": 0.02, "num_leaves": 15, "min_data_in_leaf": 200,
    "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10.0, "num_threads": 1,
    "verbosity": -1, "seed": 1, "deterministic": True,
}  # fmt: skip
_ROUNDS = 150


class GradientBoosting:
    """Expects what boosted trees find in the last 24 returns, in units of their volatility."""

    def __init__(self) -> None:
        self.expected = 0.0
        self._lags = deque([math.nan] * _LAGS, maxlen=_LAGS)  # latest last; unknown ones are NaN, which the trees know
        self._variance = 0.0
        self._rows: deque[list[float]] = deque(maxlen=_FIT_TO)
        self._targets: deque[float] = deque(maxlen=_FIT_TO)
        self._seen = 0
        self._booster: Any = None

    def learn(self, log_return: float) -> None:
        """What came."""
        if not self._variance:
            self._variance = max(log_return * log_return, _LEAST_DEVIATION**2)
        scaled = max(-_CAP, min(_CAP, log_return / math.sqrt(self._variance)))
        self._rows.append(self._features())
        self._targets.append(scaled)
        self._variance = max(_DECAY * self._variance + (1 - _DECAY) * log_return**2, _LEAST_DEVIATION**2)
        self._lags.append(scaled)
        self._seen += 1
        if self._seen % _REFIT_EVERY == 0:
            self._fit()
        if self._booster is not None:
            predicted = self._booster.predict(np.array([self._features()]), num_threads=1)
            self.expected = float(predicted[0]) * math.sqrt(self._variance)

    def forget_last(self) -> None:
        """The next return does not follow the last one."""
        self._lags.extend([math.nan] * _LAGS)
        self.expected = 0.0

    def snapshot(self) -> Snapshot:
        """It is evaluated in one go. Raises NotImplementedError."""
        raise NotImplementedError("LightGBM is evaluated in one go, and never kept")

    def restore(self, snapshot: Snapshot) -> None:
        """See `snapshot`. Raises NotImplementedError."""
        raise NotImplementedError("LightGBM is evaluated in one go, and never kept")

    def _features(self) -> list[float]:
        lags = list(self._lags)
        return [
            *lags,
            *(math.fsum(lags[-length:]) for length in _SUMS),
            math.log(max(self._variance, _LEAST_DEVIATION**2)),
        ]

    def _fit(self) -> None:
        data = lightgbm.Dataset(np.array(self._rows), np.array(self._targets))
        self._booster = lightgbm.train(_PARAMETERS, data, num_boost_round=_ROUNDS)
