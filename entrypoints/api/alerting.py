"""Alerting's room: alerts, alert rules, the watchlist. Commands are guarded (see guards.py)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody, QueryParameter

from domain.alerting.alert import AlertStatus, evolve_alert
from domain.alerting.kinds import KINDS, kind_named
from domain.alerting.rule import AlertRule, RuleTerms
from domain.errors import NotFound
from domain.values import parse_time
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.needs import Need
from entrypoints.api.params import (
    AsOf,
    Limit,
    PageCursor,
    PairPath,
    PairQuery,
    Session,
    WindowOf,
    in_order,
    page_of,
    read_collected_pair,
    read_optional_pair,
    read_pair,
    read_status,
    read_text,
    read_time,
)
from entrypoints.api.routes import amend, change, command, create, read, remove
from entrypoints.api.rows.alerting import (
    AlertPage,
    AlertPreview,
    AlertRow,
    AlertRulePage,
    AlertRuleRow,
    RuleKindPage,
    WatchedPairRow,
    WatchlistPage,
    alert_row,
    kind_row,
    rule_row,
    watched_row,
)
from entrypoints.api.rows.times import rfc3339_or_null
from entrypoints.api.services import Services

StatusQuery = Annotated[str | None, QueryParameter(schema_extra={"enum": [status.value for status in AlertStatus]})]


class RuleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a rule watches for. What `threshold_pct` and `window_s` mean, and their bounds, depends on the kind: see
    `alert-rules/kinds/`. `pair` null: any pair. A kind without threshold leaves it out. `notify`: the ids of the channels
    (`admin/channels/`) that its alerts are sent to; left out, a new rule has none, and a changed one keeps its own.
    `enabled`: whether it watches.
    """

    name: str
    kind: str
    window_s: int
    threshold_pct: Decimal | None = None
    pair: str | None = None
    notify: list[str] | None = None
    enabled: bool = True


class ChangedRuleBody(RuleBody, kw_only=True, forbid_unknown_fields=True):
    """The same. `version` is that of the row that was edited: where the rule has another by now, the answer is 409 with the
    `present` row. Left out, whatever is there is replaced.
    """

    version: int | None = None


class AmendedRuleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to become different of a rule; what is left out stays. `version` as in a whole change."""

    name: str | None = None
    kind: str | None = None
    window_s: int | None = None
    threshold_pct: Decimal | None = None
    pair: str | msgspec.UnsetType | None = msgspec.UNSET
    notify: list[str] | None = None
    enabled: bool | None = None
    version: int | None = None


class PreviewBody(RuleBody, kw_only=True, forbid_unknown_fields=True):
    """The same, and over which time: `start` inclusive, `end` exclusive, RFC 3339. It needs no name."""

    name: str = ""
    start: str
    end: str


class SilenceBody(msgspec.Struct, forbid_unknown_fields=True):
    """For how long to keep quiet, in minutes, 1 to 10080."""

    minutes: int


class WatchBody(msgspec.Struct, forbid_unknown_fields=True):
    """A pair, such as BTC-USD."""

    pair: str


class AlertController(Controller):
    """Alerts, and what people do with them."""

    path = "/alerts"
    tags = ["alerting"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Alerts")
    def alerts(
        self, services: Session, window: WindowOf, status: StatusQuery = None, pair: PairQuery = None
    ) -> AlertPage:
        """Newest first by what triggered them. One whose silence has ended is raised again."""
        page = services.alerts.alerts(
            window, status=read_status(status), pair=read_optional_pair(services, pair), now=services.clock.now()
        )
        return AlertPage([alert_row(alert) for alert in page.items], page.next_cursor)

    @command("/{alert_id:str}/acknowledge", summary="Mark an alert as seen")
    def acknowledge(self, services: Session, alert_id: FromPath[str]) -> AlertRow:
        """A second time changes nothing; a resolved alert answers 409."""
        return alert_row(services.commands.acknowledge(alert_id))

    @command("/{alert_id:str}/resolve", summary="Mark an alert as over")
    def resolve(self, services: Session, alert_id: FromPath[str]) -> AlertRow:
        """A second time changes nothing."""
        return alert_row(services.commands.resolve(alert_id))

    @command("/{alert_id:str}/silence", summary="Keep an alert quiet")
    def silence(
        self, request: Request[Any, Any, Any], services: Session, alert_id: FromPath[str], data: JSONBody[SilenceBody]
    ) -> AlertRow:
        """For 1 to 10080 minutes; a resolved alert answers 409."""
        audited(request, target=alert_id, detail=f"for {data.minutes} minutes")
        return alert_row(services.commands.silence(alert_id, data.minutes))


class AlertRuleController(Controller):
    """Alert rules."""

    path = "/alert-rules"
    tags = ["alerting"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="Alert rules")
    def rules(
        self, services: Session, as_of: AsOf = None, limit: Limit = 100, cursor: PageCursor = None
    ) -> AlertRulePage:
        """In the order of their creation, disabled ones too."""
        rules = services.commands.rules(read_time(as_of, "as_of"))
        page = page_of(rules, limit, read_text(cursor, "cursor"))
        return AlertRulePage([rule_row(rule) for rule in page.items], page.next_cursor)

    @read("/kinds", summary="What rules can watch for")
    def kinds(self, limit: Limit = 100, cursor: PageCursor = None) -> RuleKindPage:
        """Each kind, what its parameters mean, and what they may be."""
        page = page_of(list(KINDS.values()), limit, read_text(cursor, "cursor"))
        return RuleKindPage([kind_row(kind) for kind in page.items], page.next_cursor)

    @read("/{rule_id:str}", summary="One alert rule")
    def rule(self, services: Session, rule_id: FromPath[str]) -> AlertRuleRow:
        """By its `id`."""
        return rule_row(_find(services.commands.rules(), rule_id))

    @create(summary="Create an alert rule")
    def create_rule(self, request: Request[Any, Any, Any], services: Session, data: JSONBody[RuleBody]) -> AlertRuleRow:
        """It watches from now on, or from when it is enabled."""
        rule = services.commands.create_rule(_terms(services, data), enabled=data.enabled)
        audited(request, target=rule.rule_id, detail=rule.terms.title)
        return rule_row(rule)

    @change("/{rule_id:str}", summary="Change an alert rule")
    def change_rule(
        self,
        request: Request[Any, Any, Any],
        services: Session,
        rule_id: FromPath[str],
        data: JSONBody[ChangedRuleBody],
    ) -> AlertRuleRow:
        """Other terms, switched on or off, in one step; nothing happens where nothing would change."""
        audited(request, target=rule_id, detail=f"{data.name}, {'enabled' if data.enabled else 'disabled'}")
        return rule_row(
            services.commands.change_rule(
                rule_id,
                lambda present: _terms(services, data, present.notify),
                enabled=data.enabled,
                version=data.version,
            )
        )

    @amend("/{rule_id:str}", summary="Change some of an alert rule")
    def amend_rule(
        self,
        request: Request[Any, Any, Any],
        services: Session,
        rule_id: FromPath[str],
        data: JSONBody[AmendedRuleBody],
    ) -> AlertRuleRow:
        """What is left out stays: to switch a rule on or off, send `enabled` and `version` alone."""
        rule = services.commands.change_rule(
            rule_id,
            lambda present: _amended(services, data, present),
            enabled=data.enabled,
            version=data.version,
        )
        audited(request, target=rule_id, detail=f"{rule.terms.title}, {'enabled' if rule.enabled else 'disabled'}")
        return rule_row(rule)

    @remove("/{rule_id:str}", summary="Disable an alert rule", status_code=200)
    def disable_rule(self, services: Session, rule_id: FromPath[str]) -> AlertRuleRow:
        """It stays, for the alerts that it raised; a second time changes nothing."""
        return rule_row(services.commands.disable_rule(rule_id))

    @command("/preview", summary="What a rule would have raised", opt={"needs": Need.READING})
    def preview(self, services: Session, data: JSONBody[PreviewBody]) -> AlertPreview:
        """On what is stored of `start` to `end`, oldest first: the first 1000, and how many they all are."""
        start, end = parse_time(data.start, "start"), parse_time(data.end, "end")
        in_order(start, end)
        data.name = data.name.strip() or "Preview"
        found = services.preview.of(_terms(services, data), start, end)
        rows = [alert_row(evolve_alert(None, event)) for event in found.raised]
        return AlertPreview(rows, found.count, rfc3339_or_null(found.known_from))


class WatchlistController(Controller):
    """The watchlist."""

    path = "/watchlist"
    tags = ["alerting"]  # noqa: RUF012 - Litestar reads it as it stands

    @read(summary="The watchlist")
    def watchlist(
        self, services: Session, as_of: AsOf = None, limit: Limit = 100, cursor: PageCursor = None
    ) -> WatchlistPage:
        """In the order in which pairs were added."""
        pairs = services.commands.watchlist(read_time(as_of, "as_of")).pairs
        page = page_of(pairs, limit, read_text(cursor, "cursor"))
        return WatchlistPage([watched_row(watched) for watched in page.items], page.next_cursor)

    @create(summary="Watch a pair")
    def watch(self, request: Request[Any, Any, Any], services: Session, data: JSONBody[WatchBody]) -> WatchedPairRow:
        """One that is on the list stays where it is."""
        pair = read_collected_pair(services, data.pair)
        audited(request, target=pair)
        return watched_row(next(w for w in services.commands.watch(pair).pairs if w.pair == pair))

    @remove("/{pair:str}", summary="Stop watching a pair")
    def unwatch(self, services: Session, pair: PairPath) -> None:
        """One that is not on the list changes nothing."""
        services.commands.unwatch(read_pair(services, pair))


def _terms(services: Services, body: RuleBody, notify: tuple[str, ...] = ()) -> RuleTerms:
    return RuleTerms(
        title=body.name,
        kind=body.kind,
        pair=None if body.pair is None else read_collected_pair(services, body.pair),
        threshold_pct=kind_named(body.kind).threshold_of(body.threshold_pct),
        window_s=body.window_s,
        notify=notify if body.notify is None else tuple(body.notify),
    )


def _amended(services: Services, body: AmendedRuleBody, present: RuleTerms) -> RuleTerms:
    kind = present.kind if body.kind is None else body.kind
    threshold = body.threshold_pct
    if threshold is None:
        threshold = present.threshold_pct if kind == present.kind else kind_named(kind).threshold_of(None)
    return RuleTerms(
        title=present.title if body.name is None else body.name,
        kind=kind,
        pair=present.pair if body.pair is msgspec.UNSET else read_optional_pair(services, body.pair),
        threshold_pct=threshold,
        window_s=present.window_s if body.window_s is None else body.window_s,
        notify=present.notify if body.notify is None else tuple(body.notify),
    )


def _find(rules: Sequence[AlertRule], rule_id: str) -> AlertRule:
    for rule in rules:
        if rule.rule_id == rule_id:
            return rule
    raise NotFound(f"there is no alert rule '{rule_id[:40]}'")
