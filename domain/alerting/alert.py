"""Alerts: an event-sourced aggregate, from being raised to being resolved."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, TypedDict

from domain.alerting.detector import Sighting
from domain.alerting.rule import AlertRule
from domain.errors import InvalidValue, NotAllowed
from domain.event import Event
from domain.numbering import cannot_follow, must_follow
from domain.values import Origin, Pair, exact, positive


class AlertStatus(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent(Event):
    """Something that happened to one alert, the `sequence`th thing (from 1) to do so."""

    alert_id: str
    sequence: int

    @property
    def event_id(self) -> str:
        """`alert:ID:1`."""
        return f"alert:{self.alert_id}:{self.sequence}"

    @property
    def key(self) -> str:
        """In order within an alert."""
        return f"alert:{self.alert_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(AlertEvent):
    """A rule saw what it watches for. `occurred_at` is the time of what triggered it: a trade, a ticker, an article's
    recording, a forecast's target; or when a silence became too long.

    `pct_change` is the signed change of what the kind watches, in percent. `price` is the pair's last price then, and
    `reference_price` the one to compare it with. `observed` and `usual` are what was measured and what it is compared
    with, in the kind's own unit (see kinds.py); None where the prices say it all. `held_back` is how often the rule saw it
    on this pair since its last alert, without raising one.
    Raises InvalidValue for a price that is not above zero, or a number that does not fit decimal(38,18).
    """

    name: ClassVar[str] = "alert-raised"
    rule_id: str
    pair: Pair
    kind: str
    pct_change: Decimal
    price: Decimal
    reference_price: Decimal
    window_s: int
    observed: Decimal | None = None
    usual: Decimal | None = None
    held_back: int = 0

    def __post_init__(self) -> None:
        positive(self.price, "price")
        positive(self.reference_price, "reference_price")
        exact(self.pct_change, "pct_change")
        for field in ("observed", "usual"):
            value: Decimal | None = getattr(self, field)
            if value is not None:
                exact(value, field)

    @property
    def key(self) -> str:
        """Raised alerts go out in order within a pair."""
        return self.pair


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged(AlertEvent):
    """Somebody has seen the alert."""

    name: ClassVar[str] = "alert-acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved(AlertEvent):
    """The alert is over."""

    name: ClassVar[str] = "alert-resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSilenced(AlertEvent):
    """The alert shall not be notified of until `until`."""

    name: ClassVar[str] = "alert-silenced"
    until: datetime


class _Next(TypedDict):
    alert_id: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert's present state; `version` counts its events, `recorded_at` is the latest one's."""

    raised: AlertRaised
    status: AlertStatus
    silenced_until: datetime | None
    version: int
    recorded_at: datetime

    def at(self, now: datetime) -> "Alert":
        """The alert as it stands then: when its silence has ended, it is raised again."""
        is_over = self.status is AlertStatus.SILENCED and self.silenced_until is not None and self.silenced_until <= now
        return replace(self, status=AlertStatus.RAISED) if is_over else self

    def acknowledge(self, *, now: datetime) -> list[Event]:
        """Mark as seen. Raises NotAllowed for a resolved alert; a second time changes nothing."""
        self._must_be_open("acknowledged")
        if self.status is AlertStatus.ACKNOWLEDGED:
            return []
        return [AlertAcknowledged(**self._next(now))]

    def resolve(self, *, now: datetime) -> list[Event]:
        """Mark as over; a second time changes nothing."""
        if self.status is AlertStatus.RESOLVED:
            return []
        return [AlertResolved(**self._next(now))]

    def silence(self, minutes: int, *, now: datetime) -> list[Event]:
        """Keep quiet for 1 to 10080 minutes. Raises InvalidValue beyond, NotAllowed for a resolved alert."""
        if not 1 <= minutes <= 10_080:
            raise InvalidValue("minutes", f"minutes is {minutes}: expected 1 to 10080 (a week)")
        self._must_be_open("silenced")
        return [AlertSilenced(until=now + timedelta(minutes=minutes), **self._next(now))]

    def _must_be_open(self, wish: str) -> None:
        if self.status is AlertStatus.RESOLVED:
            raise NotAllowed(f"alert {self.raised.alert_id} is resolved and can no longer be {wish}")

    def _next(self, now: datetime) -> _Next:
        return {
            "alert_id": self.raised.alert_id,
            "sequence": self.version + 1,
            "occurred_at": now,
            "recorded_at": now,
            "origin": self.raised.origin,
        }


_MOST = Decimal(10**15)


def raise_alert(rule: AlertRule, pair: Pair, seen: Sighting) -> AlertRaised:
    """The alert of `rule` on `pair`. Its id comes from both and from what triggered it: seen again, it is the same alert.

    Numbers beyond 10^15, as between a price of 10^-18 and any other, are given as 10^15.
    """
    return AlertRaised(
        alert_id=hashlib.sha256(f"{rule.rule_id}|{pair}|{seen.trigger}".encode()).hexdigest()[:20],
        sequence=1,
        rule_id=rule.rule_id,
        pair=pair,
        kind=rule.terms.kind,
        pct_change=_within_reason(seen.pct_change),
        price=seen.price,
        reference_price=seen.reference_price,
        window_s=rule.terms.window_s,
        observed=None if seen.observed is None else _within_reason(seen.observed),
        usual=None if seen.usual is None else _within_reason(seen.usual),
        held_back=seen.held_back,
        occurred_at=seen.occurred_at,
        recorded_at=seen.recorded_at,
        origin=seen.origin,
    )


def _within_reason(value: Decimal) -> Decimal:
    return max(-_MOST, min(_MOST, value))


def evolve_alert(alert: Alert | None, event: Event) -> Alert:
    """Fold one event into an alert's state. Raises BrokenStream for an event that does not come next."""
    version = alert.version if alert else 0
    if isinstance(event, AlertEvent):
        must_follow(event.name, event.sequence, f"alert:{event.alert_id}", version)
    version += 1
    if alert is None:
        if isinstance(event, AlertRaised):
            return Alert(
                raised=event, status=AlertStatus.RAISED, silenced_until=None, version=1, recorded_at=event.recorded_at
            )
        raise cannot_follow(event.name, "an alert", 0)
    match event:
        case AlertAcknowledged():
            return replace(alert, status=AlertStatus.ACKNOWLEDGED, version=version, recorded_at=event.recorded_at)
        case AlertResolved():
            return replace(alert, status=AlertStatus.RESOLVED, version=version, recorded_at=event.recorded_at)
        case AlertSilenced():
            return replace(
                alert, status=AlertStatus.SILENCED, silenced_until=event.until, version=version,
                recorded_at=event.recorded_at,
            )  # fmt: skip
    raise cannot_follow(event.name, "an alert", alert.version)


def fold_alert(events: Iterable[Event]) -> Alert | None:
    """The state after all of an alert's events; None without any."""
    alert = None
    for event in events:
        alert = evolve_alert(alert, event)
    return alert
