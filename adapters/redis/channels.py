"""Litestar's channels over Redis: how API processes tell the others, and the alerting process, that something changed.

A message only says "look now": whoever misses it looks a little later by himself. So Redis being away costs promptness,
never data; what must not be lost goes through the event log.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import redis
import redis.asyncio
import structlog
from litestar.channels.backends.redis import RedisChannelsPubSubBackend

log = structlog.get_logger(__name__)

CHANGES = "changes"
"""Somebody gave a command: the event store has something to relay."""

_PREFIX = "cryptoviz"
_RETRY_S = 1.0
_TIMEOUT_S = 2.0


class RedisChannels(RedisChannelsPubSubBackend):
    """Litestar's own backend, which a Redis that goes away and comes back does not end."""

    def __init__(self, url: str) -> None:
        connection = redis.asyncio.from_url(url, socket_connect_timeout=_TIMEOUT_S)
        super().__init__(redis=connection, key_prefix=_PREFIX)

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Tell the others; where Redis is away they find out by themselves."""
        try:
            await super().publish(data, channels)
        except redis.RedisError as error:
            log.warning("Redis is away: other processes are told later", reason=str(error))

    async def stream_events(self) -> AsyncGenerator[tuple[str, Any], None]:
        """What the others tell, for ever."""
        while True:
            try:
                async for event in super().stream_events():
                    yield event
            except redis.RedisError as error:
                log.warning("Redis is away: this process hears of changes later", reason=str(error))
                await asyncio.sleep(_RETRY_S)


def listen(url: str, heard: Callable[[], None], stop: threading.Event) -> None:
    """Call `heard` whenever a process publishes on CHANGES, until `stop` is set. Raises redis.RedisError."""
    with redis.from_url(url, socket_connect_timeout=_TIMEOUT_S) as client, client.pubsub() as subscription:
        subscription.subscribe(f"{_PREFIX}_{CHANGES.upper()}")
        while not stop.is_set():
            if subscription.get_message(ignore_subscribe_messages=True, timeout=0.25):
                heard()
