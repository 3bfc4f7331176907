"""The models by name: those that serve, and those that only `cryptoviz evaluate` compares them with."""

from adapters.forecasting.mix import Mix
from adapters.forecasting.online import OnlineForecaster
from adapters.forecasting.references import Drift, NoChange, Smoothed
from application.ports.forecaster import NAIVE, Forecasters

SERVED: Forecasters = {NAIVE: lambda: OnlineForecaster(NoChange()), "mix": lambda: OnlineForecaster(Mix())}
REFERENCES: Forecasters = {
    "drift": lambda: OnlineForecaster(Drift()),
    "ses": lambda: OnlineForecaster(Smoothed(0.9)),
}


def challengers() -> tuple[Forecasters, str | None]:
    """LightGBM if the extra `research` is installed; otherwise none, and a sentence that says so."""
    try:
        from adapters.forecasting.gradient_boosting import GradientBoosting
    except ImportError:
        return {}, "LightGBM is not installed and is left out (`uv sync --extra research` adds it)."
    return {"lightgbm": lambda: OnlineForecaster(GradientBoosting())}, None
