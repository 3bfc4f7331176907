"""Rows of strategies, and reports of backtests."""

from decimal import Decimal

import msgspec

from application.analytics.backtest.backtests import Report
from application.analytics.backtest.curve import curve_of
from application.analytics.backtest.figures import Figures
from application.analytics.backtest.strategy import Offer, Parameter
from domain.values import Origin, plain, rfc3339

MOST_TRADES = 1000
_PLACES = 6


class ParameterCell(msgspec.Struct, frozen=True, kw_only=True):
    """A number that may be chosen from `least` to `most`; `whole` ones have no fraction."""

    name: str
    meaning: str
    default: float
    least: float
    most: float
    whole: bool


class StrategyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy, and over how many candles it is run at most."""

    name: str
    meaning: str
    parameters: list[ParameterCell]
    most_bars: int


class StrategyPage(msgspec.Struct, frozen=True):
    """All strategies."""

    items: list[StrategyRow]
    next_cursor: str | None


class FiguresCell(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was worth, after all costs; `why_none` says for each figure that is null why.

    Percentages are of equity, drawdowns positive; what is by year goes by 365 days; the riskless rate is taken to be 0.
    `trades` counts the closed ones, of which are also win rate, profit factor (gains by losses, each in percent),
    expectancy (their mean return), the best and the worst. `max_drawdown_s`: longest time from a peak of the equity
    until it was there again.
    """

    return_pct: float
    cagr_pct: float | None
    volatility_pct: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown_pct: float
    max_drawdown_s: int
    exposure_pct: float
    trades: int
    win_rate_pct: float | None
    profit_factor: float | None
    expectancy_pct: float | None
    best_trade_pct: float | None
    worst_trade_pct: float | None
    why_none: dict[str, str]


class FeeCell(msgspec.Struct, frozen=True):
    """What return the same trades would have left with another fee at each fill."""

    fee_pct: float
    return_pct: float


class CurveCell(msgspec.Struct, frozen=True):
    """At a bar's close: equity and that of buy-and-hold, both beginning at 1; the deepest drawdown since the point before."""

    timestamp: str
    equity: float
    benchmark: float
    drawdown_pct: float


class TradeCell(msgspec.Struct, frozen=True, kw_only=True):
    """A trade: filled at the open of the bars that start then, at these prices (slippage included, fees not).

    `return_pct` is after all costs. The last one may be open still: no exit, no return.
    """

    entered_at: str
    exited_at: str | None
    entry_price: str
    exit_price: str | None
    return_pct: float | None


class BacktestReport(msgspec.Struct, frozen=True, kw_only=True):
    """How it went, beside buying and holding at the same costs (`benchmark`).

    From `start` to `end`, the first bar's start and the last one's end. `curve` has at most 1000 points, `trades` are the
    last 1000. `notes` are sentences that one should know when one reads the figures.
    """

    strategy: str
    pair: str
    interval: str
    parameters: dict[str, float]
    fee_pct: float
    slippage_bp: float
    start: str
    end: str
    bars: int
    missing_bars: int
    figures: FiguresCell
    benchmark: FiguresCell
    fee_sensitivity: list[FeeCell]
    curve: list[CurveCell]
    trades: list[TradeCell]
    notes: list[str]
    origin: Origin
    recorded_at: str


def strategy_row(offer: Offer) -> StrategyRow:
    """A strategy as a row."""
    one = offer.strategy
    return StrategyRow(
        name=one.name, meaning=one.meaning, parameters=[_parameter(p) for p in one.parameters], most_bars=one.most_bars
    )


def report_row(report: Report) -> BacktestReport:
    """A report as it is served."""
    order, history = report.order, report.history
    return BacktestReport(
        strategy=order.strategy,
        pair=str(order.pair),
        interval=order.interval.value,
        parameters={one.name: getattr(report.strategy, one.name) for one in report.strategy.parameters},
        fee_pct=order.fee_pct,
        slippage_bp=order.slippage_bp,
        start=rfc3339(history.time(0)),
        end=rfc3339(history.time(len(history) - 1) + history.span),
        bars=len(history),
        missing_bars=history.missing,
        figures=_figures(report.figures),
        benchmark=_figures(report.benchmark),
        fee_sensitivity=[FeeCell(fee, _rounded(left)) for fee, left in report.fee_sensitivity],
        curve=[
            CurveCell(
                rfc3339(point.at),
                _significant(point.equity),
                _significant(point.benchmark),
                _rounded(point.drawdown_pct),
            )
            for point in curve_of(report)
        ],
        trades=_trades(report),
        notes=list(report.notes),
        origin=report.origin,
        recorded_at=rfc3339(report.recorded_at),
    )


def _parameter(one: Parameter) -> ParameterCell:
    return ParameterCell(
        name=one.name, meaning=one.meaning, default=one.default, least=one.least, most=one.most, whole=one.whole
    )


def _figures(figures: Figures) -> FiguresCell:
    values = {name: getattr(figures, name) for name in FiguresCell.__struct_fields__}
    rounded = {name: _rounded(value) if isinstance(value, float) else value for name, value in values.items()}
    return msgspec.convert(rounded, FiguresCell)


def _trades(report: Report) -> list[TradeCell]:
    run, history = report.run, report.history
    return [
        TradeCell(
            entered_at=rfc3339(history.time(run.entries[number])),
            exited_at=rfc3339(history.time(run.exits[number])) if number < len(run.exits) else None,
            entry_price=_price(run.entry_prices[number]),
            exit_price=_price(run.exit_prices[number]) if number < len(run.exits) else None,
            return_pct=_rounded(float(run.returns[number]) * 100) if number < len(run.exits) else None,
        )
        for number in range(max(0, len(run.entries) - MOST_TRADES), len(run.entries))
    ]


def _price(value: float) -> str:
    return plain(Decimal(f"{value:.12g}"))


def _rounded(value: float) -> float:
    return round(value, _PLACES)


def _significant(value: float) -> float:
    """Equity may be tiny and still not nothing."""
    return float(f"{value:.8g}")
