"""A Redis of our own."""

import redis


def test_it_answers_and_bounds_its_memory(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.config_get("maxmemory") == {"maxmemory": str(128 << 20)}
