"""Watching the trades of the log for what the alert rules describe."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, EventLog, Place, Recorded, Unreadable
from application.ports.market_reads import MarketReads
from application.ports.store import Store, Transaction
from application.ports.telemetry import Telemetry
from application.store import read_up_to, reader_from, stored_up_to
from application.topics import ALERT_EVENTS, TRADES
from domain.alerting.alert import AlertRaised, evolve_alert, raise_alert
from domain.alerting.price_move import PriceMoveDetector
from domain.alerting.rule import AlertRule, AlertRuleEvent, fold_rule
from domain.errors import ConcurrencyError
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, parse_time, rfc3339

log = structlog.get_logger(__name__)

READER = "alerting"
_BATCH = 2_000
_SAVE_EVERY = timedelta(seconds=1)
LATE = timedelta(seconds=60)


def is_timely(trade: TradeExecuted) -> bool:
    """Whether a trade can raise alerts: one that came long after it happened was backfilled.

    A recording is taken by its word: nothing in it was backfilled.
    """
    if trade.origin is Origin.RECORDING:
        return True
    return trade.origin is not Origin.BACKFILL and trade.recorded_at - trade.occurred_at <= LATE


class AlertWatch:
    """Raises each alert once. Its place in the log, and which moves were reported, are saved with the alerts.

    After a restart the windows are filled again from the stored trades, up to the last one that was watched.
    """

    def __init__(
        self,
        event_log: EventLog,
        store: Store,
        reads: MarketReads,
        clock: Clock,
        telemetry: Telemetry,
        *,
        raised: Callable[[], None],
    ) -> None:
        self._log = event_log
        self._store = store
        self._reads = reads
        self._clock = clock
        self._telemetry = telemetry
        self._raised = raised
        self._rules: list[AlertRule] = []
        self._detectors: dict[tuple[str, Pair], PriceMoveDetector] = {}
        self._latest: dict[Pair, datetime] = {}
        self._saved_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop` is set; what was watched is saved then."""
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(READER)
            stored = stored_up_to(tx)
            self._load_rules(tx)
        if checkpoint:
            self._restore(checkpoint, stored)
        place = checkpoint.cursor if checkpoint else BEGINNING
        with reader_from(self._log, (TRADES, ALERT_EVENTS), place) as reader:
            while not stop.is_set():
                records = reader.read(limit=_BATCH, timeout_s=0.25)
                self._watch(records, lambda: Checkpoint(reader.cursor, self._state()))
            with self._store.begin() as tx:
                tx.save_checkpoint(READER, Checkpoint(reader.cursor, self._state()))

    def _watch(self, records: Sequence[Recorded | Unreadable], checkpoint: Callable[[], Checkpoint]) -> None:
        alerts: list[AlertRaised] = []
        for record in records:
            if not isinstance(record, Recorded):
                continue  # the store keeps it as a dead letter
            if isinstance(record.event, TradeExecuted):
                alerts += self._observe(record.event)
            elif isinstance(record.event, AlertRuleEvent):
                with self._store.begin() as tx:
                    self._load_rules(tx)
        now = self._clock.now()
        if not alerts and not (records and (self._saved_at is None or now - self._saved_at >= _SAVE_EVERY)):
            return
        new = 0
        with self._store.begin() as tx:
            for alert in alerts:
                new += _append(tx, alert)
            tx.save_checkpoint(READER, checkpoint())
        self._saved_at = now
        if new:
            self._telemetry.count("alerts", new)
            self._raised()

    def _observe(self, trade: TradeExecuted) -> list[AlertRaised]:
        if not is_timely(trade):
            return []
        self._latest[trade.pair] = max(trade.occurred_at, self._latest.get(trade.pair, trade.occurred_at))
        alerts = []
        for rule in self._rules:
            if rule.terms.pair is None or rule.terms.pair == trade.pair:
                move = self._detector(rule, trade.pair).observe(trade.occurred_at, trade.price)
                if move:
                    alerts.append(raise_alert(rule, trade, move))
                    log.info("alert", pair=trade.pair, pct_change=str(move.pct_change), rule=rule.terms.title)
        return alerts

    def _detector(self, rule: AlertRule, pair: Pair) -> PriceMoveDetector:
        detector = self._detectors.get((rule.rule_id, pair))
        if detector is None:
            detector = PriceMoveDetector(rule.terms.threshold_pct, timedelta(seconds=rule.terms.window_s))
            self._detectors[rule.rule_id, pair] = detector
        return detector

    def _load_rules(self, tx: Transaction) -> None:
        rules = [rule for events in tx.load_all("rule:").values() if (rule := fold_rule(events)) and rule.enabled]
        unchanged = {rule.rule_id for rule in rules if rule in self._rules}
        self._detectors = {key: found for key, found in self._detectors.items() if key[0] in unchanged}
        self._rules = rules

    def _state(self) -> str:
        return json.dumps(
            {
                "latest": {pair: rfc3339(at) for pair, at in self._latest.items()},
                "quiet": [
                    [rule, pair, sorted(found.quiet)] for (rule, pair), found in self._detectors.items() if found.quiet
                ],
            }
        )

    def _restore(self, checkpoint: Checkpoint, stored: Place) -> None:
        """Fill the windows as they were: from the stored trades, and from the log where the store is not that far."""
        state = json.loads(checkpoint.state)
        self._latest = {Pair(pair): parse_time(at) for pair, at in state["latest"].items()}
        longest = max((rule.terms.window_s for rule in self._rules), default=0)
        for pair, latest in self._latest.items():
            start, end = latest - timedelta(seconds=longest), latest + timedelta(microseconds=1)
            for trade in self._reads.trades_since(pair, start, end):
                self._observe_quietly(trade)
        for record in read_up_to(self._log, (TRADES,), stored, Place.at(checkpoint.cursor)):
            if isinstance(record, Recorded) and isinstance(record.event, TradeExecuted):
                self._observe_quietly(record.event)
        for rule, pair, directions in state["quiet"]:
            for found in self._rules:
                if found.rule_id == rule:
                    self._detector(found, Pair(pair)).quiet = set(directions)

    def _observe_quietly(self, trade: TradeExecuted) -> None:
        if is_timely(trade):
            for rule in self._rules:
                if rule.terms.pair is None or rule.terms.pair == trade.pair:
                    self._detector(rule, trade.pair).observe(trade.occurred_at, trade.price)


def _append(tx: Transaction, alert: AlertRaised) -> int:
    try:
        tx.append(f"alert:{alert.alert_id}", [alert], expected_version=0)
    except ConcurrencyError:
        return 0  # raised before: its id comes from the rule and the trade
    tx.put_alerts([evolve_alert(None, alert)])
    return 1
