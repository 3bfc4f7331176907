"""Detecting that the news of a pair's asset sounds better or worse than before."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.alerting.detector import Sighting
from domain.alerting.windows import Windows
from domain.analytics.sentiment import SentimentScored
from domain.event import Event
from domain.values import ZERO, quotient

FEWEST = 3  # articles in the last window, and twice as many in the twelve before it
_POINTS = Decimal(100)  # a score of -1 to 1 is -100 to 100 points


class SentimentSwingDetector:
    """Compares the mean score of the last window's articles with that of the twelve windows before it.

    Articles go by when they were recorded: nobody could act on them earlier. A swing is reported once; in its direction
    it must have shrunk to half the threshold before the next. Only one version of one model counts: when another's
    scores come, all begins anew. `trigger` is the article, so another model's score of it raises no second alert.
    """

    def __init__(self, threshold_pct: Decimal, window: timedelta) -> None:
        self._threshold = threshold_pct
        self._window = window
        self._windows = Windows(window)
        self._model: str | None = None
        self._quiet: set[str] = set()
        self._reported = ""

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Sighting | None:
        """Take note of a score; it must be of an article that is tagged with the pair's asset."""
        if not isinstance(event, SentimentScored):
            return None
        model = f"{event.model} {event.model_version}"
        if model != self._model:
            self._model, self._windows = model, Windows(self._window)
        is_recent = self._windows.add(event.article_recorded_at, event.score, price)
        if not (is_recent and timely) or price is None:
            return None
        last, before = self._windows.last(), self._windows.before()
        articles = sum(window.count for window in before)
        if last.count < FEWEST or articles < FEWEST * 2:
            return None
        usual = quotient(sum((window.total for window in before), ZERO), Decimal(articles))
        observed = quotient(last.total, Decimal(last.count))
        swing = (observed - usual) * _POINTS
        self._quiet = {way for way in self._quiet if swing * (2 if way == "up" else -2) > self._threshold}
        way = "up" if swing > 0 else "down"
        if abs(swing) <= self._threshold or way in self._quiet:
            return None
        self._quiet.add(way)
        self._reported = way
        return Sighting(
            trigger=event.article_event_id, pct_change=swing, price=price, reference_price=last.opened_at or price,
            observed=observed, usual=usual,
            occurred_at=event.article_recorded_at, recorded_at=event.recorded_at, origin=event.origin,
        )  # fmt: skip

    def again(self) -> None:
        """The way of the last sighting is not quiet."""
        self._quiet.discard(self._reported)

    def memory(self) -> Any:
        """All that was counted."""
        return {"model": self._model, "quiet": sorted(self._quiet), "windows": self._windows.memory()}

    def remember(self, memory: Any) -> None:
        """Take back what `memory` gave."""
        self._model, self._quiet = memory["model"], set(memory["quiet"])
        self._windows.remember(memory["windows"])
