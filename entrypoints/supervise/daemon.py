"""supervisord (https://supervisord.org): started in the background when needed, and told what to do by XML-RPC."""

import http.client
import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from entrypoints.supervise.conf import conf_text
from entrypoints.supervise.parts import Part
from entrypoints.supervise.places import Places, write_private

_ANSWER_WITHIN_S = 15.0
_UP_WITHIN_S = 30.0
_ALREADY_STARTED, _NOT_RUNNING = 60, 70  # https://supervisord.org/api.html, and supervisor.xmlrpc.Faults

State = Literal["stopped", "starting", "running", "backoff", "stopping", "exited", "fatal", "unknown"]


class SupervisorError(Exception):
    """supervisord does not start or does not answer; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Process:
    """A program as supervisord sees it; `pid` only while there is a process, `up_s` how long that has been there."""

    name: str
    state: State
    pid: int | None
    up_s: float
    trouble: str  # why it ended, or could not be started

    @property
    def is_wanted(self) -> bool:
        """Whether it runs, or is going to be started again."""
        return self.state not in {"stopped", "exited", "fatal"}


class Daemon:
    """The supervisord of one data directory."""

    def __init__(self, places: Places, parts: Iterable[Part]) -> None:
        self._places = places
        self._parts = tuple(parts)
        self._server = xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(places.socket))

    @property
    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getState")
        except ConnectionError:
            return False
        return True

    def start(self) -> None:
        """Start it in the background, where it is not running. Raises SupervisorError."""
        if self.is_running:
            return
        self._places.make()
        self._places.make_socket_directory()
        write_private(self._places.conf, conf_text(self._places, self._parts))
        run = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", self._places.conf.name],
            cwd=self._places.root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode:
            raise SupervisorError(f"supervisord does not start: {(run.stderr or run.stdout).strip()[-1000:]}")
        deadline = time.monotonic() + _UP_WITHIN_S
        while not self.is_running:
            if time.monotonic() > deadline:
                raise SupervisorError(f"supervisord does not answer: see {self._places.own_log}")
            time.sleep(0.05)

    def shut_down(self) -> None:
        """Stop it with all it runs. Raises SupervisorError when it is still there after two minutes."""
        pid = self._call("getPID")
        self._call("shutdown")
        deadline = time.monotonic() + 120
        while _lives(pid):
            if time.monotonic() > deadline:
                raise SupervisorError(f"supervisord (pid {pid}) does not end: see {self._places.own_log}")
            time.sleep(0.05)

    def processes(self) -> dict[str, Process]:
        """All programs; none where supervisord is not running."""
        try:
            rows = self._call("getAllProcessInfo")
        except ConnectionError:
            return {}
        return {row["name"]: _process(row) for row in rows}

    def start_program(self, name: str) -> None:
        """Start a program without waiting for it; nothing happens where it runs."""
        self._unless(_ALREADY_STARTED, "startProcess", name)

    def stop_program(self, name: str) -> None:
        """Ask a program to stop without waiting for it; nothing happens where it does not run."""
        self._unless(_NOT_RUNNING, "stopProcess", name)

    def _unless(self, code: int, method: str, name: str) -> None:
        try:
            self._call(method, name, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != code:
                raise SupervisorError(f"supervisord refuses {method} of {name}: {fault.faultString}") from fault

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self._server.supervisor, method)(*arguments)
        except (ConnectionError, FileNotFoundError) as error:
            raise ConnectionError(str(error)) from error
        except (OSError, xmlrpc.client.ProtocolError, http.client.HTTPException) as error:
            raise SupervisorError(
                f"supervisord does not answer at {self._places.socket} ({error}): see {self._places.own_log}"
            ) from error


def _process(row: dict[str, Any]) -> Process:
    state: State = row["statename"].lower()
    trouble = row["spawnerr"]
    if trouble.startswith("Exited too quickly"):
        trouble = "it ended as soon as it had started"
    elif state == "exited":
        status = row["exitstatus"]  # supervisord's -1 stands for a signal
        trouble = "it was killed" if status < 0 else f"it ended with exit status {status}"
    up_s = max(0.0, row["now"] - row["start"]) if row["pid"] else 0.0
    return Process(row["name"], state, row["pid"] or None, up_s, trouble)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_ANSWER_WITHIN_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    """supervisor's own transport knows no time limit."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)
