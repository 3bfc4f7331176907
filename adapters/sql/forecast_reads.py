"""What queries read of forecasts, and of how they turned out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Double, Engine, and_, cast, select, true

from adapters.sql.checkpoints import Places
from adapters.sql.engine import reading
from adapters.sql.forecast_rows import to_forecast, to_forecast_score
from adapters.sql.listing import Listing, known_by
from adapters.sql.statements import chunks, each_value
from adapters.sql.tables import forecast_score, prediction_data
from application.ports.forecast_reads import FORECASTING, KnownForecast, TrackRecordRead
from application.ports.page import Page, Window
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.skill import Outcome
from domain.values import Origin, Pair

_NEWEST_FIRST = Listing("predictions", prediction_data, prediction_data.c.issued_at, (prediction_data.c.event_id,))
_LATEST = 20  # scores, among which are all models that are in use


class SqlForecastReads:
    """See application.ports.forecast_reads.ForecastReads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def forecasts(
        self, window: Window, *, pair: Pair | None = None, horizon_s: int | None = None, model: str | None = None
    ) -> Page[KnownForecast]:
        """By the time at which they were issued, newest first: those served, or with `model` all of that model."""
        table = prediction_data.c
        query = select(prediction_data).where(table.served == true() if model is None else table.model == model)
        if pair is not None:
            query = query.where(table.pair == pair)
        if horizon_s is not None:
            query = query.where(table.horizon_s == horizon_s)
        with reading(self._engine) as connection:
            page = _NEWEST_FIRST.page(connection, query, window, to_forecast)
            scores = _scores(connection, page.items, window.as_of)
        items = [KnownForecast(issued, scores.get(issued.event_id)) for issued in page.items]
        return Page(items, page.next_cursor)

    def track_records(
        self, *, pair: Pair | None = None, horizon_s: int | None = None, last: int, as_of: datetime | None = None
    ) -> list[TrackRecordRead]:
        """The `last` scored forecasts of each pair, horizon and model, in that order."""
        found: list[TrackRecordRead] = []
        with reading(self._engine) as connection:
            pairs = [pair] if pair is not None else connection.scalars(select(each_value(forecast_score.c.pair))).all()
            for one in pairs:
                of_pair = forecast_score.c.pair == one
                horizons = connection.scalars(select(each_value(forecast_score.c.horizon_s, of_pair))).all()
                for horizon in horizons:
                    if horizon_s in (None, horizon):
                        found += _records_of(connection, Pair(one), horizon, last, as_of)
        return found

    def forecasting_states(self) -> Mapping[Pair, str]:
        """What the forecasting has noted of each pair."""
        with reading(self._engine) as connection:
            noted = Places(connection).checkpoints(FORECASTING)
        return {Pair(reader.removeprefix(FORECASTING)): checkpoint.state for reader, checkpoint in noted.items()}


def _scores(
    connection: Connection, forecasts: list[ForecastIssued], as_of: datetime | None
) -> dict[str, ForecastScored]:
    known: list[ColumnElement[bool]] = known_by(forecast_score, forecast_score.c.timestamp, as_of)
    found: dict[str, ForecastScored] = {}
    for chunk in chunks([forecast.event_id for forecast in forecasts]):
        query = select(forecast_score).where(forecast_score.c.forecast_event_id.in_(chunk), *known)
        found |= {row.forecast_event_id: to_forecast_score(row) for row in connection.execute(query)}
    return found


def _records_of(
    connection: Connection, pair: Pair, horizon_s: int, last: int, as_of: datetime | None
) -> list[TrackRecordRead]:
    score, issued = forecast_score.c, prediction_data.c
    of_series = (score.pair == pair, score.horizon_s == horizon_s, *known_by(forecast_score, score.timestamp, as_of))
    latest = select(score.model).where(*of_series).order_by(score.timestamp.desc()).limit(_LATEST)
    prices = (issued.price, issued.lower, issued.upper, score.actual, score.naive, issued.level)
    columns = (*(cast(price, Double) for price in prices), score.recorded_at, score.origin)
    same = and_(issued.event_id == score.forecast_event_id, issued.target_at == score.timestamp)
    query = select(*columns).select_from(forecast_score.join(prediction_data, same)).where(*of_series)
    records: list[TrackRecordRead] = []
    for model in sorted(set(connection.scalars(latest))):
        rows = connection.execute(query.where(score.model == model).order_by(score.timestamp.desc()).limit(last)).all()
        if rows:
            outcomes = [Outcome(*row[: len(prices)]) for row in rows]
            records.append(
                TrackRecordRead(pair, horizon_s, model, outcomes, rows[0].recorded_at, Origin(rows[0].origin))
            )
    return records
