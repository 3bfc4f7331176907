"""The figures as a table in Markdown, for the report and for the benchmark alike."""

from collections.abc import Iterator

from domain.analytics.skill import Skill
from entrypoints.evaluation.run import ModelResult, SeriesResult

EXPLAINED = """\
MAE ratio: mean absolute error (relative to the price) over that of "no change", ± its standard error (delete-one-block
jackknife, blocks of 500 bars); below 1 is better. Direction: share of moves whose direction was right, with its 95 %
interval (Wilson). Coverage: share of prices in the 90 % intervals, and in the worst 500 bars in a row. Winkler: mean
interval score in basis points of the price (Gneiting & Raftery 2007), lower is better. Placebo: direction on the same
returns in random order and with random signs, where .5 must lie within the interval; 1 in 20 misses it by chance.
"As served": each time the model with the least error over the 500 bars before."""

_HEAD = (
    "| model | forecasts | MAE ratio | direction | coverage | worst 500 | Winkler | placebo direction | steps/s |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def table_of(result: SeriesResult) -> str:
    """A row for each model."""
    return "\n".join([_HEAD, *map(_row, result.models)])


def placebo_is_clean(placebo: Skill) -> bool | None:
    """Whether .5 lies within the interval of the placebo's direction; None for a model that never says a direction."""
    low, high = placebo.direction_low, placebo.direction_high
    return None if low is None or high is None else low <= 0.5 <= high


def _row(one: ModelResult) -> str:
    return f"| {' | '.join(_cells(one))} |"


def _cells(one: ModelResult) -> Iterator[str]:
    figures, skill = one.evaluation, one.evaluation.skill
    yield one.walked.model
    yield str(skill.n)
    error = "" if figures.mae_ratio_error is None else f" ± {figures.mae_ratio_error:.4f}"
    yield f"{_number(skill.mae_ratio, 4)}{error}"
    yield _direction(skill)
    yield _number(skill.coverage, 4)
    yield _number(figures.worst_coverage, 3)
    yield _number(skill.winkler, 1)
    clean = placebo_is_clean(one.placebo)
    yield _direction(one.placebo) + ("" if clean is not False else " (outside)")
    yield "–" if one.steps_per_s is None else f"{one.steps_per_s:,.0f}"


def _direction(skill: Skill) -> str:
    if skill.direction is None:
        return "–"
    return f"{skill.direction:.4f} ({skill.direction_low:.4f}–{skill.direction_high:.4f})"


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"
