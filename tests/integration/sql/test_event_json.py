from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import URL, update

from adapters.memory.clock import FixedClock
from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.engine import create_engine
from adapters.sql.event_json import decode_event, encode_event
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import event_store
from application.alerting.commands import AlertCommands
from domain.alerting.channel import ChannelTerms, Mailbox, Security, Webhook, create_channel
from domain.alerting.rule import AlertRuleChanged, AlertRuleCreated, AlertRuleDisabled
from domain.errors import NotAllowed
from domain.event import Event
from domain.sources import NewsFeed, Sources
from domain.upcasting import UnknownEvent
from domain.values import Origin
from tests import strategies
from tests.builders import BTC, T0, rule_created


@settings(max_examples=200, deadline=None)
@given(event=strategies.any_events)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    found = decode_event(event.name, event.version, encode_event(event))
    assert found == event
    assert type(found) is type(event)


@pytest.mark.parametrize("terms", [
    ChannelTerms(title="Hook", webhook=Webhook(url="https://example.org/")),
    ChannelTerms(title="Chat", service="slack"),
    ChannelTerms(title="Mail", mailbox=Mailbox(
        to=("ann@example.org",), host="::1", port=25, security=Security.NONE, user=None, sender="bot@example.org"
    )),
])  # fmt: skip
def test_channels_come_back_as_they_were(terms: ChannelTerms) -> None:
    (created,) = create_channel("c1", terms, now=T0)
    assert decode_event(created.name, created.version, encode_event(created)) == created


def test_what_is_collected_comes_back_as_it_was() -> None:
    sources = Sources()
    decided = [
        *sources.configure([BTC], [NewsFeed("Ours", "https://example.org/feed")], by="ann", now=T0),
        *sources.configure([BTC], None, by="ann", now=T0),
        *sources.pause("BTC/USD", by="ann", now=T0),
        *sources.ask_backfill("BTC/USD", T0 - timedelta(days=1), by="ann", now=T0),
        *Sources(paused={"Ours": "ann"}).resume("Ours", by="bob", now=T0),
    ]
    for event in decided:
        found = decode_event(event.name, event.version, encode_event(event))
        assert found == event
        assert type(found) is type(event)


def test_a_stream_that_the_domain_does_not_take_any_more_keeps_no_other_from_us(tmp_path: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "store.db")))
    upgrade(engine)
    rule = rule_created()
    with SqlStore(engine).begin() as tx:
        tx.append("rule:good", [rule], expected_version=0)
        tx.append("rule:old", [replace(rule, rule_id="old")], expected_version=0)
    with engine.begin() as connection:
        broken = encode_event(rule).replace(rule.terms.title, "\\u0000")
        connection.execute(update(event_store).where(event_store.c.stream == "rule:old").values(payload=broken))
    with SqlStore(engine).begin() as tx:
        assert tx.load_all("rule:") == {"rule:good": [rule]}
        with pytest.raises(NotAllowed, match="cannot be read: name must have"):
            tx.load("rule:old")
    engine.dispose()


def test_a_rule_that_was_stored_before_rules_named_channels_names_none() -> None:
    payload = encode_event(rule_created())
    assert (found := payload.replace(',"notify":[]', "")) != payload
    assert decode_event("alert-rule-created", 1, found) == rule_created()


@pytest.mark.parametrize(
    ("name", "version", "payload"),
    [
        ("alert-rule-forgotten", 1, "{}"),
        ("alert-rule-created", AlertRuleCreated.version + 1, encode_event(rule_created())),
        ("alert-rule-created", 1, "{}"),
        ("alert-rule-created", 1, encode_event(rule_created()).replace("300", "-1")),
        ("pair-watched", 1, '{"pair": 7}'),
        ("alert-rule-created", 1, "{"),
    ],
)
def test_what_newer_code_wrote_is_refused_in_words(name: str, version: int, payload: str) -> None:
    with pytest.raises(UnknownEvent, match=f"stored event '{name}' version {version}"):
        decode_event(name, version, payload)


RULE_EVENTS = [rule_created(), AlertRuleDisabled(
    rule_id="r1", sequence=2, occurred_at=T0, recorded_at=T0, origin=Origin.LIVE
), AlertRuleChanged(
    rule_id="r1", sequence=3, terms=rule_created().terms, occurred_at=T0, recorded_at=T0, origin=Origin.LIVE
)]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        ("UPDATE event_store SET event_version = 9 WHERE stream = 'rule:r1' AND version = 2", "version 9 is unknown"),
        ("UPDATE event_store SET name = 'rule-praised' WHERE stream = 'rule:r1' AND version = 3", "'rule-praised'"),
        ("UPDATE event_store SET payload = '[]' WHERE stream = 'rule:r1' AND version = 1", "cannot be read"),
        ("DELETE FROM event_store WHERE stream = 'rule:r1' AND version = 2", "event 2 of stream 'rule:r1' is missing"),
        ("DELETE FROM event_store WHERE stream = 'rule:r1' AND version = 1", "event 1 of stream 'rule:r1' is missing"),
        (
            "UPDATE event_store SET name = 'alert-rule-created', event_version = 1 WHERE stream = 'rule:r1' AND version = 3",
            "cannot be event 3 of an alert rule",
        ),
        (
            "UPDATE event_store SET payload = replace(payload, '\"sequence\":2', '\"sequence\":4') "
            "WHERE stream = 'rule:r1' AND version = 2",
            "is event 4 of rule:r1, after 1 events",
        ),
    ],
)  # fmt: skip
def test_a_stream_that_is_newer_or_broken_stands_alone(tmp_path: Path, spoil: str, expected: str) -> None:
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "store.db")))
    upgrade(engine)
    store, clock = SqlStore(engine), FixedClock(T0)
    commands = AlertCommands(store, SqlAlertReads(engine), clock, origin=Origin.LIVE, changed=lambda: None)
    with store.begin() as tx:
        tx.append("rule:r1", RULE_EVENTS, expected_version=0)
        tx.append("rule:r2", [replace(rule_created(), rule_id="r2")], expected_version=0)
    with engine.begin() as connection:
        connection.exec_driver_sql(spoil)
    assert [rule.rule_id for rule in commands.rules()] == ["r2"]
    commands.set_up([BTC])  # a start: the unreadable stream is there, so nothing is made in its place
    assert [rule.rule_id for rule in commands.rules()] == ["r2"]
    with pytest.raises(NotAllowed, match=expected):
        commands.disable_rule("r1")
    assert not commands.disable_rule("r2").enabled
    engine.dispose()


def test_the_watchlist_that_newer_code_wrote_does_not_keep_a_start_from_going_on(tmp_path: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "store.db")))
    upgrade(engine)
    commands = AlertCommands(
        SqlStore(engine), SqlAlertReads(engine), FixedClock(T0), origin=Origin.LIVE, changed=lambda: None
    )
    commands.set_up([BTC])
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE event_store SET event_version = 2 WHERE name = 'pair-watched'")
    commands.set_up([BTC])
    assert commands.watchlist().pairs == ()
    with pytest.raises(NotAllowed, match="pair-watched' version 2 is unknown"):
        commands.watch(BTC)
    engine.dispose()
