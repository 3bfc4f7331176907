"""Detecting that the price left the interval of the forecast that was shown."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.event import Event
from domain.values import parse_time, percent_change, rfc3339

_FORGOTTEN_AFTER = timedelta(days=1)  # past its target: in a hole of the history no price ever scores it


class ForecastBrokenDetector:
    """Sees a served forecast of the horizon `window` turn out beyond its interval, by more than a threshold.

    It looks at the price at the target, as the score does: for that moment the interval speaks, not for the way there.
    The threshold is in percent of the forecast price, counted from the interval's end; each forecast is one alert.
    """

    def __init__(self, threshold_pct: Decimal, window: timedelta) -> None:
        self._threshold = threshold_pct
        self._horizon_s = int(window.total_seconds())
        self._issued: dict[str, tuple[datetime, Decimal, Decimal, Decimal]] = {}  # target, price, lower, upper

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a forecast, or of its score."""
        if isinstance(event, ForecastIssued):
            if event.served and event.horizon_s == self._horizon_s:
                self._forget_before(event.occurred_at - _FORGOTTEN_AFTER)
                self._issued[event.event_id] = (event.target_at, event.price, event.lower, event.upper)
            return None
        if not isinstance(event, ForecastScored):
            return None
        issued = self._issued.pop(event.forecast_event_id, None)
        if issued is None or event.inside or not timely:
            return None
        _, expected, lower, upper = issued
        bound = lower if event.actual < lower else upper
        if abs(event.actual - bound) * 100 <= self._threshold * expected:
            return None
        return Sighting(
            trigger=event.event_id, pct_change=percent_change(expected, event.actual), price=event.actual,
            reference_price=expected, observed=event.actual, usual=bound,
            occurred_at=event.occurred_at, recorded_at=event.recorded_at, origin=event.origin,
        )  # fmt: skip

    def again(self) -> None:
        """Each forecast is seen once: nothing goes on."""

    def memory(self) -> Any:
        """The forecasts that wait for their score."""
        return {
            event_id: [rfc3339(target_at), *map(str, prices)] for event_id, (target_at, *prices) in self._issued.items()
        }

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._issued = {
            event_id: (parse_time(target_at), Decimal(price), Decimal(lower), Decimal(upper))
            for event_id, (target_at, price, lower, upper) in memory.items()
        }

    def _forget_before(self, target_at: datetime) -> None:
        self._issued = {key: issued for key, issued in self._issued.items() if issued[0] >= target_at}
