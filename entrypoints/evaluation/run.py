"""One series, all models: over history as it was, and over placebos."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from application.analytics.evaluation import Bars, Evaluation, Walk, as_served, evaluate, placebo_skill, walk
from application.ports.forecaster import NAIVE, Forecaster, Forecasters
from domain.analytics.skill import Skill, skill_of
from domain.market.candle import Interval
from domain.values import Pair

_PLACEBOS = 20  # of each model that may say a direction: together they tell .5 from .501 on 60,000 bars
_PLACEBOS_OF_CHALLENGERS = 1  # they are slow


@dataclass(frozen=True, slots=True)
class ModelResult:
    """A model on one series; `steps_per_s` is how many bars a second it learned and forecast, None for a choice of models."""

    walked: Walk
    evaluation: Evaluation
    placebo: Skill  # of no forecasts where there was none to be walked
    steps_per_s: float | None


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """All models on one series."""

    pair: Pair
    interval: Interval
    bars: Bars
    models: list[ModelResult]


def work_of(bars: Bars, served: Forecasters, references: Forecasters, challengers: Forecasters) -> int:
    """How many bars will be walked, for a progress bar; a placebo may have a few less."""
    walks = sum(1 + _placebos_of(name) for name in (*served, *references))
    return len(bars) * (walks + len(challengers) * (1 + _PLACEBOS_OF_CHALLENGERS))


def evaluate_series(
    pair: Pair,
    interval: Interval,
    bars: Bars,
    served: Forecasters,
    references: Forecasters,
    challengers: Forecasters,
    progress: Callable[[int], None],
) -> SeriesResult:
    """Walk every model over the bars and over placebos of them; and what would have been served of those that serve."""
    results = [_result(name, make, bars, _placebos_of(name), progress) for name, make in served.items()]
    shown = as_served([one.walked for one in results])
    results.append(ModelResult(shown, evaluate(shown), skill_of([]), None))
    results += [_result(name, make, bars, _placebos_of(name), progress) for name, make in references.items()]
    results += [_result(name, make, bars, _PLACEBOS_OF_CHALLENGERS, progress) for name, make in challengers.items()]
    return SeriesResult(pair, interval, bars, results)


def _placebos_of(model: str) -> int:
    return 0 if model == NAIVE else _PLACEBOS


def _result(
    name: str, make: Callable[[], Forecaster], bars: Bars, placebos: int, progress: Callable[[int], None]
) -> ModelResult:
    started = time.perf_counter()
    walked = walk(name, make(), bars, progress)
    seconds = time.perf_counter() - started
    chance = placebo_skill(name, make, bars, times=placebos, progress=progress)
    return ModelResult(walked, evaluate(walked), chance, len(bars) / seconds)
