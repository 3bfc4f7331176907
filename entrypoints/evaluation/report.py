"""The report of an evaluation: `report.md`, and beside it the plots, where matplotlib is installed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from adapters.forecasting.models import SERVED
from application.analytics.evaluation import BLOCK, Floats, error_arrays, rolling_mean
from application.ports.forecaster import LEVEL, NAIVE
from domain.values import rfc3339
from entrypoints.evaluation.run import ModelResult, SeriesResult
from entrypoints.evaluation.table import EXPLAINED, table_of
from entrypoints.plots import matplotlib_missing

_BASIS_POINTS = 10_000
_POINTS = 2_000  # of a line, at most: no screen shows more


def write_report(directory: Path, results: Sequence[SeriesResult], notes: Sequence[str]) -> Path:
    """Write `report.md`, with the plots that are there; returns it. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    parts = [
        "# What the forecasts are worth",
        "One bar ahead, walked forward: each forecast was made before its bar was learned.",
    ]
    for result in results:
        starts, name = result.bars.starts, f"{result.pair} {result.interval.value}"
        parts += [
            f"## {name}",
            f"{len(result.bars)} candles from {rfc3339(starts[0])} to {rfc3339(starts[-1])}.",
            table_of(result),
        ]
        parts += [f"![{title} of {name}]({file})" for title, file in _plots_of(result) if (directory / file).is_file()]
    parts += [EXPLAINED, *notes]
    file = directory / "report.md"
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return file


def plots_or_reason(directory: Path, results: Sequence[SeriesResult]) -> str | None:
    """Draw the plots; returns why there are none, in a sentence, where matplotlib is not installed. Raises OSError."""
    reason = matplotlib_missing()
    if reason:
        return reason
    directory.mkdir(parents=True, exist_ok=True)
    for result in results:
        (_, coverage), (_, advantage) = _plots_of(result)
        served = [one for one in result.models if one.walked.model in SERVED]  # intervals hardly differ between models
        title = f"{result.pair}: share of prices within their intervals, last {BLOCK} bars"
        _draw(directory / coverage, title, served, _coverage)
        title = f"{result.pair}: error saved against 'no change', summed, in basis points"
        _draw(directory / advantage, title, result.models, _advantage)
    return None


def _plots_of(result: SeriesResult) -> list[tuple[str, str]]:
    name = f"{result.pair.slug}-{result.interval.value}"
    return [("Coverage", f"coverage-{name}.svg"), ("Advantage", f"advantage-{name}.svg")]


def _draw(file: Path, title: str, models: Sequence[ModelResult], draw: Any) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=10)
    axes.grid(alpha=0.3)
    for one in models:
        draw(axes, one)
    axes.legend(fontsize=8, ncols=5)
    figure.savefig(file, metadata={"Date": None})


def _coverage(axes: Any, one: ModelResult) -> None:
    _, _, inside = error_arrays(one.walked)
    rolled = rolling_mean(inside)
    axes.plot(*_thinned(one.walked.times[len(inside) - len(rolled) :], rolled), label=one.walked.model, linewidth=0.7)
    axes.axhline(float(LEVEL), color="black", linewidth=0.5)


def _advantage(axes: Any, one: ModelResult) -> None:
    if one.walked.model == NAIVE:
        axes.axhline(0, color="black", linewidth=0.5)
        return
    error, naive, _ = error_arrays(one.walked)
    axes.plot(
        *_thinned(one.walked.times, np.cumsum(naive - error) * _BASIS_POINTS), label=one.walked.model, linewidth=0.9
    )


def _thinned(times: Sequence[datetime], values: Floats) -> tuple[Sequence[datetime], Floats]:
    step = max(1, len(values) // _POINTS)
    return times[::step], values[::step]
