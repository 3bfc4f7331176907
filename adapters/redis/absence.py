"""A Redis that does not answer is left alone for a while: asked each time, it would make every request wait."""

import time

import redis
import structlog

log = structlog.get_logger(__name__)

_LEFT_ALONE_S = 5.0


class Absence:
    """Whether Redis was away a moment ago. Lives on one event loop."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._until = float("-inf")

    @property
    def lasts(self) -> bool:
        """Whether not to ask."""
        return time.monotonic() < self._until

    def note(self, error: redis.RedisError) -> None:
        """It did not answer."""
        self._until = time.monotonic() + _LEFT_ALONE_S
        log.warning(f"Redis is away: {self._what}", reason=str(error))
