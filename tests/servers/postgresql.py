"""A PostgreSQL server of our own, on a free port of loopback, gone when the tests end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy

from tests.waiting import until

_READY_WITHIN_S = 30


class Unavailable(Exception):
    """There is no PostgreSQL to start; the message says what is missing."""


def _binary(name: str) -> str:
    found = [shutil.which(name), *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)]
    beside = shutil.which("initdb")
    if beside:
        found.append(str(Path(beside).resolve().with_name(name)))
    for path in found:
        if path and Path(path).exists():
            return path
    raise Unavailable(f"PostgreSQL's {name} is not on PATH nor in /usr/lib/postgresql (Debian: apt install postgresql)")


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Unavailable("PostgreSQL does not run as root and there is no user postgres") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server with a directory of its own; `url` is its `postgres` database."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._user = _user()
        self._postgres = _binary("postgres")
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(home, self._user)
        made = subprocess.run(
            [_binary("initdb"), "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=self._user, cwd=home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-500:]}")
        self.url = sqlalchemy.URL.create(
            "postgresql+psycopg2", "postgres", host="127.0.0.1", port=_free_port(), database="postgres"
        )

    def start(self) -> None:
        """Start, also after a kill, and wait until it answers. Raises Unavailable."""
        # Without fsync a killed server still keeps what it had committed: the system has it.
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self._home), "fsync": "off"}
        settings = [f"--{name}={value}" for name, value in options.items()]
        with (self._home / "log").open("a") as log:
            self._process = subprocess.Popen(
                [self._postgres, "-D", self._home / "data", "-p", str(self.url.port), *settings],
                user=self._user, cwd=self._home, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip
        _wait_for(self.url, self._process, self._home / "log")

    def kill(self) -> None:
        """`kill -9` of the server and of all its processes."""
        assert self._process
        with killed_with_its_backends(self._process.pid):
            self._process.kill()
            self._process.wait(timeout=30)

    def stop(self) -> None:
        """At once: what it holds is thrown away."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)


@contextmanager
def server() -> Iterator[Server]:
    """A running server. Raises Unavailable."""
    home = Path(tempfile.mkdtemp(prefix="cryptoviz-postgresql-"))
    try:
        made = Server(home)
        try:
            made.start()
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running() -> Iterator[sqlalchemy.URL]:
    """The `postgres` database of a running server. Raises Unavailable."""
    with server() as made:
        yield made.url


@contextmanager
def killed_with_its_backends(pid: int) -> Iterator[None]:
    """`kill -9` the processes of a server that the block kills: alone, they may still finish what they are at."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGSTOP)
    yield
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    assert until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))  # they hold its memory


def _wait_for(url: sqlalchemy.URL, server: subprocess.Popen[bytes], log: Path) -> None:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            engine.connect().close()
            return
        except sqlalchemy.exc.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL did not start: {log.read_text()[-500:]}") from None
            time.sleep(0.05)
