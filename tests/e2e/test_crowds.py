"""Crowds of connections that want nothing, or read nothing, at a real server process."""

import resource
import signal
import socket
import statistics
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from domain.access.role import Role
from tests.e2e.program import Program
from tests.house import PASSWORD
from tests.waiting import until

SILENT, UNREAD = 1_200, 40


class FewFiles(Program):
    """With as few files as can be had, also as the hard limit."""

    starter = ("sh", "-c", 'ulimit -n 64 && exec "$@"', "sh")


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def _silent(program: Program, count: int) -> Iterator[None]:
    port = int((program.url or "").rpartition(":")[2])
    with ExitStack() as crowd:
        for _ in range(count):
            crowd.callback(socket.create_connection(("127.0.0.1", port), timeout=20).close)
        yield


@contextmanager
def _unread(program: Program, count: int) -> Iterator[None]:
    """Clients that ask for all of the past, and read none of it."""
    port = int((program.url or "").rpartition(":")[2])
    ask = (
        f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    with ExitStack() as crowd:
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", port), timeout=20)
            crowd.callback(client.close)
            client.sendall(ask)
            assert client.recv(12) == b"HTTP/1.1 101"
            for channel in ("tickers", "trades", "feeds"):
                client.sendall(_frame(f'{{"action":"subscribe","channel":"{channel}","after":"0"}}'))
        yield


def _frame(text: str) -> bytes:
    """A text message of a client (RFC 6455, 5.2), masked with zeros."""
    payload = text.encode()
    assert len(payload) < 126
    return bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def _answers_s(program: Program) -> float:
    """How long a sign-in and a read take together, as a rule."""
    taken = []
    for turn in range(3):
        began = time.monotonic()
        body = b'{"name":"olga","password":"%s"}' % PASSWORD.encode()
        headers = {"Content-Type": "application/json"}
        session = urllib.request.Request(f"{program.url}/api/v1/admin/session/", body, headers)
        with urllib.request.urlopen(session, timeout=30) as answer:
            assert answer.status == 201
        assert program.status(f"/api/v1/tickers/?limit={turn + 1}") == 200
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


def _memory_mib(program: Program) -> float:
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _threads(program: Program) -> int:
    return len(list(Path(f"/proc/{program.process.pid}/task").iterdir()))


@pytest.mark.parametrize("kind", [Program, FewFiles])
def test_crowds_shut_nobody_out_and_fill_neither_log_nor_memory(tmp_path: Path, kind: type[Program]) -> None:
    with kind(tmp_path / "data", "--source", "simulated") as program:
        with program.house() as house:
            house.users().create("olga", PASSWORD, Role.OPERATOR)
        assert until(lambda: program.get("trades/")["items"], seconds=30)
        bound_s = 1 + _answers_s(program)  # the machine may be busy with other things
        memory, threads, said = _memory_mib(program), _threads(program), len(program.said)
        with _silent(program, SILENT):
            assert _answers_s(program) < bound_s
        assert len(program.said) - said < 20_000
        with _unread(program, UNREAD if kind is Program else 5):
            assert _answers_s(program) < bound_s
            assert _threads(program) - threads < 20
            assert _memory_mib(program) - memory < 100
        assert len(program.said) - said < 40_000
        program.process.send_signal(signal.SIGHUP)  # a closed terminal
        assert program.process.wait(20) in (0, 128 + signal.SIGTERM, -signal.SIGTERM), program.said
        assert "Traceback" not in program.said
