"""Forecasts, never without an interval, and how they turned out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event
from domain.values import Pair, positive, rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastIssued(Event):
    """What a model expects a pair's price to be at `target_at`, made at `occurred_at`.

    The price should lie within `lower`..`upper` with probability `level` (0..1). Every model's forecast is issued, so that
    all are scored; `served` is the one shown, and `served_because` says in words why it is, or is not. Raises
    InvalidValue for an interval that does not enclose the price or has no width.
    """

    name: ClassVar[str] = "forecast-issued"

    pair: Pair
    horizon_s: int
    target_at: datetime
    price: Decimal
    lower: Decimal
    upper: Decimal
    level: Decimal
    model: str
    served_because: str
    served: bool = True

    def __post_init__(self) -> None:
        for field in ("price", "lower", "upper"):
            positive(getattr(self, field), field)
        if not self.lower <= self.price <= self.upper or self.lower == self.upper:
            raise InvalidValue(
                "lower", f"the interval {self.lower}..{self.upper} must enclose {self.price} and have a width"
            )
        if not 0 < self.level < 1:
            raise InvalidValue("level", f"level is {self.level}: expected a probability between 0 and 1")
        if self.horizon_s < 1:
            raise InvalidValue("horizon_s", f"horizon_s is {self.horizon_s}: expected 1 or more seconds")

    @property
    def event_id(self) -> str:
        """One forecast for a pair, a horizon, a model and a target."""
        return f"forecast:{self.pair}:{self.horizon_s}:{self.model}:{rfc3339(self.target_at)}"

    @property
    def key(self) -> str:
        """In order within a pair."""
        return self.pair


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScored(Event):
    """How a forecast turned out: `actual` is the price at its target, `naive` the price when it was issued."""

    name: ClassVar[str] = "forecast-scored"

    forecast_event_id: str
    pair: Pair
    horizon_s: int
    model: str
    actual: Decimal
    naive: Decimal
    inside: bool

    def __post_init__(self) -> None:
        positive(self.actual, "actual")
        positive(self.naive, "naive")

    @property
    def event_id(self) -> str:
        """A forecast is scored once."""
        return f"scored:{self.forecast_event_id}"

    @property
    def key(self) -> str:
        """In order within a pair."""
        return self.pair
