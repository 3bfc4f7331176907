"""How long to wait before the next try to connect."""

import random


class Backoff:
    """Exponential from `first` to `longest` seconds, each halved by chance at most, so that clients do not storm in step."""

    def __init__(self, first: float, longest: float, rng: random.Random | None = None) -> None:
        self._first, self._longest = first, longest
        self._next = first
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret

    def next(self) -> float:
        """Seconds to wait; the following wait is twice as long."""
        wait = self._next
        self._next = min(self._next * 2, self._longest)
        return wait * self._rng.uniform(0.5, 1)

    def reset(self) -> None:
        """Data came: the next trouble is a new one."""
        self._next = self._first
