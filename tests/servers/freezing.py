"""Processes that hang: stopped with all that they have started, and let go on at the end of the block."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import until


@contextmanager
def frozen(pids: Iterable[int]) -> Iterator[None]:
    """Within the block the processes, their children and theirs do nothing; connections to them stay open."""
    stopped: list[int] = []
    try:
        for pid in pids:
            for one in _tree(pid):
                os.kill(one, signal.SIGSTOP)
                stopped.append(one)
        assert until(lambda: all(_state(pid) in "TtZX" for pid in stopped))
        yield
    finally:
        for pid in reversed(stopped):
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue


def _tree(pid: int) -> list[int]:
    """A process before its children, so that none is started meanwhile."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _tree(int(child))
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "X"
