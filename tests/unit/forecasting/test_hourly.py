"""What the served models are worth on Kraken's hourly candles of years, by the code that serves."""

import pytest

from adapters.forecasting.models import SERVED
from application.analytics.evaluation import Bars, Evaluation, evaluate, placebo_skill, walk
from application.ports.forecaster import NAIVE
from entrypoints.evaluation.table import placebo_is_clean
from tests.real_data import real_data
from tests.unit.forecasting.hourly import FILES, hourly_bars

pytestmark = [pytest.mark.slow]


def ignore(_: int) -> None: ...


@pytest.fixture(scope="module", params=FILES)
def bars(request: pytest.FixtureRequest) -> Bars:
    return hourly_bars(request.param)


def figures(model: str, bars: Bars) -> Evaluation:
    return evaluate(walk(model, SERVED[model](), bars, ignore))


@real_data(*FILES.values())
def test_the_mix_does_no_worse_than_no_change_and_its_intervals_hold(bars: Bars) -> None:
    found = figures("mix", bars)
    assert found.skill.mae_ratio is not None
    assert found.mae_ratio_error is not None
    assert found.skill.coverage is not None
    assert found.worst_coverage is not None
    assert found.skill.n > 0.99 * (len(bars) - 500)  # long holes apart, every bar is forecast
    assert found.skill.mae_ratio + found.mae_ratio_error < 1
    assert 0.885 < found.skill.coverage < 0.915
    assert found.worst_coverage >= 0.85


@real_data(*FILES.values())
def test_the_intervals_of_no_change_hold_too(bars: Bars) -> None:
    found = figures(NAIVE, bars)
    assert found.skill.mae_ratio == 1
    assert found.skill.direction is None
    assert found.skill.coverage is not None
    assert found.worst_coverage is not None
    assert 0.885 < found.skill.coverage < 0.915
    assert found.worst_coverage >= 0.85


@real_data(*FILES.values())
def test_where_there_is_nothing_to_find_the_mix_finds_nothing(bars: Bars) -> None:
    found = placebo_skill("mix", SERVED["mix"], bars, times=10, progress=ignore)
    assert placebo_is_clean(found), found
    assert found.mae_ratio is not None
    assert 1 <= found.mae_ratio < 1.01
