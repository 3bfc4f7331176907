"""A backtest's figures as people read them; used by the terminal and the report alike."""

from collections.abc import Iterator
from datetime import timedelta

from application.analytics.backtest.backtests import Report
from application.analytics.backtest.figures import Figures

_ROWS = (
    ("Return", "return_pct", "%"),
    ("CAGR", "cagr_pct", "%"),
    ("Volatility by year", "volatility_pct", "%"),
    ("Sharpe", "sharpe", ""),
    ("Sortino", "sortino", ""),
    ("Calmar", "calmar", ""),
    ("Deepest drawdown", "max_drawdown_pct", "%"),
    ("Longest drawdown", "max_drawdown_s", "s"),
    ("In the market", "exposure_pct", "%"),
    ("Closed trades", "trades", "n"),
    ("Won", "win_rate_pct", "%"),
    ("Profit factor", "profit_factor", ""),
    ("Expectancy by trade", "expectancy_pct", "%"),
    ("Best trade", "best_trade_pct", "%"),
    ("Worst trade", "worst_trade_pct", "%"),
)


def title_of(report: Report) -> str:
    """Strategy, parameters, series and costs in a line."""
    order = report.order
    chosen = [f"{one.name} {getattr(report.strategy, one.name):g}" for one in report.strategy.parameters]
    parameters = f" ({', '.join(chosen)})" if chosen else ""
    costs = f"fee {order.fee_pct:g} %, slippage {order.slippage_bp:g} bp at each fill"
    return f"{order.strategy}{parameters} on {order.pair} {order.interval.value}, {costs}"


def span_of(report: Report) -> str:
    """How many candles, from when to when."""
    history = report.history
    end = history.time(len(history) - 1) + history.span
    return f"{len(history):,} candles from {history.time(0):%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def rows_of(report: Report) -> Iterator[tuple[str, str, str]]:
    """Each figure's name, its value, and that of buying and holding."""
    for words, name, unit in _ROWS:
        yield words, _cell(report.figures, name, unit), _cell(report.benchmark, name, unit)


def fees_of(report: Report) -> str:
    """What would be left with other fees, in a sentence."""
    left = ", ".join(f"{_percent(kept)} at {fee:g} %" for fee, kept in report.fee_sensitivity)
    return f"Return by fee: {left}."


def notes_of(report: Report) -> Iterator[str]:
    """What one should know when one reads the figures; why those that are missing are."""
    yield from report.notes
    reasons: dict[str, list[str]] = {}
    for words, name, _ in _ROWS:
        if name in report.figures.why_none:
            reasons.setdefault(report.figures.why_none[name], []).append(words)
    for reason, names in reasons.items():
        yield f"{', '.join(names)}: {reason}."


def _cell(figures: Figures, name: str, unit: str) -> str:
    value = getattr(figures, name)
    if value is None:
        return "–"
    if unit == "%":
        return _percent(value)
    if unit == "s":
        return str(timedelta(seconds=value)).removesuffix(", 0:00:00") if value else "none"
    return f"{value:,}" if unit == "n" else f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{value:,.2f} %"
