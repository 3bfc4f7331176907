"""Equity and drawdown of a backtest, drawn."""

import io
from pathlib import Path
from typing import Any

from application.analytics.backtest.backtests import Report
from application.analytics.backtest.curve import curve_of


def write_plot(file: Path, report: Report) -> None:
    """As .png or .svg, by the file's name. Needs matplotlib; raises OSError."""
    _figure(report).savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def svg_of(report: Report) -> str:
    """The drawing as an <svg> element."""
    text = io.StringIO()
    _figure(report).savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _figure(report: Report) -> Any:
    from matplotlib.figure import Figure

    order, points = report.order, curve_of(report)
    times = [point.at for point in points]
    figure = Figure(figsize=(10, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.set_title(f"{order.strategy} on {order.pair} {order.interval.value}", loc="left", fontsize=10)
    above.plot(times, [point.equity for point in points], label=order.strategy, linewidth=1)
    above.plot(times, [point.benchmark for point in points], label="buy and hold", linewidth=0.8, color="gray")
    above.set_yscale("log")
    above.yaxis.set_major_formatter("{x:g}")
    above.set_ylabel("equity, 1 at the start (logarithmic)")
    above.legend(fontsize=8)
    below.fill_between(times, [-point.drawdown_pct for point in points], step="post", alpha=0.5, color="tab:red")
    below.set_ylabel("drawdown, %")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    return figure
