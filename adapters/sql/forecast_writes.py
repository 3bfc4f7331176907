"""Writing forecasts, and how they turned out."""

from collections.abc import Sequence

from adapters.sql.statements import insert_new
from adapters.sql.tables import forecast_score, prediction_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.analytics.forecast import ForecastIssued, ForecastScored

_FORECAST_FIELDS = (
    "event_id", "pair", "horizon_s", "target_at", "price", "lower", "upper", "level", "model", "served_because",
    "served", "recorded_at", "origin",
)  # fmt: skip
_SCORE_FIELDS = (
    "forecast_event_id", "pair", "horizon_s", "model", "actual", "naive", "inside", "recorded_at", "origin",
)  # fmt: skip


class ForecastWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_forecasts(self, forecasts: Sequence[ForecastIssued | ForecastScored]) -> None:
        """Add forecasts, and how they turned out; the first of each event id stays."""
        issued = [
            {"issued_at": event.occurred_at, **{field: getattr(event, field) for field in _FORECAST_FIELDS}}
            for event in forecasts
            if isinstance(event, ForecastIssued)
        ]
        scored = [
            {"timestamp": event.occurred_at, **{field: getattr(event, field) for field in _SCORE_FIELDS}}
            for event in forecasts
            if isinstance(event, ForecastScored)
        ]
        insert_new(self.connection, prediction_data, issued)
        insert_new(self.connection, forecast_score, scored)
