"""Turns of neighbours that share one worker: pairs of a venue, channels of notification, kinds of dead letters.

Pure: times are seconds of any one clock that never goes back.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

Neighbour = TypeVar("Neighbour", bound=Hashable)
Task = TypeVar("Task", bound=Hashable)

_MOST_DOUBLINGS = 60  # 2.0 ** 60 still fits a float; no wait is that long


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waits: `first_s` after the first failure in a row, doubled by each further one up to `longest_s`."""

    first_s: float
    longest_s: float

    def after(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row (1 or more)."""
        return min(self.first_s * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self.longest_s)


class Concern(Enum):
    """Whom a failure concerns."""

    OWN = "own"
    """Only the task that failed."""
    ALL = "all"
    """Everybody: the venue is down, or asks for a pause."""


@dataclass(slots=True)
class _Trouble:
    """The failures in a row of one task."""

    failures: int = 0
    not_before: float = float("-inf")


@dataclass(slots=True)
class Turns(Generic[Neighbour, Task]):
    """Choose whose turn it is, so that no neighbour waits longer than one turn of each other neighbour.

    Each (neighbour, task) has its own next try. A failure that concerns all holds everybody back. A neighbour cannot do
    that twice while anything succeeds in between: then the failure is its own, until the task that failed first succeeds.
    """

    backoff: Backoff
    backoff_of_all: Backoff
    _troubles: dict[tuple[Neighbour, Task], _Trouble] = field(default_factory=dict)
    _blamed: dict[Neighbour, tuple[Task, int]] = field(default_factory=dict)
    """Which task of a neighbour held everybody back, and the count of successes by then."""
    _served: dict[Neighbour, int] = field(default_factory=dict)
    _turn: int = 0
    _successes: int = 0
    _failures_of_all: int = 0
    _held_until: float = float("-inf")

    def next(self, wanted: Mapping[Neighbour, Sequence[Task]], now: float) -> tuple[Neighbour, Task] | None:
        """Return the neighbour served longest ago that has a due task, with the first such task; None if none is due."""
        if now < self._held_until:
            return None
        for neighbour in sorted(wanted, key=lambda one: self._served.get(one, -1)):
            for task in wanted[neighbour]:
                if self._not_before(neighbour, task) <= now:
                    self._turn += 1
                    self._served[neighbour] = self._turn
                    return neighbour, task
        return None

    def next_at(self, wanted: Mapping[Neighbour, Sequence[Task]]) -> float | None:
        """Return when `next` finds the first of these due (perhaps in the past); None where nothing is wanted."""
        times = [self._not_before(neighbour, task) for neighbour, tasks in wanted.items() for task in tasks]
        return max(min(times), self._held_until) if times else None

    def succeeded(self, neighbour: Neighbour, task: Task) -> None:
        """The task worked: it is due at once, and everybody is."""
        self._troubles.pop((neighbour, task), None)
        if neighbour in self._blamed and self._blamed[neighbour][0] == task:
            del self._blamed[neighbour]
        self._successes += 1
        self._failures_of_all = 0

    def failed(
        self, neighbour: Neighbour, task: Task, concern: Concern, now: float, *, at_least_s: float = 0.0
    ) -> tuple[Concern, float]:
        """The task failed. Return whom that holds back after all, and until when; `at_least_s` is what the other side asks for."""
        _, successes_then = self._blamed.get(neighbour, (task, self._successes))
        if concern is Concern.ALL and successes_then == self._successes:
            self._blamed.setdefault(neighbour, (task, self._successes))
            self._failures_of_all += 1
            wait = max(at_least_s, self.backoff_of_all.after(self._failures_of_all))
            self._held_until = max(self._held_until, now + wait)
            return Concern.ALL, self._held_until
        trouble = self._troubles.setdefault((neighbour, task), _Trouble())
        trouble.failures += 1
        trouble.not_before = now + max(at_least_s, self.backoff.after(trouble.failures))
        return Concern.OWN, trouble.not_before

    def try_now(self, neighbour: Neighbour) -> None:
        """Somebody asks for it: what this neighbour's tasks waited for counts no more."""
        self._troubles = {key: trouble for key, trouble in self._troubles.items() if key[0] != neighbour}
        self._blamed.pop(neighbour, None)

    def keep_only(self, neighbours: Iterable[Neighbour]) -> None:
        """Forget all others."""
        kept = set(neighbours)
        self._troubles = {key: trouble for key, trouble in self._troubles.items() if key[0] in kept}
        self._blamed = {one: blamed for one, blamed in self._blamed.items() if one in kept}
        self._served = {one: turn for one, turn in self._served.items() if one in kept}

    def _not_before(self, neighbour: Neighbour, task: Task) -> float:
        trouble = self._troubles.get((neighbour, task))
        return trouble.not_before if trouble else float("-inf")
