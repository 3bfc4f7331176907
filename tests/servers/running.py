"""A server of entrypoints/local as a process of the tests: started, killed, started again, stopped."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from entrypoints.local.service import Service

_STARTS = 20
_ENDS_WITHIN_S = 30


class DidNotStart(Exception):
    """The server never got ready; the message says what it waited for and ends with the log's end."""


class Running:
    """One server. `start` again after `kill` or `stop`: the data stays.

    `record` is a file that always names the process that was started last, for `end_recorded`.
    """

    def __init__(self, service: Service, record: Path | None = None) -> None:
        self.service = service
        self._record = record
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """What clients take."""
        return self.service.endpoint

    @property
    def pid(self) -> int:
        """Of the server itself."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, within_s: float = 90) -> None:
        """Prepare, start, and wait until clients can use it. Raises DidNotStart, Missing."""
        self.service.prepare()
        self._spawn()
        starts, deadline = 1, time.monotonic() + within_s
        while (missing := self.service.ready()) is not None:
            assert self._process is not None
            ended = self._process.poll() is not None
            if time.monotonic() > deadline or (ended and starts == _STARTS):
                self.stop()
                raise DidNotStart(f"waited for {missing}; the log of {self.service.name} ends: {self._end_of_log()}")
            if ended:
                self._spawn()
                starts += 1
            time.sleep(0.1)

    def kill(self) -> None:
        """As `kill -9` does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """In good order; where that takes too long, not."""
        self._end(self.service.stop_signal)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Within the block it takes connections, and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED)  # on a busy machine its threads go on for some milliseconds
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def _spawn(self) -> None:
        service = self.service
        # In a session of its own: a Ctrl-C at the terminal is for pytest.
        with (service.directory / f"{service.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                service.command, env={**os.environ, **service.env}, cwd=service.directory,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if self._record is not None:
            pid = self._process.pid
            self._record.write_text(
                json.dumps({"pid": pid, "began": _began(pid), "stop_signal": int(service.stop_signal)})
            )

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _end_of_log(self) -> str:
        return (self.service.directory / f"{self.service.name}.log").read_text(errors="replace")[-1000:]


def end_recorded(record: Path) -> None:
    """Stop the process that a `Running` recorded, if it still runs; whoever started it."""
    started = json.loads(record.read_text())
    pid, began = started["pid"], started["began"]
    for how in (started["stop_signal"], signal.SIGKILL):
        deadline = time.monotonic() + _ENDS_WITHIN_S
        with suppress(ProcessLookupError):
            if _began(pid) == began:
                os.kill(pid, how)
        while _began(pid) == began and time.monotonic() < deadline:
            time.sleep(0.05)


def _began(pid: int) -> str | None:
    """When the process began (in the kernel's ticks; a number is given again, a number and a time are not); None: it ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else fields[19]
