import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.notify import mail
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import ChannelTerms, Mailbox, Security
from domain.errors import InvalidValue
from tests.integration.notify.conftest import notifier
from tests.servers.smtp import SmtpServer, certificate, smtp_server


def mailbox(server: SmtpServer, **changes: object) -> ChannelTerms:
    fields: dict[str, object] = {
        "to": ("ann@example.org", "bob@example.org"), "host": "127.0.0.1", "port": server.port,
        "security": Security.NONE, "user": None, "sender": "bot@example.org",
    }  # fmt: skip
    return ChannelTerms(title="Mail", mailbox=Mailbox(**fields | changes))  # type: ignore[arg-type]


def send(server: SmtpServer, message: Message, password: str | None = None, **changes: object) -> None:
    notifier(f"127.0.0.1:{server.port}").send(mailbox(server, **changes), password, message, threading.Event())


def refusal(server: SmtpServer, message: Message, password: str | None = None, **changes: object) -> str:
    with pytest.raises(NotDelivered) as refused:
        send(server, message, password, **changes)
    return str(refused.value)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def secure(pem: Path) -> Iterator[SmtpServer]:
    """Offers STARTTLS and signing in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with smtp_server(context, "s3cret") as running:
        yield running


@pytest.fixture
def trusted(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "_tls", lambda: ssl.create_default_context(cafile=str(pem)))


def test_an_alert_comes_as_a_mail_with_its_id(server: SmtpServer, message: Message) -> None:
    send(server, message)
    (found,) = server.mails
    assert (found.sender, found.recipients) == ("bot@example.org", ["ann@example.org", "bob@example.org"])
    assert found.message["Subject"] == message.subject
    assert found.message["From"] == "CryptoViz <bot@example.org>"
    assert found.message["To"] == "ann@example.org, bob@example.org"
    assert found.message["Message-ID"] == f"<{message.message_id}@cryptoviz.invalid>"
    assert found.message["X-CryptoViz-Alert"] == message.message_id
    assert found.message.get_content().replace("\r\n", "\n").strip() == message.text


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_password_goes_over_tls_alone(secure: SmtpServer, message: Message, security: Security) -> None:
    secure.tls_from_the_start = security is Security.TLS
    send(secure, message, "s3cret", security=security, user="ann")
    (found,) = secure.mails
    assert (found.user, found.over_tls) == ("ann", True)


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: SmtpServer, message: Message) -> None:
    assert "certificate of 127.0.0.1 is not valid" in refusal(
        secure, message, "s3cret", security=Security.STARTTLS, user="ann"
    )
    assert secure.mails == []


def test_a_server_that_offers_no_starttls_gets_nothing(server: SmtpServer, message: Message) -> None:
    said = refusal(server, message, "s3cret", security=Security.STARTTLS, user="ann")
    assert "does not offer what the channel asks for" in said
    assert server.mails == []


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_not_repeated(secure: SmtpServer, message: Message) -> None:
    said = refusal(secure, message, "hunter22", security=Security.STARTTLS, user="ann")
    assert said == "the mail server 127.0.0.1 refused the user name or password (535)"


@pytest.mark.parametrize(
    ("verb", "answer", "words"),
    [
        ("RCPT", "550 no such user", r"refused all recipients \(550\)"),
        ("MAIL", "451 try later", r"refused the sender \(451\)"),
        ("DATA", "554 spam", r"refused the message \(554\)"),
    ],
)
def test_trouble_comes_in_words(server: SmtpServer, message: Message, verb: str, answer: str, words: str) -> None:
    server.answers[verb] = answer
    with pytest.raises(NotDelivered, match=words):
        send(server, message)


def test_a_server_that_has_taken_it_and_says_no_goodbye_has_taken_it(server: SmtpServer, message: Message) -> None:
    server.answers["QUIT"] = "421 out of order"
    send(server, message)
    assert len(server.mails) == 1


def test_a_server_that_hangs_is_broken_off_when_asked(server: SmtpServer, message: Message) -> None:
    server.answers["MAIL"] = None
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(NotDelivered, match="stopping"):
        notifier(f"127.0.0.1:{server.port}").send(mailbox(server), None, message, stop)


def test_private_addresses_are_reached_only_when_they_are_allowed(server: SmtpServer, message: Message) -> None:
    with pytest.raises(NotDelivered, match="ALLOW_PRIVATE_HOSTS"):
        notifier().send(mailbox(server), None, message, threading.Event())


def test_user_and_password_come_together(server: SmtpServer) -> None:
    for terms, password in (
        (mailbox(server, user="ann", security=Security.TLS), None),
        (mailbox(server), "s3cret"),
    ):
        with pytest.raises(InvalidValue) as refused:
            notifier().check(terms, password, threading.Event())
        assert refused.value.field == "password"
