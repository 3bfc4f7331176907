"""The tables whose rows age, by which of their times, and how the oldest are found by an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, select

from adapters.sql.statements import each_value
from adapters.sql.tables import (
    alert_data,
    article_data,
    article_tag,
    candle_data,
    delivery,
    forecast_score,
    prediction_data,
    replaced_candle,
    sentiment_data,
    ticker_data,
    trade_data,
)
from domain.alerting.delivery import DeliveryState


@dataclass(frozen=True)
class Aging:
    """A table by the time that its rows age by. `by` are the columns before that time in its index.

    Rows of which `over` does not hold stay however old they are. Rows that hang on those of another table stay as long as the oldest of these.
    """

    at: Column[Any]
    by: tuple[Column[Any], ...] = ()
    hangs_on: Column[Any] | None = None
    over: ColumnElement[bool] | None = None

    @property
    def table(self) -> Table:
        """The table itself."""
        table: Table = self.at.table
        return table


AGING = {
    aging.table.name: aging
    for aging in (
        Aging(ticker_data.c.timestamp, (ticker_data.c.pair,)),
        Aging(trade_data.c.timestamp, (trade_data.c.pair,)),
        Aging(candle_data.c.start, (candle_data.c.pair, candle_data.c.interval)),
        Aging(replaced_candle.c.start, (replaced_candle.c.pair, replaced_candle.c.interval)),
        Aging(article_data.c.occurred_at),
        Aging(sentiment_data.c.timestamp),
        Aging(prediction_data.c.target_at, (prediction_data.c.pair,)),
        Aging(alert_data.c.timestamp),
        Aging(delivery.c.created_at, over=delivery.c.state != DeliveryState.PENDING),
        Aging(article_tag.c.occurred_at, hangs_on=article_data.c.occurred_at),
        Aging(forecast_score.c.timestamp, hangs_on=prediction_data.c.target_at),
    )
}


def each_series(
    connection: Connection, by: tuple[Column[Any], ...], *known: ColumnElement[bool]
) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions on each combination of values of `by` that the table has."""
    if not by:
        yield known
        return
    for value in connection.scalars(select(each_value(by[0], *known))).all():
        yield from each_series(connection, by[1:], *known, by[0] == value)
