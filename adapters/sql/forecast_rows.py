"""Rows of prediction_data and forecast_score -> the domain's forecasts."""

from typing import Any

from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.values import Origin, Pair

Row = Any  # sqlalchemy's Row: its attributes are the query's columns

_ISSUED_FIELDS = (
    "horizon_s", "target_at", "price", "lower", "upper", "level", "model", "served", "served_because", "recorded_at",
)  # fmt: skip
_SCORED_FIELDS = ("forecast_event_id", "horizon_s", "model", "actual", "naive", "inside", "recorded_at")


def to_forecast(row: Row) -> ForecastIssued:
    """The forecast in a row."""
    return ForecastIssued(
        pair=Pair(row.pair),
        occurred_at=row.issued_at,
        origin=Origin(row.origin),
        **{field: getattr(row, field) for field in _ISSUED_FIELDS},
    )


def to_forecast_score(row: Row) -> ForecastScored:
    """How a forecast turned out."""
    return ForecastScored(
        pair=Pair(row.pair),
        occurred_at=row.timestamp,
        origin=Origin(row.origin),
        **{field: getattr(row, field) for field in _SCORED_FIELDS},
    )
