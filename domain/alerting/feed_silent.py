"""Detecting that nothing comes of a pair any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, parse_time, rfc3339

_ALL_OF_IT = Decimal(-100)


@dataclass(frozen=True, slots=True)
class _Message:
    """The last sign of life."""

    event_id: str
    at: datetime
    price: Decimal
    origin: Origin


class FeedSilentDetector:
    """Waits for neither a ticker nor a trade of a pair to come for longer than the window, by when they were recorded.

    The alert is of the moment at which the silence became too long, whenever that is noticed, and its trigger is the
    last message before it: so one silence is one alert. A pair of which nothing ever came is not silent.
    """

    def __init__(self, _threshold_pct: Decimal, window: timedelta) -> None:
        self._window = window
        self._last: _Message | None = None
        self._told = False
        self._began: datetime | None = None

    def begin(self, at: datetime) -> None:
        """Listen from `at` on: a silence from before is counted from then, for perhaps it was we who did not listen."""
        self._began = at

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a ticker or trade: was it silent before it?

        One that was fetched afterwards is no sign of life, and one that comes out of its order shows nothing.
        """
        if not isinstance(event, TradeExecuted | TickerUpdated) or event.origin is Origin.BACKFILL:
            return None
        if self._last and event.recorded_at < self._last.at:
            return None
        found = self.pass_time(event.recorded_at)
        price = event.price if isinstance(event, TradeExecuted) else event.last
        self._last = _Message(event.event_id, event.recorded_at, price, event.origin)
        self._told = False
        return found

    def pass_time(self, now: datetime) -> Sighting | None:
        """Up to `now` nothing else came."""
        last = self._last
        if last is None or self._told:
            return None
        since = max(last.at, self._began) if self._began else last.at
        if now - since <= self._window:
            return None
        self._told = True
        noticed = since + self._window
        return Sighting(
            trigger=last.event_id, pct_change=_ALL_OF_IT, price=last.price, reference_price=last.price,
            observed=Decimal((noticed - last.at) // timedelta(seconds=1)),
            occurred_at=noticed, recorded_at=noticed, origin=last.origin,
        )  # fmt: skip

    def again(self) -> None:
        """The silence was not told."""
        self._told = False

    def memory(self) -> Any:
        """The last message, and whether its silence was told."""
        last = self._last
        return last and [last.event_id, rfc3339(last.at), str(last.price), last.origin, self._told]

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        event_id, at, price, origin, self._told = memory
        self._last = _Message(event_id, parse_time(at), Decimal(price), Origin(origin))
