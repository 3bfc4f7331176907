"""Processes of a run directory that nobody supervises: supervisord was killed, or a part left a child behind.

They are found by two marks, as neither is enough: by the process that `launch.py` recorded for each part, and by the run
directory in the environment, which children inherit but which servers that change their title (Redis, PostgreSQL)
overwrite. Only Linux tells: elsewhere there are none to see.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from entrypoints.run_dir import RUN_DIR
from entrypoints.supervise.parts import GROUPS, PARTS, parts_of

_END_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.05


def record(name: str, pid: int) -> str:
    """What is to be written to `record_file` about a part's process."""
    return json.dumps({"name": name, "pid": pid, "began": _began(pid)})


def record_file(run: Path, name: str) -> Path:
    """Where a part's process is recorded."""
    return run / f"{name}.process.json"


def leftovers(run: Path) -> list[int]:
    """The processes of this run directory, each part's own and whatever these have started."""
    mark = b"\0" + os.fsencode(f"{RUN_DIR}={run}") + b"\0"
    found = set()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = entry.read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        if mark in b"\0" + environment:
            found.add(int(entry.parent.name))
    for name in PARTS:
        pid = _recorded(run, name)
        if pid is not None:
            found |= {pid, *_group_of(pid)}
    return sorted(pid for pid in found if pid != os.getpid() and _began(pid) is not None)


def end_leftovers(run: Path) -> int:
    """End them, those first that use the others; each is asked as its part wants to be, and killed when it does not go.

    Returns how many there were.
    """
    first = leftovers(run)
    for group in reversed(GROUPS):
        pids = {part: pid for part in parts_of(group) if (pid := _recorded(run, part.name)) is not None}
        for part, pid in pids.items():
            _signal([pid], signal.SIGTERM if part.stop_signal == "TERM" else signal.SIGINT)
        for part, pid in pids.items():
            _wait_for([pid], part.stop_within_s)
        for pid in pids.values():
            _signal([pid, *_group_of(pid)], signal.SIGKILL)
    left = leftovers(run)
    _signal(left, signal.SIGTERM)
    _wait_for(left, _END_WITHIN_S)
    while left := leftovers(run):
        _signal(left, signal.SIGKILL)
        time.sleep(_LOOK_EVERY_S)
    return len(first)


def _recorded(run: Path, name: str) -> int | None:
    """The part's process, if it is still the one that was recorded."""
    try:
        said = json.loads(record_file(run, name).read_text(encoding="utf-8"))
        pid, began = int(said["pid"]), said["began"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if began is not None and _began(pid) == began else None


def _group_of(pid: int) -> list[int]:
    """The members of the process group that this process leads: supervisord gives each part a group of its own."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        fields = _stat(entry)
        if fields is not None and fields[0] != "Z" and int(fields[2]) == pid:
            found.append(int(entry.parent.name))
    return found


def _began(pid: int) -> int | None:
    """When a process began, in the kernel's ticks: numbers are given again, a number and a time are not; None: it has ended."""
    fields = _stat(Path(f"/proc/{pid}/stat"))
    return None if fields is None or fields[0] in {"Z", "X"} else int(fields[19])


def _stat(file: Path) -> list[str] | None:
    """The fields after the name, which may hold spaces and brackets."""
    try:
        return file.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _wait_for(pids: Iterable[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(_began(pid) is not None for pid in pids) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)  # one that is stopped would not hear it
        except ProcessLookupError:
            continue
