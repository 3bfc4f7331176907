import pytest
from hypothesis import given, settings

from adapters.sql.event_json import UnknownEvent, decode_event, encode_event
from domain.event import Event
from tests import strategies
from tests.builders import rule_created


@settings(max_examples=200, deadline=None)
@given(event=strategies.any_events)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    found = decode_event(event.name, event.version, encode_event(event))
    assert found == event
    assert type(found) is type(event)


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
