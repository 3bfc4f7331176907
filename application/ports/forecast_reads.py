"""Port: what queries read of forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.page import Page, Window
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.skill import Outcome
from domain.values import Origin, Pair

FORECASTING = "forecast:"
"""The checkpoint of a pair's forecasting is named this and the pair: `forecast:BTC/USD`."""


@dataclass(frozen=True, slots=True)
class KnownForecast:
    """A forecast, and how it turned out once that is known."""

    issued: ForecastIssued
    scored: ForecastScored | None = None


@dataclass(frozen=True, slots=True)
class TrackRecordRead:
    """A model's latest scored forecasts of one series; `recorded_at` and `origin` are those of the last score."""

    pair: Pair
    horizon_s: int
    model: str
    outcomes: Sequence[Outcome]
    recorded_at: datetime
    origin: Origin


class ForecastReads(Protocol):
    """Forecasts and scores. Safe for several threads."""

    def forecasts(
        self, window: Window, *, pair: Pair | None = None, horizon_s: int | None = None, model: str | None = None
    ) -> Page[KnownForecast]:
        """By the time at which they were issued, newest first: those served, or with `model` all of that model."""
        ...

    def track_records(
        self, *, pair: Pair | None = None, horizon_s: int | None = None, last: int, as_of: datetime | None = None
    ) -> list[TrackRecordRead]:
        """The `last` scored forecasts of each pair, horizon and model, in that order."""
        ...

    def forecasting_states(self) -> Mapping[Pair, str]:
        """What `application.analytics.forecasting` has noted of each pair, by pair, in its own form."""
        ...
