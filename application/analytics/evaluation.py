"""A walk forward over history: every model forecasts each bar before it learns it, by the code that serves.

A model has seen nothing but the bars before, and those lie one horizon (one bar) or more before what it forecasts: that is
the purge. As a check on the whole, the same walk goes over the same returns in a random order and with random signs (not
even a drift is left), where there is nothing to be found: a model that is right more often than by chance there has seen
the future.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from application.analytics.bars import SHORT_HOLE, missing_between, pass_hole
from application.analytics.serving import TrackRecord
from application.ports.forecaster import LEVEL, Forecaster, Outlook
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from domain.analytics.skill import Outcome, Skill, skill_of
from domain.market.candle import Interval
from domain.values import Pair

BLOCK = 500  # bars: for the standard error, and for the worst spell
_PAGE = 1000
_TOLD_EVERY = 500  # bars

Floats = npt.NDArray[np.float64]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Bars:
    """Closed bars of one series, oldest first, perhaps with holes; `starts` are UTC."""

    length: timedelta
    starts: Sequence[datetime]
    closes: Sequence[float]

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True)
class Walk:
    """A model's forecasts with their outcomes, and when each outcome came."""

    model: str
    outcomes: Sequence[Outcome]
    times: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A walk's figures: those of `Skill`, the standard error of its MAE ratio, and its coverage over the worst 500 bars.

    None where there are fewer than two blocks of 500, or 500 bars.
    """

    model: str
    skill: Skill
    mae_ratio_error: float | None
    worst_coverage: float | None


def stored_bars(reads: MarketReads, pair: Pair, interval: Interval, now: datetime) -> Bars:
    """All stored candles that had ended by `now`."""
    starts: list[datetime] = []
    closes: list[float] = []
    window = Window(start=datetime.fromtimestamp(0, now.tzinfo), limit=_PAGE)
    while True:
        page = reads.candles(pair, interval, window)
        for candle in page.items:
            if candle.end <= now:
                starts.append(candle.start)
                closes.append(float(candle.close))
        if page.next_cursor is None:
            return Bars(interval.length, starts, closes)
        window = Window(start=window.start, limit=_PAGE, cursor=page.next_cursor)


def walk(model: str, forecaster: Forecaster, bars: Bars, progress: Progress) -> Walk:
    """Step by step; `progress` is told of bars done. Holes are taken as in serving."""
    outcomes: list[Outcome] = []
    times: list[datetime] = []
    for outcome, at in _steps(forecaster, bars, progress):
        outcomes.append(outcome)
        times.append(at)
    return Walk(model, outcomes, times)


def _steps(forecaster: Forecaster, bars: Bars, progress: Progress) -> Iterator[tuple[Outcome, datetime]]:
    level = float(LEVEL)
    outlook: object = None
    last_start: datetime | None = None
    last = 0.0
    for number, (start, close) in enumerate(zip(bars.starts, bars.closes, strict=True), start=1):
        missing = 0 if last_start is None else missing_between(last_start, start, bars.length)
        if isinstance(outlook, Outlook) and last_start and missing <= SHORT_HOLE:
            actual = last if missing else close
            outcome = Outcome(outlook.price, outlook.lower, outlook.upper, actual, last, level)
            yield outcome, last_start + 2 * bars.length
        if missing:
            pass_hole(forecaster, missing, last)
        outlook = forecaster.step(close)
        last_start, last = start, close
        if not number % _TOLD_EVERY:
            progress(_TOLD_EVERY)
    progress(len(bars) % _TOLD_EVERY)


def as_served(walks: Sequence[Walk]) -> Walk:
    """What would have been shown: at each bar the forecast of the model that had done best by then. All walk the same bars."""
    models = [walked.model for walked in walks]
    record = TrackRecord(models)
    shown: list[Outcome] = []
    for outcomes in zip(*(walked.outcomes for walked in walks), strict=True):
        by_model = dict(zip(models, outcomes, strict=True))
        shown.append(by_model[record.serving().model])
        record.note({model: abs(one.actual - one.price) / one.naive for model, one in by_model.items()})
    return Walk("as served", shown, walks[0].times)


def evaluate(walked: Walk) -> Evaluation:
    """The figures of a walk."""
    errors, naive, inside = error_arrays(walked)
    return Evaluation(walked.model, skill_of(walked.outcomes), _ratio_error(errors, naive), _worst(inside))


def error_arrays(walked: Walk) -> tuple[Floats, Floats, Floats]:
    """For each outcome: the model's error, that of "no change" (both relative to the price), and whether it was inside."""
    rows = [
        (
            abs(one.actual - one.price) / one.naive,
            abs(one.actual - one.naive) / one.naive,
            one.lower <= one.actual <= one.upper,
        )
        for one in walked.outcomes
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def rolling_mean(values: Floats, window: int = BLOCK) -> Floats:
    """Means of each `window` neighbours; empty for fewer values."""
    if len(values) < window:
        return np.empty(0)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    rolled: Floats = (sums[window:] - sums[:-window]) / window
    return rolled


def placebo(bars: Bars, seed: int) -> Bars:
    """The same one-bar log returns in a random order and with random signs, as bars without holes."""
    chance = np.random.default_rng(seed)
    logs = np.log(np.array(bars.closes))
    after = zip(bars.starts, bars.starts[1:], strict=False)
    follows = np.array([not missing_between(last, start, bars.length) for last, start in after], dtype=bool)
    returns = np.diff(logs)[follows]
    chance.shuffle(returns)
    returns *= chance.choice([-1.0, 1.0], len(returns))
    closes = np.exp(logs[0] + np.concatenate(([0.0], np.cumsum(returns))))
    starts = [bars.starts[0] + number * bars.length for number in range(len(closes))]
    return Bars(bars.length, starts, closes.tolist())


def placebo_skill(model: str, make: Callable[[], Forecaster], bars: Bars, *, times: int, progress: Progress) -> Skill:
    """The skill over `times` placebos (seeds from 1), each walked by a fresh model, taken together."""
    outcomes: list[Outcome] = []
    for seed in range(1, times + 1):
        outcomes += walk(model, make(), placebo(bars, seed), progress).outcomes
    return skill_of(outcomes)


def _ratio_error(errors: Floats, naive: Floats) -> float | None:
    """Standard error of the MAE ratio by the delete-one-block jackknife (Künsch 1989): neighbouring bars are alike."""
    blocks = len(errors) // BLOCK
    if blocks < 2:
        return None
    size = blocks * BLOCK
    of_model = errors[:size].reshape(blocks, BLOCK).sum(axis=1)
    of_naive = naive[:size].reshape(blocks, BLOCK).sum(axis=1)
    rest = of_naive.sum() - of_naive
    if not np.all(rest > 0):
        return None
    ratios = (of_model.sum() - of_model) / rest
    return float(np.sqrt((blocks - 1) / blocks * np.sum((ratios - ratios.mean()) ** 2)))


def _worst(inside: Floats) -> float | None:
    rolled = rolling_mean(inside)
    return float(rolled.min()) if len(rolled) else None
