from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.alerting.alert import Alert, AlertStatus, evolve_alert, fold_alert, raise_alert
from domain.alerting.detector import Sighting
from domain.alerting.rule import RuleTerms, create_rule, evolve_rule, fold_rule
from domain.alerting.watchlist import Watchlist, evolve_watchlist, fold_watchlist
from domain.errors import InvalidValue, NotAllowed
from domain.event import Event
from domain.values import Origin, Pair

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC, ETH = Pair("BTC/USD"), Pair("ETH/USD")
TERMS = RuleTerms(title="1 %", kind="price-move", pair=None, threshold_pct=Decimal(1), window_s=300)


def sighting(pct_change: str, trigger: str = "kraken:BTC/USD:7") -> Sighting:
    return Sighting(
        trigger=trigger, pct_change=Decimal(pct_change), price=Decimal(102), reference_price=Decimal(100),
        occurred_at=NOW, recorded_at=NOW, origin=Origin.LIVE,
    )  # fmt: skip


def test_a_rule_lives_by_its_events() -> None:
    events = create_rule("r", TERMS, now=NOW, origin=Origin.LIVE)
    rule = fold_rule(events)
    assert rule and rule.enabled and rule.version == 1
    events += rule.change(TERMS, enabled=False, now=NOW)
    rule = fold_rule(events)
    assert rule and not rule.enabled
    assert rule.change(TERMS, enabled=False, now=NOW) == [], "nothing would change"
    events += rule.change(replace(TERMS, window_s=60), enabled=False, now=NOW)
    rule = fold_rule(events)
    assert rule and (rule.enabled, rule.terms.window_s) == (False, 60), "edited while it is off, it stays off"
    events += rule.change(rule.terms, enabled=True, now=NOW)
    rule = fold_rule(events)
    assert rule and rule.enabled and rule.version == 4
    assert rule.change(rule.terms, enabled=True, now=NOW) == [], "nothing would change"
    assert [event.event_id for event in events] == ["rule:r:1", "rule:r:2", "rule:r:3", "rule:r:4"]


def test_a_rule_that_is_created_disabled_never_watches() -> None:
    rule = fold_rule(create_rule("r", TERMS, now=NOW, origin=Origin.LIVE, enabled=False))
    assert rule and not rule.enabled


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title": " "}, "name"), ({"title": "a\x1b[31m"}, "name"), ({"kind": "x"}, "kind"), ({"threshold_pct": Decimal(0)}, "threshold_pct"),
     ({"threshold_pct": Decimal("NaN")}, "threshold_pct"), ({"threshold_pct": Decimal(1001)}, "threshold_pct"),
     ({"window_s": 0}, "window_s"), ({"window_s": 90_000}, "window_s")],
)  # fmt: skip
def test_terms_that_cannot_be_watched_for_are_refused_by_field(changes: dict[str, object], field: str) -> None:
    terms: dict[str, object] = {
        "title": "t",
        "kind": "price-move",
        "pair": None,
        "threshold_pct": Decimal(1),
        "window_s": 60,
    }
    with pytest.raises(InvalidValue) as refused:
        RuleTerms(**{**terms, **changes})  # type: ignore[arg-type]
    assert refused.value.field == field


def test_an_alert_from_raised_to_resolved() -> None:
    rule = evolve_rule(None, create_rule("r", TERMS, now=NOW, origin=Origin.LIVE)[0])
    raised = raise_alert(rule, BTC, sighting("2"))
    assert raised.alert_id == raise_alert(rule, BTC, sighting("3")).alert_id
    others = [raise_alert(rule, ETH, sighting("2")), raise_alert(rule, BTC, sighting("2", trigger="another"))]
    assert len({raised.alert_id, *(other.alert_id for other in others)}) == 3
    alert = evolve_alert(None, raised)
    steps: list[tuple[Callable[[Alert], list[Event]], AlertStatus]] = [
        (lambda a: a.acknowledge(now=NOW), AlertStatus.ACKNOWLEDGED),
        (lambda a: a.silence(30, now=NOW), AlertStatus.SILENCED),
        (lambda a: a.resolve(now=NOW), AlertStatus.RESOLVED),
    ]
    events: list[Event] = [raised]
    for act, status in steps:
        decided = act(alert)
        events += decided
        for event in decided:
            alert = evolve_alert(alert, event)
        assert alert.status is status
    assert fold_alert(events) == alert
    assert alert.silenced_until == NOW + timedelta(minutes=30)
    assert alert.resolve(now=NOW) == []
    with pytest.raises(NotAllowed, match="is resolved"):
        alert.acknowledge(now=NOW)
    with pytest.raises(NotAllowed, match="is resolved"):
        alert.silence(5, now=NOW)


def test_numbers_without_bounds_are_cut() -> None:
    rule = evolve_rule(None, create_rule("r", TERMS, now=NOW, origin=Origin.LIVE)[0])
    assert raise_alert(rule, BTC, sighting("-1E+40")).pct_change == -(10**15)


def test_silence_has_bounds() -> None:
    rule = evolve_rule(None, create_rule("r", TERMS, now=NOW, origin=Origin.LIVE)[0])
    alert = evolve_alert(None, raise_alert(rule, BTC, sighting("2")))
    for minutes in (0, -1, 10_081):
        with pytest.raises(InvalidValue, match="expected 1 to 10080"):
            alert.silence(minutes, now=NOW)


def test_the_watchlist_keeps_its_order_and_each_pair_once() -> None:
    watchlist, events = Watchlist(), []
    for pair in (ETH, BTC, ETH):
        decided = watchlist.watch(pair, now=NOW, origin=Origin.LIVE)
        events += decided
        for event in decided:
            watchlist = evolve_watchlist(watchlist, event)
    assert [watched.pair for watched in watchlist.pairs] == [ETH, BTC]
    events += watchlist.unwatch(ETH, now=NOW, origin=Origin.LIVE)
    watchlist = fold_watchlist(events)
    assert [watched.pair for watched in watchlist.pairs] == [BTC]
    assert watchlist.version == len(events) == 3
    assert watchlist.unwatch(ETH, now=NOW, origin=Origin.LIVE) == []
