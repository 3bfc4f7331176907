"""Alert rules: an event-sourced aggregate. Commands decide and return events; `evolve` folds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, TypedDict

from domain.alerting.kinds import Kind, kind_named
from domain.errors import ConcurrencyError, InvalidValue
from domain.event import Event, Fields, Upcast
from domain.numbering import cannot_follow, must_follow
from domain.values import Origin, Pair

MOST_CHANNELS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleEvent(Event):
    """Something that happened to one rule, the `sequence`th thing (from 1) to do so."""

    rule_id: str
    sequence: int

    @property
    def event_id(self) -> str:
        """`rule:ID:3`."""
        return f"rule:{self.rule_id}:{self.sequence}"

    @property
    def key(self) -> str:
        """In order within a rule."""
        return f"rule:{self.rule_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """What a rule watches for: `threshold_pct` and `window_s` mean what its kind says (see kinds.py).

    `pair` None means every pair. `notify` are the ids of the channels that its alerts are sent to. Raises InvalidValue, naming the field, for terms that cannot be watched for.
    """

    title: str
    kind: str
    pair: Pair | None
    threshold_pct: Decimal
    window_s: int
    notify: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.title.strip()) <= 200 or not self.title.isprintable():
            raise InvalidValue("name", "name must have 1 to 200 printable characters")
        if len(self.notify) > MOST_CHANNELS or len(set(self.notify)) < len(self.notify):
            raise InvalidValue("notify", f"notify names at most {MOST_CHANNELS} channels, each once")
        self.watches.check(self.threshold_pct, self.window_s)

    @property
    def watches(self) -> Kind:
        """The kind itself."""
        return kind_named(self.kind)


def _that_watches(fields: Fields) -> Fields:
    """A rule of version 1 watched as soon as it was created or changed."""
    return {**fields, "enabled": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleCreated(AlertRuleEvent):
    """There is a rule; it watches if it is `enabled`."""

    name: ClassVar[str] = "alert-rule-created"
    version: ClassVar[int] = 2
    upcasts: ClassVar[Mapping[int, Upcast]] = MappingProxyType({1: _that_watches})
    terms: RuleTerms
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleChanged(AlertRuleEvent):
    """A rule got other terms, and watches by them if it is `enabled`."""

    name: ClassVar[str] = "alert-rule-changed"
    version: ClassVar[int] = 2
    upcasts: ClassVar[Mapping[int, Upcast]] = MappingProxyType({1: _that_watches})
    terms: RuleTerms
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleEnabled(AlertRuleEvent):
    """A rule watches again."""

    name: ClassVar[str] = "alert-rule-enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleDisabled(AlertRuleEvent):
    """A rule stopped watching. It stays, for the alerts that it raised."""

    name: ClassVar[str] = "alert-rule-disabled"


class _Following(TypedDict):
    rule_id: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """A rule's present state; `version` counts its events."""

    rule_id: str
    terms: RuleTerms
    enabled: bool
    version: int
    recorded_at: datetime
    origin: Origin

    def change(self, terms: RuleTerms, *, enabled: bool, now: datetime) -> list[Event]:
        """Give the rule other terms, and switch it on or off, in one event; none where nothing would change."""
        following: _Following = {
            "rule_id": self.rule_id, "sequence": self.version + 1, "occurred_at": now, "recorded_at": now,
            "origin": self.origin,
        }  # fmt: skip
        if terms != self.terms:
            return [AlertRuleChanged(terms=terms, enabled=enabled, **following)]
        if enabled == self.enabled:
            return []
        return [AlertRuleEnabled(**following) if enabled else AlertRuleDisabled(**following)]


class StaleRule(ConcurrencyError):
    """Somebody else changed the rule after the editor had read it; `present` is the rule as it stands now."""

    def __init__(self, present: AlertRule, seen: int) -> None:
        super().__init__(
            f"alert rule '{present.terms.title}' has been changed meanwhile: it is at version {present.version}, and the "
            f"change was made on version {seen}. Look at the present rule, and send the change with its version"
        )
        self.present = present


def create_rule(rule_id: str, terms: RuleTerms, *, now: datetime, origin: Origin, enabled: bool = True) -> list[Event]:
    """Begin a rule; one that is not `enabled` does not watch."""
    return [
        AlertRuleCreated(
            rule_id=rule_id, sequence=1, terms=terms, enabled=enabled, occurred_at=now, recorded_at=now, origin=origin
        )
    ]


def evolve_rule(rule: AlertRule | None, event: Event) -> AlertRule:
    """Fold one event into a rule's state. Raises BrokenStream for an event that does not come next."""
    version = rule.version if rule else 0
    if isinstance(event, AlertRuleEvent):
        must_follow(event.name, event.sequence, event.key, version)
    match event:
        case AlertRuleCreated() if rule is None:
            return AlertRule(
                rule_id=event.rule_id, terms=event.terms, enabled=event.enabled, version=1,
                recorded_at=event.recorded_at, origin=event.origin,
            )  # fmt: skip
        case AlertRuleChanged() if rule:
            return replace(
                rule, terms=event.terms, enabled=event.enabled, version=version + 1, recorded_at=event.recorded_at
            )
        case AlertRuleEnabled() if rule:
            return replace(rule, enabled=True, version=version + 1, recorded_at=event.recorded_at)
        case AlertRuleDisabled() if rule:
            return replace(rule, enabled=False, version=rule.version + 1, recorded_at=event.recorded_at)
    raise cannot_follow(event.name, "an alert rule", version)


def fold_rule(events: Iterable[Event]) -> AlertRule | None:
    """The state after all of a rule's events; None without any."""
    rule = None
    for event in events:
        rule = evolve_rule(rule, event)
    return rule
