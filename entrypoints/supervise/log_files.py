"""Reading a program's log: its last lines, and what is added to it, also when it is rotated."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

_LONGEST = 1 << 20  # bytes of a log's end that are looked through
_LOOK_EVERY_S = 0.2


class Place(NamedTuple):
    """An offset in a file that may be renamed meanwhile."""

    inode: int
    end: int


def last_lines(file: Path, count: int) -> list[str]:
    """The last lines of the newest log; none where there is no log."""
    return tail(file, count)[0]


def tail(file: Path, count: int) -> tuple[list[str], Place]:
    """The last lines of the newest log, and the place where they end: `follow` goes on from there."""
    try:
        with file.open("rb") as log:
            place = Place(os.fstat(log.fileno()).st_ino, log.seek(0, os.SEEK_END))
            log.seek(max(0, place.end - _LONGEST))
            lines = log.read(min(place.end, _LONGEST)).decode(errors="replace").splitlines()
    except FileNotFoundError:
        return [], Place(0, 0)
    return lines[-count:] if count else [], place


def follow(file: Path, start: Place, go_on: Callable[[], bool] = lambda: True) -> Iterator[bytes]:
    """What is added from `start` on, as it comes, for as long as `go_on` says; a log that is not there yet is waited for."""
    while go_on():
        try:
            log = file.open("rb")
        except FileNotFoundError:
            time.sleep(_LOOK_EVERY_S)
            continue
        with log:
            if os.fstat(log.fileno()).st_ino == start.inode:
                log.seek(start.end)
            start = Place(0, 0)
            while go_on():
                is_present = _is_present(file, log)
                if added := log.read(1 << 16):
                    yield added
                elif is_present:
                    time.sleep(_LOOK_EVERY_S)
                else:
                    break  # rotated, and read to its end


def _is_present(file: Path, log: IO[bytes]) -> bool:
    try:
        return file.stat().st_ino == os.fstat(log.fileno()).st_ino
    except FileNotFoundError:
        return False
