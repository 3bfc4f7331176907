"""Redis as Debian packages it, for what need not outlive it: the cache of responses and the streams between API processes."""

import socket
from pathlib import Path

from entrypoints.local.cache import Say
from entrypoints.local.programs import program
from entrypoints.local.service import HOST, Service

_READY_S = 1


def provide(_say: Say) -> Path:
    """The server's program. Raises Missing."""
    return Path(program("redis-server", "redis-server"))


def service(install: Path, directory: Path, port: int) -> Service:
    """A server on this port of loopback; it writes nothing and drops the oldest beyond 128 MB."""
    return Service(
        name="redis",
        command=(
            str(install), "--bind", HOST, "--port", str(port), "--dir", str(directory), "--daemonize", "no",
            "--save", "", "--appendonly", "no", "--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru",
        ),
        directory=directory,
        endpoint=f"redis://{HOST}:{port}/0",
        prepare=lambda: directory.mkdir(parents=True, exist_ok=True, mode=0o700),
        ready=lambda: _waits_for(port),
    )  # fmt: skip


def _waits_for(port: int) -> str | None:
    try:
        with socket.create_connection((HOST, port), _READY_S) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(64).startswith(b"+PONG"):
                return None
    except OSError:
        pass  # not there yet: that is what we say
    return f"Redis to answer on {HOST}:{port}"
