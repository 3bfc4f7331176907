"""How good a model's forecasts have been, against what "no change" would have done.

Errors are taken relative to the price when the forecast was issued, so that bars of all price levels count alike. What
is not defined (a ratio to errors of zero, a share of nothing) is None, never a number that looks like one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

_Z = NormalDist().inv_cdf(0.975)


class Outcome(NamedTuple):
    """One forecast that was scored, in floats: `naive` was the price when it was issued, `actual` that at its target.

    A tuple, as ten thousands of them are made for one answer.
    """

    price: float
    lower: float
    upper: float
    actual: float
    naive: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Figures over `n` forecasts.

    `mae_ratio` is the mean absolute error over that of "no change": below 1 is better. `direction` is the share of
    forecasts of a move, where the price did move, that had its direction right, with its 95 % Wilson interval. `coverage` is the
    share of prices within their intervals. `winkler` is the mean interval score in basis points of the price: width,
    plus 2 / (1 - level) times what the price was outside by; lower is better (Gneiting & Raftery 2007, eq. 43,
    https://doi.org/10.1198/016214506000001437).
    """

    n: int
    mae_ratio: float | None
    direction: float | None
    direction_low: float | None
    direction_high: float | None
    coverage: float | None
    winkler: float | None


def skill_of(outcomes: Iterable[Outcome]) -> Skill:
    """The figures over some forecasts of one series by one model."""
    n = inside = right = moves = 0
    error = naive_error = winkler = 0.0
    for one in outcomes:
        n += 1
        error += abs(one.actual - one.price) / one.naive
        naive_error += abs(one.actual - one.naive) / one.naive
        inside += one.lower <= one.actual <= one.upper
        winkler += interval_score(one) / one.naive
        if one.naive not in (one.price, one.actual):
            moves += 1
            right += (one.price > one.naive) == (one.actual > one.naive)
    low, high = wilson(right, moves) if moves else (None, None)
    return Skill(
        n=n,
        mae_ratio=error / naive_error if naive_error else None,
        direction=right / moves if moves else None,
        direction_low=low,
        direction_high=high,
        coverage=inside / n if n else None,
        winkler=winkler / n * 10_000 if n else None,
    )


def interval_score(one: Outcome) -> float:
    """Width of the interval, plus the penalty for a price outside it; in the price's currency."""
    outside = max(one.lower - one.actual, one.actual - one.upper, 0.0)
    return one.upper - one.lower + 2 / (1 - one.level) * outside


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953). Needs a trial."""
    share = successes / trials
    denominator = 1 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / denominator
    half = _Z / denominator * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)
