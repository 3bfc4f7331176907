"""Backtests: the strategies there are, and how one would have done."""

from decimal import Decimal

import msgspec
from litestar import Controller
from litestar.params import JSONBody

from application.analytics.backtest.backtests import Order
from domain.errors import InvalidValue
from domain.market.candle import Interval
from entrypoints.api.access.needs import Need
from entrypoints.api.params import (
    Limit,
    PageCursor,
    Session,
    in_order,
    page_of,
    read_interval,
    read_pair,
    read_text,
    read_time,
)
from entrypoints.api.routes import command, read
from entrypoints.api.rows.backtests import BacktestReport, StrategyPage, report_row, strategy_row

_DEFAULT_FEE_PCT = Decimal("0.4")
_DEFAULT_SLIPPAGE_BP = Decimal(5)


class BacktestBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to run: `strategy` and its `parameters` as `GET backtests/` lists them; those left out are at their defaults.

    `fee_pct` is in percent of what is traded, `slippage_bp` how many basis points worse than the open, both at each fill.
    `start` inclusive, `end` exclusive, RFC 3339; without them, all candles there are.
    """

    strategy: str
    pair: str
    interval: str = Interval.H1.value
    parameters: dict[str, float] = {}
    fee_pct: Decimal = _DEFAULT_FEE_PCT
    slippage_bp: Decimal = _DEFAULT_SLIPPAGE_BP
    start: str | None = None
    end: str | None = None


class BacktestController(Controller):
    """Backtests change nothing; they are commands, as they take the machine's time."""

    path = "/backtests"
    tags = ["analytics"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="The strategies that can be tested")
    def strategies(self, services: Session, limit: Limit = 100, cursor: PageCursor = None) -> StrategyPage:
        """Each with its parameters and their bounds."""
        page = page_of(list(services.backtests.offers.values()), limit, read_text(cursor, "cursor"))
        return StrategyPage([strategy_row(offer) for offer in page.items], page.next_cursor)

    @command(summary="Test a strategy on stored candles", opt={"needs": Need.READING})
    def run(self, services: Session, data: JSONBody[BacktestBody]) -> BacktestReport:
        """A decision on the close of a bar is filled at the next one's open, with all there is, long or not at all.

        Refused (422) where the strategy's earlier decisions would change with what comes later.
        """
        start, end = read_time(data.start, "start"), read_time(data.end, "end")
        in_order(start, end)
        order = Order(
            strategy=data.strategy,
            pair=read_pair(services, data.pair),
            interval=read_interval(data.interval),
            parameters=data.parameters,
            fee_pct=_number(data.fee_pct, "fee_pct"),
            slippage_bp=_number(data.slippage_bp, "slippage_bp"),
            start=start,
            end=end,
        )
        return report_row(services.backtests.run(order))


def _number(value: Decimal, field: str) -> float:
    if not value.is_finite():
        raise InvalidValue(field, f"{field} is {value}: expected a number")
    return float(value)
