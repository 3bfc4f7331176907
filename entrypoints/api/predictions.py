"""Forecasts: those issued, those that could not be, and how good they have been."""

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from application.analytics.forecasting import HORIZONS, why_missing
from domain.errors import InvalidValue
from domain.values import Origin, Pair
from entrypoints.api.params import (
    AsOf,
    Limit,
    PageCursor,
    PairQuery,
    Session,
    WindowOf,
    page_of,
    read_optional_pair,
    read_text,
    read_time,
)
from entrypoints.api.routes import cached_read
from entrypoints.api.rows.predictions import (
    MissingPrediction,
    PredictionPage,
    SkillPage,
    prediction_row,
    skill_row,
)
from entrypoints.api.services import Services

_HORIZONS = [interval.seconds for interval in HORIZONS]
_SKILL_OVER = 500  # scored forecasts of each model and series

HorizonQuery = Annotated[int | None, QueryParameter(description="Seconds ahead", schema_extra={"enum": _HORIZONS})]
ModelQuery = Annotated[
    str | None, QueryParameter(description="All forecasts of this model; without it, those that are served")
]


class PredictionController(Controller):
    """Forecasts, never without an interval."""

    path = "/predictions"
    tags = ["analytics"]  # noqa: RUF012 - Litestar reads it as it stands

    @cached_read(summary="Forecasts, and why there are none")
    def predictions(
        self,
        services: Session,
        window: WindowOf,
        pair: PairQuery = None,
        horizon_s: HorizonQuery = None,
        model: ModelQuery = None,
    ) -> PredictionPage:
        """Newest first by the time of issue, which `start` and `end` mean too."""
        wanted = read_optional_pair(services, pair)
        horizon = _read_horizon(horizon_s)
        page = services.forecasts.forecasts(window, pair=wanted, horizon_s=horizon, model=read_text(model, "model"))
        missing = [] if window.as_of else _missing(services, wanted, horizon)
        return PredictionPage([prediction_row(known) for known in page.items], page.next_cursor, missing)

    @cached_read("/skill", summary="How good the forecasts have been")
    def skill(
        self,
        services: Session,
        pair: PairQuery = None,
        horizon_s: HorizonQuery = None,
        as_of: AsOf = None,
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> SkillPage:
        """Over the last 500 scored forecasts of each model, by pair and horizon: a series without any is not listed."""
        records = services.forecasts.track_records(
            pair=read_optional_pair(services, pair),
            horizon_s=_read_horizon(horizon_s),
            last=_SKILL_OVER,
            as_of=read_time(as_of, "as_of"),
        )
        page = page_of(records, limit, read_text(cursor, "cursor"))
        return SkillPage([skill_row(record) for record in page.items], page.next_cursor)


def _read_horizon(horizon_s: int | None) -> int | None:
    if horizon_s is not None and horizon_s not in _HORIZONS:
        raise InvalidValue(
            "horizon_s",
            f"horizon_s {horizon_s} is not forecast: expected {_HORIZONS[0]}, {_HORIZONS[1]} or {_HORIZONS[2]}",
        )
    return horizon_s


def _missing(services: Services, pair: Pair | None, horizon_s: int | None) -> list[MissingPrediction]:
    now = None if services.origin is Origin.RECORDING else services.clock.now()
    pairs = services.pairs if pair is None else [pair]
    found = why_missing(services.forecasts.forecasting_states(), pairs, now)
    return [
        MissingPrediction(str(one), seconds, reason) for one, seconds, reason in found if horizon_s in (None, seconds)
    ]
