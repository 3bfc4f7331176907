import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adapters.forecasting.models import REFERENCES, SERVED, challengers
from application.analytics.evaluation import Bars, as_served, evaluate, placebo, placebo_skill, rolling_mean, walk
from application.ports.forecaster import NAIVE, Outlook, Snapshot
from domain.market.candle import Interval
from domain.values import Pair
from entrypoints.evaluation.report import plots_or_reason, write_report
from entrypoints.evaluation.run import evaluate_series, work_of
from entrypoints.evaluation.table import placebo_is_clean
from tests.unit.forecasting.test_models import wander

START = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bars_of(closes: Sequence[float], holes: dict[int, int] | None = None) -> Bars:
    """Hourly bars; `holes` says how many are missing before which one."""
    starts, at = [], START
    for number in range(len(closes)):
        at += HOUR * (holes or {}).get(number, 0)
        starts.append(at)
        at += HOUR
    return Bars(HOUR, starts, closes)


def ignore(_: int) -> None: ...


class Peeking:
    """A model that knows the next price."""

    def __init__(self, bars: Bars) -> None:
        self._next = iter(bars.closes[1:])

    def step(self, price: float) -> Outlook:
        price = next(self._next, price)
        return Outlook(price, price * 0.99, price * 1.01)

    def forget_last(self) -> None: ...

    def snapshot(self) -> Snapshot:
        return {}

    def restore(self, snapshot: Snapshot) -> None: ...


def test_every_bar_is_forecast_before_it_is_learned() -> None:
    closes = wander(300)
    told: list[int] = []
    walked = walk(NAIVE, SERVED[NAIVE](), bars_of(closes), told.append)
    assert [one.actual for one in walked.outcomes] == closes[22:]
    assert [one.naive for one in walked.outcomes] == closes[21:-1]
    assert walked.times[-1] == START + 300 * HOUR
    assert sum(told) == 300


def test_a_short_hole_is_scored_as_no_change_and_a_long_one_is_not() -> None:
    closes = wander(100)
    walked = walk(NAIVE, SERVED[NAIVE](), bars_of(closes, {50: 5, 80: 6}), ignore)
    assert len(walked.outcomes) == 100 - 22 - 1
    (held,) = [one for one in walked.outcomes if one.actual == one.naive]
    assert held.naive == closes[49]
    assert closes[80] not in [one.actual for one in walked.outcomes]


def test_the_placebo_has_the_same_moves_and_no_order() -> None:
    closes = wander(2000, pull=0.5)
    bars = bars_of(closes, {300: 2})
    shuffled = placebo(bars, 1)
    moves = sorted(abs(math.log(b / a)) for a, b in pairwise(closes))
    again = sorted(abs(math.log(b / a)) for a, b in pairwise(shuffled.closes))
    assert len(again) == len(moves) - 1  # not the one over the hole
    assert set(np.round(again, 9)) <= set(np.round(moves, 9))
    returns = np.diff(np.log(np.array(shuffled.closes)))
    assert abs(np.corrcoef(returns[1:], returns[:-1])[0, 1]) < 0.1
    assert placebo(bars, 1) == shuffled
    assert placebo(bars, 2) != shuffled


def test_a_model_that_peeks_is_found_out_by_the_placebo() -> None:
    bars = bars_of(wander(1500))
    honest = placebo_skill("mix", SERVED["mix"], bars, times=2, progress=ignore)
    assert placebo_is_clean(honest)
    peeking = placebo_skill("peeking", lambda: Peeking(placebo(bars, 1)), bars, times=1, progress=ignore)
    assert peeking.direction is not None
    assert peeking.direction > 0.99
    assert placebo_is_clean(peeking) is False
    assert placebo_is_clean(placebo_skill(NAIVE, SERVED[NAIVE], bars, times=1, progress=ignore)) is None


def test_the_standard_error_and_the_worst_spell() -> None:
    bars = bars_of(wander(5022))
    found = evaluate(walk("ses", REFERENCES["ses"](), bars, ignore))
    outcomes = walk("ses", REFERENCES["ses"](), bars, ignore).outcomes
    blocks = [outcomes[start : start + 500] for start in range(0, 5000, 500)]

    def ratio(skipped: int) -> float:
        kept = [one for number, block in enumerate(blocks) if number != skipped for one in block]
        return sum(abs(o.actual - o.price) / o.naive for o in kept) / sum(
            abs(o.actual - o.naive) / o.naive for o in kept
        )

    ratios = np.array([ratio(number) for number in range(10)])
    assert found.mae_ratio_error == pytest.approx(math.sqrt(0.9 * float(np.sum((ratios - ratios.mean()) ** 2))))
    inside = [one.lower <= one.actual <= one.upper for one in outcomes]
    assert found.worst_coverage == min(sum(inside[start : start + 500]) / 500 for start in range(len(inside) - 499))
    few = evaluate(walk("ses", REFERENCES["ses"](), bars_of(wander(300)), ignore))
    assert (few.mae_ratio_error, few.worst_coverage) == (None, None)
    assert rolling_mean(np.array([1.0, 2.0, 6.0]), 2).tolist() == [1.5, 4.0]


def test_what_is_served_is_the_better_of_both_by_then() -> None:
    closes = wander(1500) + [price / 1.01 for price in wander(1500, seed=2, pull=0.5)]
    walks = [walk(name, make(), bars_of(closes), ignore) for name, make in SERVED.items()]
    naive, mix, shown = (evaluate(one) for one in (*walks, as_served(walks)))
    assert (naive.skill.mae_ratio, naive.skill.n) == (1, shown.skill.n)
    assert mix.skill.mae_ratio is not None
    assert shown.skill.mae_ratio is not None
    assert max(mix.skill.mae_ratio, shown.skill.mae_ratio) < 0.98
    chosen = [one.price != one.naive for one in as_served(walks).outcomes]
    assert not any(chosen[:50])
    assert sum(chosen[-500:]) == 500


@pytest.mark.slow
def test_lightgbm_finds_a_pull_back_and_nothing_in_a_placebo() -> None:
    pytest.importorskip("lightgbm")
    found, reason = challengers()
    assert reason is None
    bars = bars_of(wander(5000, pull=0.4))
    real = evaluate(walk("lightgbm", found["lightgbm"](), bars, ignore)).skill
    chance = placebo_skill("lightgbm", found["lightgbm"], bars, times=1, progress=ignore)
    assert real.direction is not None
    assert real.direction > 0.55
    assert placebo_is_clean(chance)
    with pytest.raises(NotImplementedError):
        found["lightgbm"]().snapshot()


def test_without_the_research_extra_it_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "adapters.forecasting.gradient_boosting", raising=False)
    found, reason = challengers()
    assert (found, reason) == ({}, "LightGBM is not installed and is left out (`uv sync --extra research` adds it).")
    result = evaluate_series(Pair("BTC/USD"), Interval.H1, bars_of(wander(1200)), SERVED, {}, {}, ignore)
    no_plots = plots_or_reason(tmp_path, [result])
    assert no_plots
    assert no_plots.startswith("There are no plots: matplotlib is not installed")
    text = write_report(tmp_path, [result], [no_plots]).read_text()
    assert no_plots in text
    assert "![" not in text


@pytest.mark.slow
def test_the_report_has_a_row_for_each_model_and_its_plots(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    bars = bars_of(wander(1600))
    told: list[int] = []
    result = evaluate_series(Pair("BTC/USD"), Interval.H1, bars, SERVED, {}, {}, told.append)
    assert sum(told) == work_of(bars, SERVED, {}, {})
    assert plots_or_reason(tmp_path, [result]) is None
    text = write_report(tmp_path, [result], []).read_text()
    assert "1600 candles from 2020-01-01T00:00:00Z to 2020-03-07T15:00:00Z" in text
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")] == [
        "model",
        NAIVE,
        "mix",
        "as served",
    ]
    for file in ("coverage-BTC-USD-1h.svg", "advantage-BTC-USD-1h.svg"):
        assert f"({file})" in text
        assert 2_000 < (tmp_path / file).stat().st_size < 300_000
    assert "nan" not in text.lower()
