"""A mail server on loopback that speaks enough SMTP (RFC 5321), keeps what it gets, and misbehaves as it is told to."""

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class Mail:
    """One message, its envelope, who was signed in, and whether it came over TLS."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    user: str | None
    over_tls: bool


@dataclass(slots=True)
class SmtpServer:
    """`answers` replaces the proper answer to a verb, such as {"RCPT": "550 no such user"}; None: never answer."""

    port: int = 0
    tls_from_the_start: bool = False
    tls: ssl.SSLContext | None = None
    password: str | None = None
    answers: dict[str, str | None] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        with suppress(OSError):
            self._converse(self.server.house)

    def _converse(self, house: SmtpServer) -> None:
        user, over_tls, sender, recipients = None, house.tls_from_the_start, "", list[str]()
        if over_tls:
            self._speak_tls()
        self._say("220 mail.test ESMTP")
        while line := self.rfile.readline().decode("ascii").rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb in house.answers:
                answer = house.answers[verb]
                if answer is None:
                    house.stopping.wait()
                    return
                self._say(answer)
            elif verb == "EHLO":
                offers = ["STARTTLS"] if house.tls and not over_tls else []
                offers += ["AUTH PLAIN"] if house.password else []
                self._say("\r\n".join([*(f"250-{offer}" for offer in ["mail.test", *offers]), "250 8BITMIME"]))
            elif verb == "STARTTLS":
                self._say("220 go ahead")
                self._speak_tls()
                over_tls = True
            elif verb == "AUTH":
                _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                if password == house.password:
                    user = name
                self._say("235 welcome" if user else f"535 {password} is wrong")
            elif verb == "MAIL":
                sender, recipients = rest.partition("<")[2].partition(">")[0], []
                self._say("250 ok")
            elif verb == "RCPT":
                recipients.append(rest.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                data = b"".join(found.removeprefix(b".") if found.startswith(b"..") else found for found in lines)
                mail = message_from_bytes(data, policy=policy.default)
                house.mails.append(Mail(sender, recipients, mail, user, over_tls))
                self._say("250 queued")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _speak_tls(self) -> None:
        assert self.server.house.tls
        self.connection = self.server.house.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")

    def _say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    house: SmtpServer

    def handle_error(self, *_: object) -> None:
        """A client that breaks off is no error here."""


@contextmanager
def smtp_server(tls: ssl.SSLContext | None = None, password: str | None = None) -> Iterator[SmtpServer]:
    """A server on a free port, gone with its threads when the block ends. With `tls` it offers STARTTLS."""
    server = _Server(("127.0.0.1", 0), _Conversation)
    house = server.house = SmtpServer(server.server_address[1], tls=tls, password=password)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="smtp server")
    thread.start()
    try:
        yield house
    finally:
        house.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(directory: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(serialization.Encoding.PEM)
    file = directory / "certificate.pem"
    file.write_bytes(pem)
    return file
