"""Commands on alerts, alert rules and the watchlist: load, decide, append."""

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal

from application.ports.alert_reads import AlertReads
from application.ports.clock import Clock
from application.ports.store import Store
from application.streams import folded
from domain.alerting.alert import Alert, evolve_alert, fold_alert
from domain.alerting.kinds import PRICE_MOVE
from domain.alerting.rule import AlertRule, RuleTerms, StaleRule, create_rule, evolve_rule, fold_rule
from domain.alerting.watchlist import WATCHLIST_ID, Watchlist, evolve_watchlist, fold_watchlist
from domain.errors import InvalidValue, NotFound
from domain.event import Event
from domain.values import Origin, Pair

DEFAULT_RULE_ID = "default"
DEFAULT_TERMS = RuleTerms(
    title="More than 1 % in 5 minutes", kind=PRICE_MOVE.name, pair=None, threshold_pct=Decimal(1), window_s=300
)


def no_channels(wanted: Collection[str]) -> None:
    """Refuse every channel, where nobody is notified. Raises InvalidValue."""
    if wanted:
        raise InvalidValue("notify", "there are no notification channels here")


class AlertCommands:
    """What people do with alerts. Every change is an event, appended against the version it was decided on."""

    def __init__(
        self,
        store: Store,
        alerts: AlertReads,
        clock: Clock,
        *,
        origin: Origin,
        changed: Callable[[], None],
        check_channels: Callable[[Collection[str]], None] = no_channels,
    ) -> None:
        """`check_channels` raises InvalidValue, naming the first of its ids that is no notification channel."""
        self._store = store
        self._alerts = alerts
        self._clock = clock
        self._origin = origin
        self._changed = changed
        self._check_channels = check_channels

    def set_up(self, pairs: Sequence[Pair]) -> None:
        """Make the default rule, and a watchlist of `pairs`, on a first start."""
        now = self._clock.now()
        with self._store.begin() as tx:
            if not tx.has_streams("rule:"):
                events = create_rule(DEFAULT_RULE_ID, DEFAULT_TERMS, now=now, origin=self._origin)
                tx.append(f"rule:{DEFAULT_RULE_ID}", events, expected_version=0)
            if not tx.has_streams(WATCHLIST_ID):
                watchlist = Watchlist()
                for pair in pairs:
                    events = watchlist.watch(pair, now=now, origin=self._origin)
                    tx.append(WATCHLIST_ID, events, expected_version=watchlist.version)
                    for event in events:
                        watchlist = evolve_watchlist(watchlist, event)
        self._changed()

    def rules(self, as_of: datetime | None = None) -> list[AlertRule]:
        """All rules, disabled ones too, in the order of their creation."""
        return folded(self._alerts.streams("rule:", as_of=as_of), fold_rule)

    def create_rule(self, terms: RuleTerms, *, enabled: bool = True) -> AlertRule:
        """Begin a rule; it watches from now on, or when it is enabled. Raises InvalidValue for an unknown channel."""
        self._check_channels(terms.notify)
        rule_id = uuid.uuid4().hex[:12]
        events = create_rule(rule_id, terms, now=self._clock.now(), origin=self._origin, enabled=enabled)
        with self._store.begin() as tx:
            tx.append(f"rule:{rule_id}", events, expected_version=0)
        self._changed()
        return evolve_rule(None, events[0])

    def change_rule(
        self,
        rule_id: str,
        wanted: Callable[[RuleTerms], RuleTerms] | None = None,
        *,
        enabled: bool | None = None,
        version: int | None = None,
    ) -> AlertRule:
        """Give a rule the terms that `wanted` makes of its present ones, and switch it on or off; None: as it is.

        Raises NotFound, InvalidValue also for a channel that is unknown, and StaleRule where the rule has another version
        than the one that the editor saw.
        """

        def decide(rule: AlertRule) -> list[Event]:
            if version is not None and version != rule.version:
                raise StaleRule(rule, version)
            terms = wanted(rule.terms) if wanted else rule.terms
            if terms.notify != rule.terms.notify:
                self._check_channels(terms.notify)
            return rule.change(terms, enabled=rule.enabled if enabled is None else enabled, now=self._clock.now())

        return self._on_rule(rule_id, decide)

    def disable_rule(self, rule_id: str) -> AlertRule:
        """Stop a rule from watching; a second time changes nothing. Raises NotFound."""
        return self.change_rule(rule_id, enabled=False)

    def acknowledge(self, alert_id: str) -> Alert:
        """Mark an alert as seen. Raises NotFound, NotAllowed."""
        return self._on_alert(alert_id, lambda alert: alert.acknowledge(now=self._clock.now()))

    def resolve(self, alert_id: str) -> Alert:
        """Mark an alert as over. Raises NotFound."""
        return self._on_alert(alert_id, lambda alert: alert.resolve(now=self._clock.now()))

    def silence(self, alert_id: str, minutes: int) -> Alert:
        """Keep an alert quiet for some minutes. Raises NotFound, NotAllowed, InvalidValue."""
        return self._on_alert(alert_id, lambda alert: alert.silence(minutes, now=self._clock.now()))

    def watchlist(self, as_of: datetime | None = None) -> Watchlist:
        """The watched pairs; none where the list cannot be read."""
        return next(iter(folded(self._alerts.streams(WATCHLIST_ID, as_of=as_of), fold_watchlist)), Watchlist())

    def watch(self, pair: Pair) -> Watchlist:
        """Put a pair onto the watchlist."""
        return self._on_watchlist(lambda watchlist, now: watchlist.watch(pair, now=now, origin=self._origin))

    def unwatch(self, pair: Pair) -> Watchlist:
        """Take a pair off the watchlist."""
        return self._on_watchlist(lambda watchlist, now: watchlist.unwatch(pair, now=now, origin=self._origin))

    def _on_rule(self, rule_id: str, decide: Callable[[AlertRule], list[Event]]) -> AlertRule:
        stream = f"rule:{rule_id}"
        with self._store.begin() as tx:
            rule = fold_rule(tx.load(stream))
            if rule is None:
                raise NotFound(f"there is no alert rule '{rule_id[:40]}'")
            events = decide(rule)
            tx.append(stream, events, expected_version=rule.version)
        for event in events:
            rule = evolve_rule(rule, event)
        if events:
            self._changed()
        return rule

    def _on_alert(self, alert_id: str, decide: Callable[[Alert], list[Event]]) -> Alert:
        stream = f"alert:{alert_id}"
        with self._store.begin() as tx:
            alert = fold_alert(tx.load(stream))
            if alert is None:
                raise NotFound(f"there is no alert '{alert_id[:40]}'")
            events = decide(alert)
            tx.append(stream, events, expected_version=alert.version)
            for event in events:
                alert = evolve_alert(alert, event)
            tx.put_alerts([alert])
        self._changed()
        return alert

    def _on_watchlist(self, decide: Callable[[Watchlist, datetime], list[Event]]) -> Watchlist:
        with self._store.begin() as tx:
            watchlist = fold_watchlist(tx.load(WATCHLIST_ID))
            events = decide(watchlist, self._clock.now())
            tx.append(WATCHLIST_ID, events, expected_version=watchlist.version)
        for event in events:
            watchlist = evolve_watchlist(watchlist, event)
        self._changed()
        return watchlist
