"""Rows of alerts, alert rules and the watchlist."""

import msgspec

from domain.alerting.alert import Alert, AlertStatus
from domain.alerting.kinds import Kind
from domain.alerting.rule import AlertRule
from domain.alerting.watchlist import WatchedPair
from domain.values import Origin, plain, rfc3339
from entrypoints.api.rows.numbers import plain_or_null
from entrypoints.api.rows.times import rfc3339_or_null


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert: `pct_change` is the signed change of what its kind watches, in percent. `price` is the pair's last one
    then, `reference_price` the one to compare it with; `observed` and `usual` are what was measured and what it is
    compared with, as `alert-rules/kinds/` says, or null where the prices say it all. `held_back`: how often the rule saw it
    on this pair since its last alert, without raising one.
    """

    id: str
    pair: str
    rule_id: str
    alert_id: str
    kind: str
    pct_change: str
    price: str
    reference_price: str
    window_s: int
    observed: str | None
    usual: str | None
    held_back: int
    timestamp: str
    status: AlertStatus
    silenced_until: str | None
    event_id: str
    origin: Origin
    recorded_at: str


class AlertPage(msgspec.Struct, frozen=True):
    """Alerts, newest first."""

    items: list[AlertRow]
    next_cursor: str | None


class AlertPreview(msgspec.Struct, frozen=True):
    """What a rule would have raised, oldest first: the first 1000 of `count`.

    `known_from` is the first of what the rule watches that is stored; null where nothing is. Before it nothing was looked at.
    """

    items: list[AlertRow]
    count: int
    known_from: str | None


class AlertRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; `pair` null means all pairs, `notify` are the channels told of its alerts, `version` counts its changes."""

    id: str
    name: str
    kind: str
    pair: str | None
    threshold_pct: str
    window_s: int
    notify: list[str]
    enabled: bool
    version: int
    origin: Origin
    recorded_at: str


class AlertRulePage(msgspec.Struct, frozen=True):
    """Alert rules in the order of their creation."""

    items: list[AlertRuleRow]
    next_cursor: str | None


class ThresholdCell(msgspec.Struct, frozen=True, kw_only=True):
    """What `threshold_pct` means: above zero and at most `most`; with `default`, zero too, and it may be left out."""

    meaning: str
    most: str
    default: str | None


class WindowCell(msgspec.Struct, frozen=True, kw_only=True):
    """What `window_s` means: `shortest` to `longest` seconds, or `one_of` these where that is not null."""

    meaning: str
    shortest: int
    longest: int
    one_of: list[int] | None


class RuleKindRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of rule; `threshold_pct` null: it has none. `pct_change`, `observed`: what these say in its alerts."""

    kind: str
    meaning: str
    threshold_pct: ThresholdCell | None
    window_s: WindowCell
    pct_change: str
    observed: str | None


class RuleKindPage(msgspec.Struct, frozen=True):
    """All kinds of rules."""

    items: list[RuleKindRow]
    next_cursor: str | None


class WatchedPairRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pair on the watchlist, and since when."""

    pair: str
    origin: Origin
    recorded_at: str


class WatchlistPage(msgspec.Struct, frozen=True):
    """The watchlist, in the order in which pairs were added."""

    items: list[WatchedPairRow]
    next_cursor: str | None


def alert_row(alert: Alert) -> AlertRow:
    """An alert's state as a row."""
    raised = alert.raised
    return AlertRow(
        id=raised.alert_id,
        pair=str(raised.pair),
        rule_id=raised.rule_id,
        alert_id=raised.alert_id,
        kind=raised.kind,
        pct_change=plain(raised.pct_change),
        price=plain(raised.price),
        reference_price=plain(raised.reference_price),
        window_s=raised.window_s,
        observed=plain_or_null(raised.observed),
        usual=plain_or_null(raised.usual),
        held_back=raised.held_back,
        timestamp=rfc3339(raised.occurred_at),
        status=alert.status,
        silenced_until=rfc3339_or_null(alert.silenced_until),
        event_id=raised.event_id,
        origin=raised.origin,
        recorded_at=rfc3339(alert.recorded_at),
    )


def rule_row(rule: AlertRule) -> AlertRuleRow:
    """A rule's state as a row."""
    return AlertRuleRow(
        id=rule.rule_id,
        name=rule.terms.title,
        kind=rule.terms.kind,
        pair=None if rule.terms.pair is None else str(rule.terms.pair),
        threshold_pct=plain(rule.terms.threshold_pct),
        window_s=rule.terms.window_s,
        notify=list(rule.terms.notify),
        enabled=rule.enabled,
        version=rule.version,
        origin=rule.origin,
        recorded_at=rfc3339(rule.recorded_at),
    )


def kind_row(kind: Kind) -> RuleKindRow:
    """A kind as a row."""
    threshold, one_of = kind.threshold, list(kind.windows_s)
    return RuleKindRow(
        kind=kind.name,
        meaning=kind.meaning,
        threshold_pct=None
        if threshold is None
        else ThresholdCell(
            meaning=threshold.meaning, most=plain(threshold.most), default=plain_or_null(threshold.default)
        ),
        window_s=WindowCell(
            meaning=kind.window,
            shortest=min(one_of, default=kind.shortest_s),
            longest=max(one_of, default=kind.longest_s),
            one_of=one_of or None,
        ),
        pct_change=kind.pct_change,
        observed=kind.observed,
    )


def watched_row(watched: WatchedPair) -> WatchedPairRow:
    """A watched pair as a row."""
    return WatchedPairRow(pair=str(watched.pair), origin=watched.origin, recorded_at=rfc3339(watched.recorded_at))
