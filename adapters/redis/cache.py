"""Answers to reads, which API processes share in Redis for a moment; without it they are simply made anew."""

from datetime import timedelta

import redis
import redis.asyncio
from litestar.stores.redis import RedisStore

from adapters.redis.absence import Absence

TIMEOUT_S = 0.25  # a cache that takes longer than the query is none


class ResponseCache(RedisStore):
    """Litestar's own store, but one that cannot be reached is empty."""

    def __init__(self, url: str) -> None:
        connection = redis.asyncio.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
        super().__init__(redis=connection, namespace="cryptoviz-responses", handle_client_shutdown=True)
        self._absence = Absence("each answer is made anew")

    async def get(self, key: str, renew_for: int | timedelta | None = None) -> bytes | None:
        """The value, or None."""
        if self._absence.lasts:
            return None
        try:
            return await super().get(key, renew_for)
        except redis.RedisError as error:
            self._absence.note(error)
            return None

    async def set(self, key: str, value: str | bytes, expires_in: int | timedelta | None = None) -> None:
        """Keep a value for a while."""
        if self._absence.lasts:
            return
        try:
            await super().set(key, value, expires_in)
        except redis.RedisError as error:
            self._absence.note(error)


def probe(url: str) -> None:
    """Ask whether Redis answers. Raises redis.RedisError."""
    with redis.from_url(url, socket_connect_timeout=2.0, socket_timeout=2.0) as client:
        client.ping()
