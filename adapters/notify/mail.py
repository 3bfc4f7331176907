"""Alerts as e-mail, over a mail server that takes them for their recipients (RFC 6409)."""

import io
import smtplib
import ssl
import threading
from collections.abc import Collection
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import cast

from adapters.web.errors import WebError
from adapters.web.network import Deadline, GuardedBackend, GuardedStream
from application.ports.clock import Clock
from application.ports.notifier import Message, NotDelivered
from domain.alerting.channel import Mailbox, Security

_SECONDS = 20.0
_DOMAIN = "cryptoviz.invalid"  # RFC 2606: right-hand side of ids, for nobody to mistake for a host


def send_mail(
    clock: Clock, allowed: Collection[str], mailbox: Mailbox, password: str | None, message: Message,
    stop: threading.Event,
) -> None:  # fmt: skip
    """Hand the message to the mail server. `allowed` are the `host:port` that may be private. Raises NotDelivered.

    One of several recipients that the server refuses does not keep it from the others; all refused is a failure.
    """
    deadline = Deadline(_SECONDS, stop)
    try:
        stream = GuardedBackend(allowed, deadline).connect_tcp(mailbox.host, mailbox.port)
        if mailbox.security is Security.TLS:
            stream = stream.start_tls(_tls(), mailbox.host)
        wire = _Wire(stream)
        smtp = _Smtp(wire, mailbox.host)
        try:
            _speak(smtp, mailbox, password, _mail(mailbox, message, clock))
        finally:
            smtp.close()  # the wire that it has after STARTTLS
            wire.close()
    except WebError as error:
        raise NotDelivered(str(error)) from error
    except smtplib.SMTPException as error:
        raise NotDelivered(f"the mail server {mailbox.host} {_in_words(error)}") from error
    except (OSError, ValueError) as error:  # what smtplib does with answers that are no SMTP
        raise NotDelivered(f"the mail server {mailbox.host} did not answer as SMTP asks") from error


def _speak(smtp: "_Smtp", mailbox: Mailbox, password: str | None, mail: EmailMessage) -> None:
    smtp.greet()
    if mailbox.security is Security.STARTTLS:
        smtp.starttls(context=cast("ssl.SSLContext", _StartTls()))
    if mailbox.user is not None:
        smtp.login(mailbox.user, password or "")
    smtp.send_message(mail, from_addr=mailbox.sender, to_addrs=list(mailbox.to))
    with suppress(smtplib.SMTPException, WebError, OSError):  # it has the message: whatever follows, it is delivered
        smtp.quit()


def _mail(mailbox: Mailbox, message: Message, clock: Clock) -> EmailMessage:
    mail = EmailMessage()  # its policy refuses line ends in headers
    mail["From"] = Address("CryptoViz", addr_spec=mailbox.sender)
    mail["To"] = [Address(addr_spec=recipient) for recipient in mailbox.to]
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.message_id}@{_DOMAIN}>"
    mail["X-CryptoViz-Alert"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence needs to be told to us
    mail.set_content(message.text)
    return mail


def _in_words(error: smtplib.SMTPException) -> str:
    """Without the server's own words: they may repeat what was sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        return f"refused all recipients ({', '.join(codes)})"
    words = next(said for kind, said in _WORDS.items() if isinstance(error, kind))
    return f"{words} ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else words


_WORDS: dict[type[smtplib.SMTPException], str] = {  # what is more special stands first
    smtplib.SMTPAuthenticationError: "refused the user name or password",
    smtplib.SMTPSenderRefused: "refused the sender",
    smtplib.SMTPNotSupportedError: "does not offer what the channel asks for (STARTTLS, or signing in)",
    smtplib.SMTPServerDisconnected: "broke off the connection",
    smtplib.SMTPException: "refused the message",
}


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # certificates and names are checked


class _Wire:
    """What smtplib needs of a socket, over a guarded stream whose every wait ends at the deadline."""

    def __init__(self, stream: GuardedStream) -> None:
        self.stream = stream

    def sendall(self, data: bytes) -> None:
        self.stream.write(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Answers(self.stream))

    def close(self) -> None:
        self.stream.close()


class _Answers(io.RawIOBase):
    def __init__(self, stream: GuardedStream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _StartTls:
    """What smtplib's `starttls` needs of an SSLContext."""

    def wrap_socket(self, wire: _Wire, server_hostname: str) -> _Wire:
        return _Wire(wire.stream.start_tls(_tls(), server_hostname))


class _Smtp(smtplib.SMTP):
    """smtplib over a wire that is open already."""

    def __init__(self, wire: _Wire, host: str) -> None:
        super().__init__(local_hostname="localhost")  # its own name is nobody's business
        self._wire = wire
        self._host = host  # the name that the certificate must have

    def greet(self) -> None:
        """Wait for the server's greeting. Raises SMTPConnectError when it is another one."""
        code, said = self.connect(self._host)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> _Wire:
        return self._wire
