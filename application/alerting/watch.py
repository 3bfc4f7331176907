"""Watching the log for what the alert rules describe."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from application.alerting.arrivals import Arrivals
from application.alerting.article_tags import ArticleTags
from application.alerting.panel import Panel
from application.alerting.stored_events import StoredEvents
from application.alerting.timely import is_timely, is_timely_score
from application.dead_letters import bytes_of
from application.failed_records import FailedRecords
from application.isolation import Failed, Failure, is_of_the_surroundings, isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, Cursor, EventLog, Place, Recorded, Unreadable
from application.ports.forecast_reads import ForecastReads
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.store import Store, Transaction
from application.ports.telemetry import Telemetry
from application.store import read_up_to, reader_from, stored_up_to
from application.streams import folded
from application.topics import ALERT_EVENTS, ALERTS, ANALYTICS_EVENTS, ARTICLES, TRADES
from domain.alerting.alert import AlertRaised, evolve_alert
from domain.alerting.rule import AlertRuleEvent, fold_rule
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.errors import ConcurrencyError
from domain.event import Event
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.values import Origin, Pair, parse_time, rfc3339

log = structlog.get_logger(__name__)

READER = "alerting"
_ALWAYS = frozenset({TRADES, ALERT_EVENTS})
_BATCH = 2_000
_SAVE_EVERY = timedelta(seconds=1)
_CAREFUL_FOR = 2_000  # records without a failure, after one


class _Stumbled(Exception):
    """A record failed, and what the detectors know may have changed halfway."""


def topics_of(state: Mapping[str, Any]) -> frozenset[str]:
    """What was read, by the state that a watch saves with its place."""
    return frozenset(state.get("topics", _ALWAYS))


class AlertWatch:
    """Raises each alert once. Its place in the log, and what its detectors remember, are saved with the alerts.

    After a restart the windows of price moves are filled again from the stored trades, up to the last one that was
    watched; the other detectors remember all they need. Only topics that a rule hears are read.
    """

    def __init__(
        self,
        event_log: EventLog,
        store: Store,
        market: MarketReads,
        news: NewsReads,
        forecasts: ForecastReads,
        clock: Clock,
        telemetry: Telemetry,
        *,
        origin: Origin,
        raised: Callable[[], None],
    ) -> None:
        self._log = event_log
        self._store = store
        self._market = market
        self._news = news
        self._stored = StoredEvents(market, news, forecasts)
        self._clock = clock
        self._telemetry = telemetry
        self._raised = raised
        self._failed = FailedRecords(event_log, clock, telemetry, origin=origin)
        self._has_clock = origin is not Origin.RECORDING  # a recording's time is its own
        self._careful_for = 0  # so many records are still observed with detectors that can be put back
        self._forget()

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop` is set; what was watched is saved then.

        A record that fails may have changed detectors halfway. So the watch begins again from its checkpoint, carefully,
        and then leaves out what fails.
        """
        self._careful_for = 0
        place, topics = self._begin()
        while not stop.is_set():
            wanted = self._topics()
            place, topics = self._moved(place, topics, wanted), wanted
            try:
                with reader_from(self._log, wanted, place) as reader:
                    while not stop.is_set() and self._topics() == wanted:
                        records = reader.read(limit=_BATCH, timeout_s=0.25)
                        self._watch(records, lambda: Checkpoint(reader.cursor, self._state(wanted)))  # noqa: B023 - called at once
                    place = reader.cursor
            except _Stumbled as stumbled:
                log.warning("alerting reads again from its checkpoint", reason=str(stumbled))
                self._careful_for = _CAREFUL_FOR
                place, topics = self._begin()
        with self._store.begin() as tx:
            tx.save_checkpoint(READER, Checkpoint(place, self._state(topics)))

    def _begin(self) -> tuple[Cursor, frozenset[str]]:
        """Bring everything to where the checkpoint is; returns that log position, and the topics read so far."""
        while True:
            self._forget()
            with self._store.begin() as tx:
                checkpoint = tx.checkpoint(READER)
                stored = stored_up_to(tx)
                self._load_rules(tx)
            if checkpoint is None:
                return BEGINNING, self._topics()
            try:
                state = json.loads(checkpoint.state)
                self._restore(state, Place.at(checkpoint.cursor), stored)
                return checkpoint.cursor, topics_of(state)
            except Exception as error:
                if is_of_the_surroundings(error):
                    raise
                reason = Failure.of(error).reason
                if self._careful_for:
                    log.warning("alerting begins without what it remembered", reason=reason)
                    self._forget()
                    with self._store.begin() as tx:
                        self._load_rules(tx)
                    return checkpoint.cursor, self._topics()
                self._careful_for = _CAREFUL_FOR

    def _forget(self) -> None:
        self._panel = Panel(self._stored, self._clock.now() if self._has_clock else None)
        self._panel.is_careful = self._careful_for > 0
        self._tags = ArticleTags(self._news)
        self._arrivals = Arrivals()
        self._latest: dict[Pair, tuple[datetime, Decimal | None]] = {}  # each pair's last timely trade
        self._saved_at: datetime | None = None

    def _topics(self) -> frozenset[str]:
        heard = _ALWAYS | self._panel.topics
        return heard | {ARTICLES} if ANALYTICS_EVENTS in heard else heard

    def _moved(self, place: Cursor, topics: frozenset[str], wanted: frozenset[str]) -> Cursor:
        """The place to read other topics from: a new one's partitions from their end, as it is watched from now on."""
        if topics == wanted:
            return place
        kept = Place.at(place).within(topics & wanted)
        head = Place.at(self._log.head()).within(wanted - topics).numbers
        return kept.joined(Place({partition: number for partition, number in head.items() if partition})).cursor

    def _watch(self, records: Sequence[Recorded | Unreadable], checkpoint: Callable[[], Checkpoint]) -> None:
        alerts: list[AlertRaised] = []
        failed: list[Failed[Recorded | Unreadable]] = []
        for record in records:
            if isinstance(record, Recorded):  # the store keeps others as dead letters
                alerts += self._observe_apart(record, failed)
        if self._panel.waits_for_silence:
            alerts += self._silences_apart(records, failed)
        self._note_care(len(records), failed)
        now = self._clock.now()
        due = records and (failed or self._saved_at is None or now - self._saved_at >= _SAVE_EVERY)
        if not alerts and not due:
            return
        self._failed.set_aside(failed, READER)
        new = self._save(alerts, checkpoint)
        self._saved_at = now
        if new:
            self._telemetry.count("alerts", new)
            self._raised()

    def _observe_apart(self, record: Recorded, failed: list[Failed[Recorded | Unreadable]]) -> list[AlertRaised]:
        """Observe a record. Where it fails: raises _Stumbled, or notes it where the watch is careful already."""
        alerts: list[AlertRaised] = []
        try:
            alerts = self._observe(record)
            failures = self._panel.take_failures()
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            if not self._careful_for:
                raise _Stumbled(Failure.of(error).reason) from error
            failures = [Failure.of(error), *self._panel.take_failures()]
        if failures:
            failed.append(Failed(record, failures[0]))
        return alerts

    def _silences_apart(
        self, records: Sequence[Recorded | Unreadable], failed: list[Failed[Recorded | Unreadable]]
    ) -> list[AlertRaised]:
        """The same for the silences up to the last of these records, which stands for them."""
        alerts: list[AlertRaised] = []
        try:
            alerts = self._silences(at_end=not records)
            failures = self._panel.take_failures()
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            if not self._careful_for:
                raise _Stumbled(Failure.of(error).reason) from error
            failures = [Failure.of(error)]
        if failures and records:
            failed.append(Failed(records[-1], failures[0]))
        elif failures:
            log.error("a silence could not be told", reason=failures[0].reason, location=failures[0].location)
        return alerts

    def _note_care(self, records: int, failed: Sequence[object]) -> None:
        if self._careful_for:
            self._careful_for = _CAREFUL_FOR if failed else max(0, self._careful_for - records)
            self._panel.is_careful = self._careful_for > 0

    def _save(self, alerts: Sequence[AlertRaised], checkpoint: Callable[[], Checkpoint]) -> int:
        """Append alerts together with the checkpoint; returns how many are new. One that fails becomes a dead letter."""
        if self._has_clock:  # what raised them was known before they were
            raised_at = self._clock.now()
            alerts = [replace(alert, recorded_at=max(raised_at, alert.recorded_at)) for alert in alerts]
        try:
            with self._store.begin() as tx:
                new = sum(append_alert(tx, alert) for alert in _of_rules_that_watch(tx, alerts))
                tx.save_checkpoint(READER, checkpoint())
            return new
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
        new = 0
        with self._store.begin() as tx:

            def attempt(part: Sequence[AlertRaised]) -> None:
                nonlocal new
                with tx.savepoint():
                    found = sum(append_alert(tx, alert) for alert in _of_rules_that_watch(tx, part))
                new += found

            for one in isolate(alerts, attempt):
                raw = bytes_of(one.record, self._log.value_of)
                self._failed.set_aside_from(ALERTS, 0, raw, one.failure, READER)
            tx.save_checkpoint(READER, checkpoint())
        return new

    def _observe(self, record: Recorded) -> list[AlertRaised]:
        event: Event = record.event
        match event:
            case TradeExecuted() | TickerUpdated():
                if self._panel.waits_for_silence:
                    self._arrivals.add(record.position, event)
                timely = is_timely(event)
                if timely and isinstance(event, TradeExecuted):
                    self._note(event)
                return self._panel.observe(event, event.pair, timely=timely, price=None)
            case ArticlePublished():
                return [alert for score in self._tags.add(event) for alert in self._score(score)]
            case SentimentScored():
                return self._score(event)
            case ForecastIssued() | ForecastScored():
                return self._panel.observe(event, event.pair, timely=is_timely(event), price=None)
            case AlertRuleEvent():
                with self._store.begin() as tx:
                    self._load_rules(tx)
        return []

    def _note(self, trade: TradeExecuted) -> None:
        known = self._latest.get(trade.pair)
        if known is None or trade.occurred_at >= known[0]:
            self._latest[trade.pair] = (trade.occurred_at, trade.price)

    def _score(self, score: SentimentScored) -> list[AlertRaised]:
        tags = self._tags.of(score)
        timely = is_timely_score(score, max((at for at, _ in self._latest.values()), default=None))
        return [
            alert
            for pair, (_, price) in self._latest.items()
            if pair.base in tags
            for alert in self._panel.observe(score, pair, timely=timely, price=price)
        ]

    def _silences(self, *, at_end: bool) -> list[AlertRaised]:
        until = self._arrivals.known_until(self._clock.now() if self._has_clock else None, at_end=at_end)
        if until is None:
            return []
        alerts = [alert for event in self._arrivals.take(until) for alert in self._panel.arrive(event, event.pair)]
        return alerts + self._panel.pass_time(until)

    def _load_rules(self, tx: Transaction) -> None:
        rules = folded(tx.load_all("rule:"), fold_rule)
        self._panel.watch_for([rule for rule in rules if rule.enabled])

    def _state(self, topics: frozenset[str]) -> str:
        return json.dumps(
            {
                "latest": {pair: rfc3339(at) for pair, (at, _) in self._latest.items()},
                "prices": {pair: str(price) for pair, (_, price) in self._latest.items() if price},
                "memories": self._panel.memories(),
                "topics": sorted(topics),
            }
        )

    def _restore(self, state: Any, place: Place, stored: Place) -> None:
        """All as it was: from what was remembered, and for the windows of price moves from the stored trades, and from
        the log where the store is not that far.
        """
        prices = state.get("prices", {})
        self._latest = {
            Pair(pair): (parse_time(at), Decimal(prices[pair]) if pair in prices else None)
            for pair, at in state["latest"].items()
        }
        longest = self._panel.longest_price_window
        if longest:
            for pair, (latest, _) in self._latest.items():
                for trade in self._market.trades_since(pair, latest - longest, latest + timedelta(microseconds=1)):
                    self._refill(trade)
            for record in read_up_to(self._log, (TRADES,), stored, place):
                if isinstance(record, Recorded) and isinstance(record.event, TradeExecuted):
                    self._refill(record.event)
        self._panel.remember(state.get("memories", []))

    def _refill(self, trade: TradeExecuted) -> None:
        if is_timely(trade):
            self._panel.refill(trade)


def _of_rules_that_watch(tx: Transaction, alerts: Sequence[AlertRaised]) -> list[AlertRaised]:
    """Those whose rules still watch. A rule is switched off in the store first, and the log tells of it later."""
    rules = {rule_id: fold_rule(tx.load(f"rule:{rule_id}")) for rule_id in {alert.rule_id for alert in alerts}}
    return [alert for alert in alerts if (rule := rules[alert.rule_id]) and rule.enabled]


def append_alert(tx: Transaction, alert: AlertRaised) -> int:
    """Append a raised alert to its stream and the alerts' rows; returns how many were new, 0 or 1."""
    try:
        tx.append(f"alert:{alert.alert_id}", [alert], expected_version=0)
    except ConcurrencyError:
        return 0  # raised before: its id comes from the rule and what triggered it
    tx.put_alerts([evolve_alert(None, alert)])
    return 1
