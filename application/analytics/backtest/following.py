"""Strategies that follow what else the system says: its forecasts, and the sentiment of its articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from application.analytics.backtest.history import Bools, History
from application.analytics.backtest.strategy import MOST_BARS, Parameter
from application.analytics.bars import missing_between, pass_hole
from application.analytics.serving import TrackRecord
from application.ports.forecaster import Forecasters, Outlook

_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class ForecastFollowing:
    """Follows the forecast that would have been served at each bar: all models walk forward, learning bar by bar."""

    models: Forecasters
    edge_bp: float

    name: ClassVar[str] = "forecast-following"
    meaning: ClassVar[str] = (
        "Hold while the served forecast of the next close is more than `edge_bp` above the present one; where nothing "
        "has beaten 'no change' lately, that is never."
    )
    parameters: ClassVar[Sequence[Parameter]] = (
        Parameter("edge_bp", "basis points that the price is expected to rise at least", 0, 0, 1000, whole=False),
    )
    most_bars: ClassVar[int] = 50_000  # models learn bar by bar
    checked_bars: ClassVar[int] = 300

    def positions(self, history: History) -> Bools:
        """A bar's decision is by the forecasts made on its close. Holes are taken as in serving."""
        forecasters = {name: make() for name, make in self.models.items()}
        record = TrackRecord(forecasters)
        outlooks: dict[str, Outlook] = {}
        hold = np.zeros(len(history), dtype=np.bool_)
        last = 0.0
        for bar, close in enumerate(history.close.tolist()):
            missing = 0 if bar == 0 else missing_between(history.time(bar - 1), history.time(bar), history.span)
            if missing:
                for forecaster in forecasters.values():
                    pass_hole(forecaster, missing, last)
            elif outlooks:
                record.note({name: abs(close - one.price) / last for name, one in outlooks.items()})
            found = {name: forecaster.step(close) for name, forecaster in forecasters.items()}
            outlooks = {name: one for name, one in found.items() if isinstance(one, Outlook)}
            if len(outlooks) < len(forecasters):
                outlooks = {}
            else:
                served = outlooks[record.serving().model].price
                hold[bar] = served > close * (1 + self.edge_bp / _BASIS_POINTS)
            last = close
        return hold


@dataclass(frozen=True, slots=True)
class SentimentFollowing:
    """Follows the mean sentiment of the articles that have the pair's base currency as a tag."""

    window: int
    threshold: float

    name: ClassVar[str] = "sentiment-following"
    meaning: ClassVar[str] = (
        "Hold while the mean score of the articles known in the last `window` bars is above `threshold`; "
        "without articles, be out."
    )
    parameters: ClassVar[Sequence[Parameter]] = (
        Parameter("window", "bars over which articles count", 24, 1, 5000),
        Parameter("threshold", "score from -1 to 1 that the mean must exceed", 0.05, -1, 1, whole=False),
    )
    most_bars: ClassVar[int] = MOST_BARS
    checked_bars: ClassVar[int] = MOST_BARS

    def positions(self, history: History) -> Bools:
        """Articles count from when they and their scores were recorded, for as long as `window` bars last."""
        said = history.sentiment
        articles = np.concatenate(([0.0], np.cumsum(said.articles)))
        scores = np.concatenate(([0.0], np.cumsum(np.round(said.score * said.articles, 4))))
        until = np.searchsorted(said.known_at, history.ends, side="right")
        since = np.searchsorted(said.known_at, history.ends - self.window * history.length, side="right")
        number = articles[until] - articles[since]
        mean = (scores[until] - scores[since]) / np.maximum(number, 1)
        hold: Bools = (number > 0) & (mean > self.threshold)
        return hold
