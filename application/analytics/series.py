"""One pair's forecasts of one horizon: each closed bar scores the forecasts made for it, is learned, and gives the next.

The horizon is one bar, so forecasts do not overlap. How holes between bars are taken is told in `bars.py`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from application.analytics.bars import SHORT_HOLE, missing_between, pass_hole
from application.analytics.prices import Bracket, bracket
from application.analytics.serving import TrackRecord
from application.ports.forecaster import LEVEL, Forecasters, NoOutlook, Outlook
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.event import Event
from domain.market.candle import Candle, Interval
from domain.values import Pair, parse_time, rfc3339


@dataclass(frozen=True, slots=True)
class _Pending:
    """A forecast that waits for its price; times and prices as text, for JSON."""

    forecast_event_id: str
    target_at: str
    lower: str
    upper: str
    naive: str


class ForecastSeries:
    """What all models have learned of one series, and which forecasts are still to be scored."""

    def __init__(self, pair: Pair, interval: Interval, models: Forecasters) -> None:
        self.pair = pair
        self.interval = interval
        self.since: datetime | None = None  # start of the first bar learned
        self.last: datetime | None = None  # start of the last one
        self.bars = 0
        self.unscored = 0  # forecasts whose price will never be known: their bar lies in a long hole
        self.missing: str | None = "no bar has closed yet"  # why there is no forecast
        self._price = Decimal(0)
        self._forecasters = {name: make() for name, make in models.items()}
        self._outlooks: dict[str, Outlook | NoOutlook] = {}
        self._record = TrackRecord(models)
        self._pending: dict[str, _Pending] = {}
        self._issued_up_to: datetime | None = None

    def feed(self, candle: Candle, now: datetime | None) -> list[Event]:
        """Take the next closed bar; returns scores and new forecasts. A bar not after the last one is left.

        With `now`, nothing is forecast for what is past by then: history is learned from without pretending to have
        been there. Without it (a recording), the time is the bars' own.
        """
        if self.last is not None and candle.start <= self.last:
            return []
        missing = 0 if self.last is None else missing_between(self.last, candle.start, self.interval.length)
        events = self._score(candle, missing)
        if missing:
            for forecaster in self._forecasters.values():
                pass_hole(forecaster, missing, float(self._price))
        else:
            self._note_errors(candle.close)
        self._learn(candle)
        target_at = candle.end + self.interval.length
        if (now is None or target_at > now) and (self._issued_up_to is None or target_at > self._issued_up_to):
            events += self._issue(candle, target_at)
        return events

    def begin_anew(self, models: Forecasters) -> "ForecastSeries":
        """A series that has learned nothing, and still knows which forecasts it has issued."""
        fresh = ForecastSeries(self.pair, self.interval, models)
        fresh._pending, fresh._issued_up_to, fresh.unscored = self._pending, self._issued_up_to, self.unscored
        return fresh

    def _learn(self, candle: Candle) -> None:
        self.since = self.since or candle.start
        self.last, self._price = candle.start, candle.close
        self.bars += 1
        price = float(candle.close)
        self._outlooks = {name: forecaster.step(price) for name, forecaster in self._forecasters.items()}
        self.missing = next((one.reason for one in self._outlooks.values() if isinstance(one, NoOutlook)), None)

    def _note_errors(self, close: Decimal) -> None:
        """One step ahead of all models, whether it was issued or not: so the record is there from the start."""
        errors = {
            name: abs(float(close) - outlook.price) / float(self._price)
            for name, outlook in self._outlooks.items()
            if isinstance(outlook, Outlook)
        }
        if errors and len(errors) == len(self._forecasters):
            self._record.note(errors)

    def _score(self, candle: Candle, missing: int) -> list[Event]:
        events: list[Event] = []
        for model, one in list(self._pending.items()):
            target_at = parse_time(one.target_at)
            if target_at > candle.end:
                continue
            del self._pending[model]
            if target_at < candle.end and not 0 < missing <= SHORT_HOLE:
                self.unscored += 1
                continue
            actual = candle.close if target_at == candle.end else self._price
            events.append(
                ForecastScored(
                    forecast_event_id=one.forecast_event_id,
                    pair=self.pair,
                    horizon_s=self.interval.seconds,
                    model=model,
                    actual=actual,
                    naive=Decimal(one.naive),
                    inside=Decimal(one.lower) <= actual <= Decimal(one.upper),
                    occurred_at=target_at,
                    recorded_at=max(candle.recorded_at, candle.end),
                    origin=candle.origin,
                )
            )
        return events

    def _issue(self, candle: Candle, target_at: datetime) -> list[Event]:
        serving = self._record.serving()
        found = {name: bracket(outlook, candle.close) for name, outlook in self._outlooks.items()}
        reasons = [one.reason for one in found.values() if isinstance(one, NoOutlook)]
        if reasons:
            self.missing = reasons[0]
            return []
        events: list[Event] = []
        for model, prices in found.items():
            assert isinstance(prices, Bracket)
            issued = ForecastIssued(
                pair=self.pair,
                horizon_s=self.interval.seconds,
                target_at=target_at,
                price=prices.price,
                lower=prices.lower,
                upper=prices.upper,
                level=LEVEL,
                model=model,
                served=model == serving.model,
                served_because=serving.because[model],
                occurred_at=candle.end,
                recorded_at=max(candle.recorded_at, candle.end),
                origin=candle.origin,
            )
            events.append(issued)
            self._pending[model] = _Pending(
                issued.event_id, rfc3339(target_at), str(prices.lower), str(prices.upper), str(candle.close)
            )
        self._issued_up_to = target_at
        return events

    def snapshot(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "since": _text(self.since),
            "last": _text(self.last),
            "bars": self.bars,
            "unscored": self.unscored,
            "missing": self.missing,
            "price": str(self._price),
            "forecasters": {name: forecaster.snapshot() for name, forecaster in self._forecasters.items()},
            "outlooks": {n: asdict(o) if isinstance(o, Outlook) else None for n, o in self._outlooks.items()},
            "record": self._record.snapshot(),
            "pending": {model: asdict(one) for model, one in self._pending.items()},
            "issued_up_to": _text(self._issued_up_to),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from there. Raises KeyError when it knows other models than those of this series."""
        self.since, self.last = _time(snapshot["since"]), _time(snapshot["last"])
        self.bars, self.unscored, self.missing = snapshot["bars"], snapshot["unscored"], snapshot["missing"]
        self._price = Decimal(snapshot["price"])
        for name, forecaster in self._forecasters.items():
            forecaster.restore(snapshot["forecasters"][name])
        # What had no outlook needs none: it is only compared with the next price.
        self._outlooks = {name: Outlook(**one) for name, one in snapshot["outlooks"].items() if one}
        self._record.restore(snapshot["record"])
        self._pending = {model: _Pending(**one) for model, one in snapshot["pending"].items()}
        self._issued_up_to = _time(snapshot["issued_up_to"])


def _text(time: datetime | None) -> str | None:
    return rfc3339(time) if time else None


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
