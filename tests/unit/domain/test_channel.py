from typing import Any

import pytest

from domain.alerting.channel import (
    Channel,
    ChannelKind,
    ChannelTerms,
    Mailbox,
    Security,
    Webhook,
    create_channel,
    evolve_channel,
    fold_channel,
)
from domain.errors import InvalidValue, NotAllowed, NotFound
from tests.builders import T0, at, rule_created

HOOK = ChannelTerms(title="Hook", webhook=Webhook(url="https://example.org/hook"))
SOUND = {
    "to": ("ann@example.org",), "host": "smtp.example.org", "port": 587, "security": Security.STARTTLS,
    "user": "ann", "sender": "bot@example.org",
}  # fmt: skip


def channel(terms: ChannelTerms = HOOK) -> Channel:
    made = fold_channel(create_channel("c1", terms, now=T0))
    assert made
    return made


def test_a_channel_is_made_changed_and_deleted() -> None:
    made = channel()
    assert (made.terms.kind, made.version, made.created_at) == (ChannelKind.WEBHOOK, 1, T0)
    other = ChannelTerms(title="Other", webhook=Webhook(url="http://example.org:8080/"))
    (changed,) = made.change(other, now=at(1))
    made = evolve_channel(made, changed)
    assert (made.terms, made.version, made.created_at, made.recorded_at) == (other, 2, T0, at(1))
    assert changed.event_id == "channel:c1:2"
    (deleted,) = made.delete(now=at(2))
    gone = evolve_channel(made, deleted)
    assert gone.deleted
    with pytest.raises(NotFound, match="was deleted"):
        gone.delete(now=at(3))
    with pytest.raises(NotFound, match="was deleted"):
        gone.change(HOOK, now=at(3))


def test_its_kind_stays() -> None:
    with pytest.raises(NotAllowed, match="of kind webhook"):
        channel().change(ChannelTerms(title="Chat", service="slack"), now=at(1))


def test_other_events_do_not_belong_into_its_stream() -> None:
    with pytest.raises(NotAllowed):
        evolve_channel(channel(), rule_created())


def test_it_leads_to_one_thing() -> None:
    with pytest.raises(InvalidValue, match="one thing"):
        ChannelTerms(title="x")
    with pytest.raises(InvalidValue, match="one thing"):
        ChannelTerms(title="x", service="slack", webhook=HOOK.webhook)
    for title in ("", " ", "a\nb", "x" * 201):
        with pytest.raises(InvalidValue, match="name must"):
            ChannelTerms(title=title, service="slack")


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org/", "https://", "http://[::1", "https://e.org:0/", "https://e.org:99999/",
     "https://e.org/a b", "https://e.org/\r\nx: y", "https://user:secret@e.org/", "https://e.org/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Webhook(url=url)
    assert refused.value.field == "url"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", ()),
        ("to", ("ann@example.org",) * 21),
        ("to", ("ann",)),
        ("to", ("ann@example.org\r\nBcc: eve@example.org",)),
        ("to", ("Ann <ann@example.org>",)),
        ("to", (".ann@example.org",)),
        ("to", ("a" * 65 + "@example.org",)),
        ("from", "bot@example.org\nSubject: x"),
        ("host", "smtp.example.org\r\n"),
        ("host", ""),
        ("port", 0),
        ("port", 65_536),
        ("user", "ann\r\nRSET"),
        ("user", ""),
        ("security", Security.NONE),  # with a user name: the password would go unprotected
    ],
)
def test_mail_that_cannot_be_sent_is_refused_by_its_field(field: str, value: Any) -> None:
    name = "sender" if field == "from" else field
    with pytest.raises(InvalidValue) as refused:
        Mailbox(**{**SOUND, name: value})
    assert refused.value.field == field


def test_sound_mailboxes() -> None:
    assert ChannelTerms(title="Mail", mailbox=Mailbox(**SOUND)).kind is ChannelKind.EMAIL  # type: ignore[arg-type]
    local = {**SOUND, "host": "::1", "port": 25, "security": Security.NONE, "user": None, "to": ("a@localhost",)}
    Mailbox(**local)  # type: ignore[arg-type]
