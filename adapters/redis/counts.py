"""How many requests were made, of all processes together; while Redis is away nothing is counted."""

import redis
import redis.asyncio

from adapters.redis.absence import Absence
from adapters.redis.cache import TIMEOUT_S

_PREFIX = "cryptoviz-requests"


class RequestCounts:
    """A counter for each asker and window; it goes when the window is over."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
        self._absence = Absence("requests are not counted")

    async def another(self, who: str, window: int, *, kept_s: int) -> int:
        """Count one more; returns how many there are. 0 where that is not known."""
        if self._absence.lasts:
            return 0
        key = f"{_PREFIX}:{window}:{who}"
        try:
            async with self._redis.pipeline(transaction=True) as both:
                both.incr(key)
                both.expire(key, kept_s)
                count, _ = await both.execute()
        except redis.RedisError as error:
            self._absence.note(error)
            return 0
        return int(count)
