"""A record that cannot be processed is found and set aside; the others of its batch go on.

A failure of the surroundings (database or log away, disk full) is known by its type: it is raised, and waited out by
those who call. Every other failure is the record's.
"""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Generic, TypeVar

from application.ports.event_log import CursorTooOld, LogUnavailable
from application.ports.store import StoreUnavailable

T = TypeVar("T")

_ROOT = Path(__file__).parents[1]
_OUR_CODE = ("domain", "application", "adapters", "entrypoints")
_PARTS = 8
_LONGEST_REASON = 1_000
_OF_A_VALUE = (
    errno.EOVERFLOW,
    errno.ERANGE,
    errno.EDOM,
    errno.EINVAL,
)  # the C library's about a number, such as a time


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record could not be processed, in one line, and the innermost line of our code that was reached."""

    reason: str
    location: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """The failure that an exception tells of: its own words, and the location of its first cause."""
        words = " ".join(str(error).split()).replace("\x00", "\ufffd")
        reason = f"{type(error).__name__}: {words}" if words else type(error).__name__
        return cls(reason.encode("utf-8", "backslashreplace").decode()[:_LONGEST_REASON], _location(error))


@dataclass(frozen=True, slots=True)
class Failed(Generic[T]):
    """A record that could not be processed."""

    record: T
    failure: Failure


def is_of_the_surroundings(error: BaseException) -> bool:
    """Whether the same work may succeed later, so that no record is to blame."""
    if isinstance(error, StoreUnavailable | LogUnavailable | CursorTooOld | MemoryError):
        return True
    return isinstance(error, OSError) and error.errno not in _OF_A_VALUE


def isolate(records: Sequence[T], attempt: Callable[[Sequence[T]], None]) -> list[Failed[T]]:
    """Attempt all records, in their order; returns those that fail alone.

    Where an attempt fails, each eighth is attempted by itself, so k failures among n records cost O(k log n) attempts.
    (Eighths repeat less good work than halves do, for one failure as for many.) A failed attempt must undo what it did. Raises what is of the surroundings.
    """
    failed: list[Failed[T]] = []
    waiting = [records] if records else []
    while waiting:
        part = waiting.pop()
        try:
            attempt(part)
        except Exception as error:  # whatever a record may cause
            if is_of_the_surroundings(error):
                raise
            if len(part) == 1:
                failed.append(Failed(part[0], Failure.of(error)))
            else:
                size = -(-len(part) // _PARTS)
                waiting += [part[start : start + size] for start in reversed(range(0, len(part), size))]
    return failed


def _location(error: BaseException) -> str:
    """Such as `domain/market/candle.py:52 in start_of`."""
    while error.__cause__ is not None:
        error = error.__cause__
    found = "unknown"
    for frame, line in walk_tb(error.__traceback__):
        code = frame.f_code
        file = Path(code.co_filename)
        if file.is_relative_to(_ROOT) and file.relative_to(_ROOT).parts[0] in _OUR_CODE:
            found = f"{file.relative_to(_ROOT)}:{line} in {code.co_name}"
    return found
