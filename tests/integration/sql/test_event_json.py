from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import URL, update

from adapters.sql.engine import create_engine
from adapters.sql.event_json import decode_event, encode_event
from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import event_store
from domain.alerting.channel import ChannelTerms, Mailbox, Security, Webhook, create_channel
from domain.errors import NotAllowed
from domain.event import Event
from domain.sources import NewsFeed, Sources
from domain.upcasting import UnknownEvent
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
        ("alert-rule-created", 2, encode_event(rule_created())),
        ("alert-rule-created", 1, "{}"),
        ("alert-rule-created", 1, encode_event(rule_created()).replace("300", "-1")),
        ("pair-watched", 1, '{"pair": 7}'),
        ("alert-rule-created", 1, "{"),
    ],
)
def test_what_newer_code_wrote_is_refused_in_words(name: str, version: int, payload: str) -> None:
    with pytest.raises(UnknownEvent, match=f"stored event '{name}' version {version}"):
        decode_event(name, version, payload)
