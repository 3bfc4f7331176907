"""The detectors of the rules that watch, each for one pair."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from application.alerting.stored_events import StoredEvents
from application.isolation import Failure, is_of_the_surroundings
from application.topics import topic_of_kind
from domain.alerting.alert import AlertRaised, raise_alert
from domain.alerting.detector import Sighting
from domain.alerting.kinds import FEED_SILENT, PRICE_MOVE
from domain.alerting.rule import AlertRule
from domain.alerting.voice import Voice
from domain.event import Event
from domain.market.trade import TradeExecuted
from domain.values import Pair

log = structlog.get_logger(__name__)

_FAILED_AT_MOST = 5  # stored events that a new detector may fail on, each of which costs another reading of all
_Listeners = list[tuple[AlertRule, Voice]]


def detector_of(rule: AlertRule) -> Voice:
    """A new one, which speaks as often as rules may."""
    window = timedelta(seconds=rule.terms.window_s)
    return Voice(rule.terms.watches.make(rule.terms.threshold_pct, window), window)


class Panel:
    """Shows events to the detectors that hear them, and makes alerts of what they see.

    Detectors are made when the first event of their pair comes, and learn from stored events what was usual before their
    rule was made. Kinds that no rule has cost nothing. `topics` are those
    of the log that it hears; `waits_for_silence` tells whether a rule does; `longest_price_window` is how far back price
    moves look. `is_careful` makes copies of the detectors before they look, so that one that fails is as it was before.
    """

    def __init__(self, stored: StoredEvents, begun_at: datetime | None) -> None:
        """`begun_at` is since when silences count; None where only the events' own time does."""
        self._stored = stored
        self.topics: frozenset[str] = frozenset()
        self.waits_for_silence = False
        self.longest_price_window = timedelta()
        self.is_careful = False
        self._failures: list[Failure] = []
        self._begun_at = begun_at
        self._rules: list[AlertRule] = []
        self._detectors: dict[tuple[str, Pair], Voice] = {}
        self._heard: dict[tuple[type[Event], Pair], _Listeners] = {}

    def watch_for(self, rules: Sequence[AlertRule]) -> None:
        """From now on; the detectors of rules that did not change stay as they are."""
        unchanged = {rule.rule_id for rule in rules if rule in self._rules}
        self._detectors = {key: found for key, found in self._detectors.items() if key[0] in unchanged}
        self._heard = {}
        self._rules = list(rules)
        self.topics = frozenset(topic_of_kind(event) for rule in rules for event in rule.terms.watches.hears)
        self.waits_for_silence = any(rule.terms.watches is FEED_SILENT for rule in rules)
        longest_s = max((rule.terms.window_s for rule in rules if rule.terms.watches is PRICE_MOVE), default=0)
        self.longest_price_window = timedelta(seconds=longest_s)

    def observe(self, event: Event, pair: Pair, *, timely: bool, price: Decimal | None) -> list[AlertRaised]:
        """Show an event of a pair to all who hear it, but those who wait for silence."""
        listeners = self._heard.get((type(event), pair))
        if listeners is None:
            listeners = self._heard[type(event), pair] = [
                (rule, self._detector(rule, pair))
                for rule in self._rules
                if type(event) in rule.terms.watches.hears
                and rule.terms.pair in (None, pair)
                and rule.terms.watches is not FEED_SILENT
            ]
        if self.is_careful:
            return self._look(pair, listeners, lambda detector: detector.observe(event, timely=timely, price=price))
        alerts = []
        for rule, detector in listeners:
            seen = detector.observe(event, timely=timely, price=price)
            if seen:
                alerts.append(_raise(rule, pair, seen))
        return alerts

    def take_failures(self) -> list[Failure]:
        """Why detectors failed since this was last asked, where it is careful; elsewhere they raise."""
        failures, self._failures = self._failures, []
        return failures

    def _look(self, pair: Pair, listeners: _Listeners, look: Callable[[Voice], Sighting | None]) -> list[AlertRaised]:
        """Let detectors look; where it is careful, one that fails is left as it was before, and the others go on."""
        alerts = []
        for rule, detector in listeners:
            before = deepcopy(detector) if self.is_careful else detector
            try:
                seen = look(detector)
                if seen:
                    alerts.append(_raise(rule, pair, seen))
            except Exception as error:
                if not self.is_careful or is_of_the_surroundings(error):
                    raise
                self._failures.append(Failure.of(error))
                self._detectors[rule.rule_id, pair] = before
                self._heard = {}
        return alerts

    def refill(self, trade: TradeExecuted) -> None:
        """Show a trade that was watched before to the detectors that are rebuilt from trades, and let it raise nothing."""
        listeners = [
            (rule, self._detector(rule, trade.pair))
            for rule in self._rules
            if rule.terms.watches is PRICE_MOVE and rule.terms.pair in (None, trade.pair)
        ]
        self._look(trade.pair, listeners, lambda one: one.refill(trade, price=trade.price))

    def arrive(self, event: Event, pair: Pair) -> list[AlertRaised]:
        """Show a ticker or trade, in the order in which they were recorded, to those who wait for silence."""
        listeners = [
            (rule, self._detector(rule, pair))
            for rule in self._rules
            if rule.terms.watches is FEED_SILENT and rule.terms.pair in (None, pair)
        ]
        return self._look(pair, listeners, lambda detector: detector.observe(event, timely=True, price=None))

    def pass_time(self, now: datetime) -> list[AlertRaised]:
        """Nothing else arrived up to `now`."""
        rules = {rule.rule_id: rule for rule in self._rules}
        return [
            alert
            for (rule_id, pair), detector in list(self._detectors.items())
            if rules[rule_id].terms.watches is FEED_SILENT
            for alert in self._look(pair, [(rules[rule_id], detector)], lambda one: one.pass_time(now))
        ]

    def memories(self) -> list[Any]:
        """What its detectors must remember over a restart, for JSON."""
        versions = {rule.rule_id: rule.version for rule in self._rules}
        return [
            [rule_id, versions[rule_id], pair, memory]
            for (rule_id, pair), detector in self._detectors.items()
            if (memory := _memory(detector, pair)) is not None
        ]

    def remember(self, memories: Iterable[Any]) -> None:
        """Take back what `memories` gave; not for rules that have changed since."""
        rules = {(rule.rule_id, rule.version): rule for rule in self._rules}
        for rule_id, version, pair, memory in memories:
            rule = rules.get((rule_id, version))
            if rule:
                try:
                    refilled = self._detectors.get((rule_id, Pair(pair)))
                    (refilled or self._make(rule, Pair(pair))).remember(memory)
                except Exception as error:
                    if is_of_the_surroundings(error):
                        raise
                    log.warning(
                        "a detector begins without what it remembered", pair=pair, reason=Failure.of(error).reason
                    )
                    self._make(rule, Pair(pair))

    def _detector(self, rule: AlertRule, pair: Pair) -> Voice:
        detector = self._detectors.get((rule.rule_id, pair))
        if detector is None:
            detector = self._make(rule, pair)
            if rule.terms.watches.learns:
                detector = self._learn(rule, pair, detector)
        return detector

    def _learn(self, rule: AlertRule, pair: Pair, detector: Voice) -> Voice:
        """Show a new detector what is stored from before its rule; begin again without the events that it fails on."""
        failed: set[str] = set()
        until = rule.recorded_at
        while True:
            event_id = ""
            try:
                for event, price in self._stored.heard(rule.terms, pair, until, until):
                    event_id = event.event_id
                    if event_id not in failed:
                        detector.observe(event, timely=False, price=price)
            except Exception as error:
                if is_of_the_surroundings(error):
                    raise
                log.warning(
                    "a detector cannot learn from a stored event", event_id=event_id, reason=Failure.of(error).reason
                )
                detector = self._make(rule, pair)
                if event_id in failed or len(failed) >= _FAILED_AT_MOST:
                    return detector  # it begins with nothing learned
                failed.add(event_id)
            else:
                return detector

    def _make(self, rule: AlertRule, pair: Pair) -> Voice:
        detector = self._detectors[rule.rule_id, pair] = detector_of(rule)
        if self._begun_at:
            detector.begin(self._begun_at)
        return detector


def _memory(detector: Voice, pair: Pair) -> Any:
    try:
        return detector.memory()
    except Exception as error:
        if is_of_the_surroundings(error):
            raise
        log.warning("a detector does not say what it must remember", pair=pair, reason=Failure.of(error).reason)
        return None


def _raise(rule: AlertRule, pair: Pair, seen: Sighting) -> AlertRaised:
    log.info("alert", pair=pair, kind=rule.terms.kind, pct_change=str(seen.pct_change), rule=rule.terms.title)
    return raise_alert(rule, pair, seen)
