"""What API processes share in Redis for a moment: answers to reads, and how many requests were made.

Without Redis answers are simply made anew, and nothing is counted.
"""

from datetime import timedelta

import redis
import redis.asyncio
import structlog
from litestar.stores.redis import RedisStore

log = structlog.get_logger(__name__)

_TIMEOUT_S = 0.25  # a cache that takes longer than the query is none


class ResponseCache(RedisStore):
    """Litestar's own store, but one that cannot be reached is empty."""

    def __init__(self, url: str, namespace: str = "cryptoviz-responses") -> None:
        connection = redis.asyncio.from_url(url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S)
        super().__init__(redis=connection, namespace=namespace, handle_client_shutdown=True)

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        """The value, or None."""
        try:
            return await super().get(key, renew_for)
        except redis.RedisError as error:
            log.warning("the response cache cannot be read", reason=str(error))
            return None

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        """Keep a value for a while."""
        try:
            await super().set(key, value, expires_in)
        except redis.RedisError as error:
            log.warning("the response cache cannot be written", reason=str(error))


def probe(url: str) -> None:
    """Ask whether Redis answers. Raises redis.RedisError."""
    with redis.from_url(url, socket_connect_timeout=2.0, socket_timeout=2.0) as client:
        client.ping()
