import os
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from websockets.sync.server import serve

from adapters.kraken.connection import is_loopback, reachable
from tests.servers.kraken import KrakenServer, status


def test_kraken_answers() -> None:
    with KrakenServer() as server:
        assert reachable(server.url, 5) is None


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        assert reachable(url, 2) == f"no connection to {url}: it refused the connection"


def test_a_name_that_is_none() -> None:
    reason = reachable("ws://no.such.host.invalid", 10)
    assert reason is not None
    assert "could not be resolved" in reason


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "wss://", "ws://127.0.0.1:99999999"])
def test_an_address_that_is_none(url: str) -> None:
    assert reachable(url, 2) is not None


def test_somebody_who_takes_the_connection_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        reason = reachable(f"ws://127.0.0.1:{mute.getsockname()[1]}", 0.3)
    assert reason is not None
    assert "did not answer in time" in reason


def test_which_addresses_are_this_machine() -> None:
    assert is_loopback("ws://localhost:1/v2")
    assert is_loopback("http://127.0.0.1:80")
    assert is_loopback("http://[::1]:80")
    assert not is_loopback("wss://ws.kraken.com/v2")
    assert not is_loopback("")


def test_a_certificate_must_be_trusted_and_the_name_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    made = subprocess.run(
        [*command, "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=False, capture_output=True, env={**os.environ, "RANDFILE": str(tmp_path / "rnd")},
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip("openssl is not there to make a certificate")
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serve(lambda ws: ws.send(status("online")), "127.0.0.1", 0, ssl=context) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"wss://localhost:{server.socket.getsockname()[1]}/v2"
        try:
            reason = reachable(url, 5)
            assert reason is not None
            assert "its certificate is not trusted" in reason
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert reachable(url, 5) is None
            assert names[-1] == "localhost"
        finally:
            server.shutdown()
            thread.join(5)
