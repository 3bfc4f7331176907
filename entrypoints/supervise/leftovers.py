"""Processes of a run directory that nobody supervises: supervisord was killed, or a part left a child behind."""

import os
import signal
import time
from pathlib import Path

from entrypoints.workers.heartbeat import RUN_DIR

_END_WITHIN_S = 10.0


def leftovers(run: Path) -> list[int]:
    """The processes whose environment names this run directory. Only Linux tells: elsewhere there are none to see."""
    mark = b"\0" + os.fsencode(f"{RUN_DIR}={run}") + b"\0"
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = entry.read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        if mark in b"\0" + environment and (pid := int(entry.parent.name)) != os.getpid():
            found.append(pid)
    return found


def end_leftovers(run: Path) -> int:
    """End them: asked first, killed after 10 s. Returns how many there were."""
    first = leftovers(run)
    _signal(first, signal.SIGTERM)
    deadline = time.monotonic() + _END_WITHIN_S
    while left := leftovers(run):
        if time.monotonic() > deadline:
            _signal(left, signal.SIGKILL)
        time.sleep(0.05)
    return len(first)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
