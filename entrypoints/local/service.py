"""One server process on loopback: how it is prepared, started, and seen to be ready."""

import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A server that whoever supervises it starts: `prepare()`, then `command` in the foreground, then `ready()` until None.

    `command` is the server itself, without a shell around it: killing its pid ends it, `stop_signal` ends it in good order,
    and after `kill -9` the same command goes on with the same data (at once, or when what it left behind has ended: start it
    again while it ends by itself). `env` is added to the environment. What is to be kept
    lies below `directory`. `endpoint` is what clients take as it is.

    `prepare` makes what the first start needs and may be called before every start; it raises Missing.
    `ready` says what the service still waits for, or None when clients can use it; it never takes longer than seconds.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    endpoint: str
    prepare: Callable[[], None]
    ready: Callable[[], str | None]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
