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
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy

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


@contextmanager
def running() -> Iterator[sqlalchemy.URL]:
    """The server's `postgres` database. Raises Unavailable."""
    initdb, postgres, user = _binary("initdb"), _binary("postgres"), _user()
    home = Path(tempfile.mkdtemp(prefix="cryptoviz-postgresql-"))
    try:
        if user:
            shutil.chown(home, user)
        data, port = home / "data", _free_port()
        made = subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user, cwd=home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-500:]}")
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(home), "fsync": "off"}
        with (home / "log").open("w") as log:
            server = subprocess.Popen(
                [postgres, "-D", data, "-p", str(port), *(f"--{name}={value}" for name, value in options.items())],
                user=user, cwd=home, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            url = sqlalchemy.URL.create(
                "postgresql+psycopg2", "postgres", host="127.0.0.1", port=port, database="postgres"
            )
            _wait_for(url, server, home / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # "fast" shutdown
            server.wait(timeout=30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


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
