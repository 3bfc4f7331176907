"""Rows of forecasts, and of how good they have been."""

import msgspec

from application.ports.forecast_reads import KnownForecast, TrackRecordRead
from domain.analytics.skill import skill_of
from domain.values import Origin, plain, rfc3339

_PLACES = 6
_BASIS_POINT_PLACES = 4


class PredictionRow(msgspec.Struct, frozen=True, kw_only=True):
    """The price expected at `target_at`; it should lie within `lower`..`upper` with probability `level`.

    `served_because` says why this model's forecast is the one shown, or is not. Once the time has come, `actual` is the
    price that it was, `inside` whether the interval held; null before.
    """

    pair: str
    horizon_s: int
    issued_at: str
    target_at: str
    price: str
    lower: str
    upper: str
    level: str
    model: str
    served: bool
    served_because: str
    actual: str | None
    inside: bool | None
    event_id: str
    origin: Origin
    recorded_at: str


class MissingPrediction(msgspec.Struct, frozen=True):
    """A series for which there is no forecast now, and why."""

    pair: str
    horizon_s: int
    reason: str


class PredictionPage(msgspec.Struct, frozen=True):
    """Forecasts, newest first, and the series that have none now (not told for an earlier time, `as_of`)."""

    items: list[PredictionRow]
    next_cursor: str | None
    missing: list[MissingPrediction]


class SkillRow(msgspec.Struct, frozen=True, kw_only=True):
    """A model's figures over its last `n` scored forecasts of one series; null where one is not defined.

    `mae_ratio`: mean absolute error over that of "no change", below 1 is better. `direction`: share of moves whose
    direction was right, with its 95 % Wilson interval. `coverage`: share of prices within their intervals. `winkler`:
    mean interval score in basis points of the price, lower is better.
    """

    pair: str
    horizon_s: int
    model: str
    n: int
    mae_ratio: float | None
    direction: float | None
    direction_low: float | None
    direction_high: float | None
    coverage: float | None
    winkler: float | None
    origin: Origin
    recorded_at: str


class SkillPage(msgspec.Struct, frozen=True):
    """Skills by pair, horizon and model."""

    items: list[SkillRow]
    next_cursor: str | None


def prediction_row(known: KnownForecast) -> PredictionRow:
    """A forecast as a row."""
    issued, scored = known.issued, known.scored
    return PredictionRow(
        pair=str(issued.pair),
        horizon_s=issued.horizon_s,
        issued_at=rfc3339(issued.occurred_at),
        target_at=rfc3339(issued.target_at),
        price=plain(issued.price),
        lower=plain(issued.lower),
        upper=plain(issued.upper),
        level=plain(issued.level),
        model=issued.model,
        served=issued.served,
        served_because=issued.served_because,
        actual=plain(scored.actual) if scored else None,
        inside=scored.inside if scored else None,
        event_id=issued.event_id,
        origin=issued.origin,
        recorded_at=rfc3339(issued.recorded_at),
    )


def skill_row(record: TrackRecordRead) -> SkillRow:
    """A track record as a row."""
    skill = skill_of(record.outcomes)
    return SkillRow(
        pair=str(record.pair),
        horizon_s=record.horizon_s,
        model=record.model,
        n=skill.n,
        mae_ratio=_rounded(skill.mae_ratio, _PLACES),
        direction=_rounded(skill.direction, _PLACES),
        direction_low=_rounded(skill.direction_low, _PLACES),
        direction_high=_rounded(skill.direction_high, _PLACES),
        coverage=_rounded(skill.coverage, _PLACES),
        winkler=_rounded(skill.winkler, _BASIS_POINT_PLACES),
        origin=record.origin,
        recorded_at=rfc3339(record.recorded_at),
    )


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
