"""What a rule would have raised on stored history, before it is switched on."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.alerting.panel import detector_of
from application.alerting.stored_events import StoredEvents
from application.alerting.timely import is_timely
from application.ports.clock import Clock
from application.ports.forecast_reads import ForecastReads
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from domain.alerting.alert import AlertRaised, raise_alert
from domain.alerting.detector import Sighting
from domain.alerting.rule import AlertRule, RuleTerms, create_rule, evolve_rule
from domain.analytics.sentiment import SentimentScored
from domain.errors import InvalidValue, NotAllowed
from domain.values import Origin, Pair

LONGEST_PREVIEW = timedelta(days=31)
MOST_SHOWN = 1_000
_AT_ONCE = 2  # they take the processor, which collecting and serving need too
_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Preview:
    """The first alerts that a rule would have raised, oldest first, MOST_SHOWN at most; and how many they all are.

    `known_from` (UTC) is the first of what the rule watches that is stored, of all pairs where it watches several; None where
    nothing is. What came before it could not be looked at.
    """

    raised: Sequence[AlertRaised]
    count: int
    known_from: datetime | None


class RulePreview:
    """Shows stored history to the detectors of a rule. It is read in chunks, and only the alerts are kept."""

    def __init__(
        self,
        market: MarketReads,
        news: NewsReads,
        forecasts: ForecastReads,
        clock: Clock,
        *,
        origin: Origin,
        pairs: Sequence[Pair],
    ) -> None:
        self._stored = StoredEvents(market, news, forecasts)
        self._clock = clock
        self._origin = origin
        self._pairs = pairs
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def of(self, terms: RuleTerms, start: datetime, end: datetime) -> Preview:
        """What a rule with these terms would have raised within `start`..`end` (exclusive).

        A silence of the feed counts even where it was we who did not listen: that cannot be told afterwards.
        Raises InvalidValue for more than 31 days, NotAllowed while two others are made.
        """
        if end - start > LONGEST_PREVIEW:
            raise InvalidValue("start", f"a preview spans at most {LONGEST_PREVIEW.days} days: choose a later start")
        if not self._turns.acquire(timeout=_PATIENCE_S):
            raise NotAllowed("other previews are being made: try again when they have ended")
        try:
            return self._of(terms, start, end)
        finally:
            self._turns.release()

    def _of(self, terms: RuleTerms, start: datetime, end: datetime) -> Preview:
        rule = evolve_rule(None, create_rule("preview", terms, now=self._clock.now(), origin=self._origin)[0])
        first: list[AlertRaised] = []
        count = 0
        known: list[datetime] = []
        for pair in [terms.pair] if terms.pair else self._pairs:
            for seen in self._seen(rule, pair, start, end, known):
                if start <= seen.occurred_at < end:
                    count += 1
                    first.append(raise_alert(rule, pair, seen))
                    if len(first) >= 2 * MOST_SHOWN:
                        first = _oldest(first)
        return Preview(_oldest(first), count, max(known, default=None))

    def _seen(
        self, rule: AlertRule, pair: Pair, start: datetime, end: datetime, known: list[datetime]
    ) -> Iterator[Sighting]:
        """What its detector sees of a pair; at the end, `known` gets the earliest time of what it was shown."""
        detector = detector_of(rule)
        earliest: datetime | None = None
        for event, price in self._stored.heard(rule.terms, pair, start, end):
            if earliest is None or event.occurred_at < earliest:  # forecasts come newest first
                earliest = event.occurred_at
            timely = isinstance(event, SentimentScored) or is_timely(event)
            seen = detector.observe(event, timely=timely, price=price)
            if seen:
                yield seen
        if earliest is not None:
            known.append(earliest)
        if self._origin is not Origin.RECORDING:
            silent = detector.pass_time(min(end, self._clock.now()))
            if silent:
                yield silent


def _oldest(alerts: Sequence[AlertRaised]) -> list[AlertRaised]:
    return sorted(alerts, key=lambda alert: (alert.occurred_at, alert.alert_id))[:MOST_SHOWN]
