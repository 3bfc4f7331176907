"""Statistics: returns, volatility, spread and volume of pairs, and how they go together."""

from datetime import datetime

from litestar import Controller

from application.analytics.market_statistics import Span
from domain.market.candle import Interval
from entrypoints.api.market import IntervalQuery
from entrypoints.api.params import (
    AsOf,
    End,
    Limit,
    PageCursor,
    PairQuery,
    Session,
    Start,
    in_order,
    page_of,
    read_interval,
    read_optional_pair,
    read_text,
    read_time,
)
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.statistics import CorrelationPage, StatisticsPage, correlation_row, statistics_row


class StatisticsController(Controller):
    """Statistics over closed candles, 50,000 at most."""

    path = "/statistics"
    tags = ["analytics"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read(summary="Returns, volatility, spread and volume by hour")
    def statistics(
        self,
        services: Session,
        pair: PairQuery = None,
        interval: IntervalQuery = Interval.M5.value,
        start: Start = None,
        end: End = None,
        as_of: AsOf = None,
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> StatisticsPage:
        """Of one pair or of each, over the bars that lie within `start`..`end` whole; without them, the last 24 hours."""
        found = services.statistics.of_pairs(
            read_interval(interval), _span(start, end, as_of), pair=read_optional_pair(services, pair)
        )
        page = page_of(found, limit, read_text(cursor, "cursor"))
        return StatisticsPage([statistics_row(one, services.origin) for one in page.items], page.next_cursor)

    @cached_read("/correlations", summary="How the returns of pairs go together")
    def correlations(
        self,
        services: Session,
        interval: IntervalQuery = Interval.M5.value,
        start: Start = None,
        end: End = None,
        as_of: AsOf = None,
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> CorrelationPage:
        """Of each two configured pairs, over the bars that both have; without `start` and `end`, the last 24 hours."""
        found = services.statistics.correlations(read_interval(interval), _span(start, end, as_of))
        page = page_of(found, limit, read_text(cursor, "cursor"))
        return CorrelationPage([correlation_row(one, services.origin) for one in page.items], page.next_cursor)


def _span(start: str | None, end: str | None, as_of: str | None) -> Span:
    first: datetime | None = read_time(start, "start")
    last = read_time(end, "end")
    in_order(first, last)
    return Span(start=first, end=last, as_of=read_time(as_of, "as_of"))
