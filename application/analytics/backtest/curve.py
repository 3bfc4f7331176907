"""The equity curve in as many points as a screen can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from application.analytics.backtest.backtests import Report
from application.analytics.backtest.figures import drawdowns_of

MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Point:
    """At the close of a bar: equity and that of buy-and-hold, both beginning at 1. `drawdown_pct` is the deepest since
    the point before, in percent of the highest equity by then.
    """

    at: datetime
    equity: float
    benchmark: float
    drawdown_pct: float


def curve_of(report: Report) -> Sequence[Point]:
    """At most 1000 points, evenly spread; the last one is the last bar's."""
    ends, bars = report.history.ends, len(report.history)
    step = -(-bars // MOST_POINTS)
    last = np.arange(bars - 1, -1, -step)[::-1]
    since = np.concatenate(([0], last[:-1] + 1))
    deepest = np.maximum.reduceat(drawdowns_of(report.run.equity), since) * 100
    return [
        Point(datetime.fromtimestamp(int(ends[bar]), UTC), float(equity), float(held), float(drawdown))
        for bar, equity, held, drawdown in zip(
            last, report.run.equity[last], report.benchmark_run.equity[last], deepest, strict=True
        )
    ]
