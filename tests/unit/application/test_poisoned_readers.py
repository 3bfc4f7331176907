"""A record that one reader of the log cannot process becomes that reader's dead letter; the reader goes on after it."""

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from application.alerting.panel import detector_of
from application.alerting.relay import EVENT_STORE, Relay
from application.analytics.sentiment import SentimentScoring
from application.ports.event_log import BEGINNING, Recorded
from application.ports.page import Window
from application.ports.sentiment_model import Verdict
from application.store import StoreProjection
from application.topics import ANALYTICS_EVENTS, DEAD_LETTERS
from domain.alerting.detector import Detector
from domain.alerting.rule import AlertRule, RuleTerms
from domain.alerting.voice import Voice
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.builders import SCORER, article, at
from tests.poison import Poison, PoisonedStore
from tests.unit.application.conftest import World
from tests.unit.application.test_alerting import price, watch_all


def letters(world: World, reader: str) -> list[DeadLettered]:
    """The dead letters of a reader in the log, each once."""
    with world.event_log.reader([DEAD_LETTERS], after=BEGINNING) as log_reader:
        events = [r.event for r in log_reader.read(limit=10_000, timeout_s=0) if isinstance(r, Recorded)]
    found = [event for event in events if isinstance(event, DeadLettered) and event.reader == reader]
    assert len({one.letter_id for one in found}) == len(found)
    return found


# --- alerting ---


class Fragile:
    """A detector that takes some trades halfway: it changes, and then fails."""

    def __init__(self, within: Detector, bad: Collection[int]) -> None:
        self.within = within
        self.bad = bad

    def observe(self, event: Event, *, timely: bool, price: Decimal | None) -> Any:
        is_bad = isinstance(event, TradeExecuted) and event.trade_id in self.bad
        if is_bad and isinstance(event, TradeExecuted):  # a price that would raise an alert, and hide the next one
            self.within.observe(replace(event, price=event.price * 3), timely=timely, price=price)
            raise Poison(f"trade {event.trade_id}")
        return self.within.observe(event, timely=timely, price=price)

    def again(self) -> None:
        self.within.again()

    def memory(self) -> Any:
        return self.within.memory()

    def remember(self, memory: Any) -> None:
        self.within.remember(memory)


def rule(world: World, title: str, **terms: Any) -> str:
    facts = {"kind": "price-move", "pair": None, "threshold_pct": Decimal(1), "window_s": 300, **terms}
    return world.commands.create_rule(RuleTerms(title=title, **facts)).rule_id


def break_detectors(monkeypatch: pytest.MonkeyPatch, bad: Collection[int], title: str) -> None:
    def made(rule: AlertRule) -> Voice:
        voice = detector_of(rule)
        if rule.terms.title == title:
            voice.detector = Fragile(voice.detector, bad)
        return voice

    monkeypatch.setattr("application.alerting.panel.detector_of", made)


def alerts(world: World) -> list[tuple[str, Decimal, Decimal]]:
    found = world.alerts.alerts(Window(limit=1000)).items
    return sorted((one.raised.rule_id, one.raised.price, one.raised.reference_price) for one in found)


def story() -> list[TradeExecuted]:
    """The price jumps by two percent every ten seconds, and returns."""
    return [price(n, n, "102" if n % 10 == 7 else "100") for n in range(1, 60)]


@pytest.mark.parametrize("bad", [[3], [8, 9, 30], list(range(1, 60, 2))], ids=["one", "three", "storm"])
def test_alerting_is_as_if_the_bad_trades_had_never_come_and_other_rules_see_them(
    new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch, bad: list[int]
) -> None:
    spared, poisoned = new_world(), new_world()
    for world in (spared, poisoned):
        fragile, sound = rule(world, "fragile"), rule(world, "sound", threshold_pct=Decimal("1.5"))
        world.relay.relay_pending()
        assert fragile != sound
    spared.event_log.append([one for one in story() if one.trade_id not in bad])
    watch_all(spared)
    wanted = [(title, *rest) for title, *rest in by_title(spared) if title == "fragile"]
    whole = new_world()
    rule(whole, "sound", threshold_pct=Decimal("1.5"))
    whole.event_log.append(story())
    watch_all(whole)
    wanted += by_title(whole)

    break_detectors(monkeypatch, bad, "fragile")
    poisoned.event_log.append(story())
    watch_all(poisoned)
    assert by_title(poisoned) == sorted(wanted)
    found = letters(poisoned, "alerting")
    assert [poisoned.event_log.codec.decode("rawtrade", one.raw) for one in found] == [
        one for one in story() if one.trade_id in bad
    ]
    assert all("Poison: trade" in one.reason for one in found)

    monkeypatch.undo()  # mended
    with poisoned.store.begin() as tx:
        assert tx.checkpoint("alerting")
    watch_all(poisoned)
    assert len(letters(poisoned, "alerting")) == len(bad), "a restart after mending fails on nothing"


def by_title(world: World) -> list[tuple[str, Decimal, Decimal]]:
    titles = {one.rule_id: one.terms.title for one in world.commands.rules()}
    return sorted((titles[rule_id], price, reference) for rule_id, price, reference in alerts(world))


@pytest.mark.parametrize(
    "state", ["", "[]", "{", '{"latest": {"BTC/USD": "yesterday"}}', '{"latest": {}, "memories": [7]}']
)
def test_a_checkpoint_that_cannot_be_read_is_left_behind(world: World, state: str) -> None:
    rule(world, "any")
    world.event_log.append(story()[:5])
    world.projection.catch_up()
    watch_all(world)
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE checkpoint SET state = :state WHERE reader = 'alerting'"), {"state": state})
    world.event_log.append(story()[5:])
    watch_all(world)
    assert alerts(world)
    assert letters(world, "alerting") == []


# --- sentiment ---


class Picky:
    """A model that fails on some titles."""

    identity = SCORER

    def __init__(self, bad: Collection[str]) -> None:
        self.bad = bad

    def score(self, title: str, text: str) -> Verdict:
        if title in self.bad:
            raise RecursionError(title)
        return Verdict(Decimal("0.5"), "positive")


def test_sentiment_scores_all_other_articles(world: World) -> None:
    articles = [article(str(n), title=f"Title {n}", occurred_at=at(n)) for n in range(40)]
    world.event_log.append(articles)
    model = Picky({"Title 3", "Title 17"})
    scoring = SentimentScoring(world.event_log, world.store, model, world.failed, world.clock)
    assert scoring.catch_up() == 40
    found = letters(world, f"sentiment:{SCORER.model}:{SCORER.version}")
    assert [world.event_log.codec.decode("rawarticle", one.raw) for one in found] == [articles[3], articles[17]]
    assert len(scored(world)) == 38
    model.bad = ()
    world.event_log.append([world.event_log.codec.decode("rawarticle", one.raw) for one in found])  # redriven
    scoring.catch_up()
    assert len(set(scored(world))) == 40


def scored(world: World) -> list[str]:
    with world.event_log.reader([ANALYTICS_EVENTS], after=BEGINNING) as reader:
        return [r.event.event_id for r in reader.read(limit=10_000, timeout_s=0) if isinstance(r, Recorded)]


# --- the relay ---


def test_the_relay_passes_what_it_cannot_read_or_append(world: World) -> None:
    first, unreadable, last = (rule(world, title) for title in ("first", "unreadable", "last"))
    with world.engine.begin() as connection:
        connection.execute(
            text("UPDATE event_store SET event_version = 99 WHERE stream = :stream"), {"stream": f"rule:{unreadable}"}
        )
    relay = Relay(world.event_log, world.store, world.failed, world.clock)
    assert relay.relay_pending() == 3
    [letter] = letters(world, "relay")
    assert (letter.place, letter.offset) == (EVENT_STORE, 2)
    assert unreadable.encode() in letter.raw
    relayed = [r.event.key for r in world.event_log.records() if r.topic == "alertevent"]
    assert relayed == [f"rule:{first}", f"rule:{last}"]
    assert relay.relay_pending() == 0


# --- dead letters that the log does not take ---


def test_a_letter_that_is_too_large_goes_without_its_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    append = world.event_log.append

    def bounded(events: Any) -> None:
        if any(isinstance(event, DeadLettered) and len(event.raw) > 100 for event in events):
            raise ValueError("too large")
        append(events)

    monkeypatch.setattr(world.event_log, "append", bounded)
    world.event_log.append([article("1", title="bad", content="x" * 200)])
    SentimentScoring(world.event_log, world.store, Picky({"bad"}), world.failed, world.clock).catch_up()
    [letter] = letters(world, f"sentiment:{SCORER.model}:{SCORER.version}")
    assert letter.raw == b""
    assert "bytes are left out" in letter.reason


def test_each_reader_has_its_own_letter_of_one_record(world: World) -> None:
    bad = article("1", title="bad")
    world.event_log.append([bad])
    SentimentScoring(world.event_log, world.store, Picky({"bad"}), world.failed, world.clock).catch_up()
    store = PoisonedStore(world.store, lambda event: event.event_id == bad.event_id)
    StoreProjection(world.event_log, store, world.clock, world.telemetry, origin=Origin.LIVE).catch_up()
    found = [kept.letter for kept in world.letters.dead_letters(Window(limit=10)).items]
    assert sorted(one.reader or "" for one in found) == [f"sentiment:{SCORER.model}:{SCORER.version}", "store"]
    assert {one.place for one in found} == {"rawarticle@1"}
