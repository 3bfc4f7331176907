import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.skill import Outcome, Skill, interval_score, skill_of, wilson


def outcome(price: float, actual: float, *, naive: float = 100, lower: float = 95, upper: float = 105) -> Outcome:
    return Outcome(price=price, lower=lower, upper=upper, actual=actual, naive=naive, level=0.9)


def test_the_figures_of_a_few_forecasts() -> None:
    found = skill_of([outcome(101, 102), outcome(99, 104), outcome(101, 100), outcome(100, 107)])
    assert found.n == 4
    assert found.mae_ratio == pytest.approx((1 + 5 + 1 + 7) / (2 + 4 + 0 + 7))
    assert found.direction == 0.5  # of those that say a direction, where the price moved
    assert (found.direction_low, found.direction_high) == wilson(1, 2)
    assert found.coverage == 0.75
    assert found.winkler == pytest.approx((10 * 3 + (10 + 20 * 2)) / 4 / 100 * 10_000)


def test_what_is_not_defined_is_none() -> None:
    nothing = Skill(
        n=0, mae_ratio=None, direction=None, direction_low=None, direction_high=None, coverage=None, winkler=None
    )
    assert skill_of([]) == nothing
    still = skill_of([outcome(100, 100), outcome(101, 100)])
    assert (still.mae_ratio, still.direction, still.direction_low, still.coverage) == (None, None, None, 1)
    assert skill_of([outcome(100, 103)]).direction is None  # "no change" has no direction


def test_the_interval_score_is_the_width_and_what_was_missed_twentyfold() -> None:
    assert interval_score(outcome(100, 100)) == 10
    assert interval_score(outcome(100, 94)) == pytest.approx(10 + 20)
    assert interval_score(outcome(100, 106.5)) == pytest.approx(10 + 30)


def test_the_true_interval_has_the_best_score() -> None:
    chance = random.Random(3)
    actual = [100 + chance.gauss(0, 2) for _ in range(20_000)]

    def winkler(half: float) -> float:
        found = skill_of([outcome(100, value, lower=100 - half, upper=100 + half) for value in actual]).winkler
        assert found is not None
        return found

    best = 1.645 * 2
    assert winkler(best) < min(winkler(best * 0.8), winkler(best * 1.2))


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    # Newcombe 1998, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilsons_interval_holds_the_share(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] - 1e-12 <= high <= 1


prices = st.floats(1e-18, 9e19)


@given(
    st.lists(
        st.builds(Outcome, price=prices, lower=prices, upper=prices, actual=prices, naive=prices, level=st.just(0.9)),
        max_size=20,
    )
)
def test_no_outcome_makes_a_figure_nan(outcomes: list[Outcome]) -> None:
    found = skill_of(outcomes)
    for value in (found.mae_ratio, found.direction, found.direction_low, found.coverage, found.winkler):
        assert value is None or math.isfinite(value)
