"""API processes that share a Redis count requests together."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.redis.cache import ResponseCache
from adapters.redis.counts import RequestCounts
from entrypoints.api.access.limits import Limits
from entrypoints.api.app import create_app
from entrypoints.api.server import as_served
from tests.house import bearer
from tests.servers.running import Running
from tests.servers.stack import own_server
from tests.unit.api.world import World


@pytest.fixture(scope="module")
def redis_server(pytestconfig: pytest.Config) -> Iterator[Running]:
    with own_server(pytestconfig, "redis") as server:
        yield server


def statuses(world: World, key: str, url: str, count: int) -> list[int]:
    """What a process of its own answers to so many requests."""
    app = create_app(
        world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True, limits=Limits(known=4),
        counts=RequestCounts(url),
    )  # fmt: skip
    with TestClient(app, base_url="http://127.0.0.1") as client:
        return [client.get("/api/v1/trades/", headers=bearer(key)).status_code for _ in range(count)]


def test_they_count_together(redis_server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.api.access.limits.time.time", lambda: 1_000_000.0)
    world = World()
    key = world.key("read")
    assert statuses(world, key, redis_server.endpoint, 3) == [200] * 3
    assert statuses(world, key, redis_server.endpoint, 3) == [200, 429, 429]


def test_a_redis_that_hangs_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.1)
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr("adapters.redis.absence._LEFT_ALONE_S", 3_600.0)
        assert statuses(world, world.key("read"), url, 20) == [200] * 20
        connections = 0
        with suppress(TimeoutError):
            while True:
                silent.accept()[0].close()
                connections += 1
    assert connections == 1


def test_without_redis_nobody_is_refused() -> None:
    world = World()
    assert statuses(world, world.key("read"), "redis://127.0.0.1:9", 6) == [200] * 6


def test_an_answer_from_the_cache_says_what_is_left_of_whom_it_goes_to(redis_server: Running) -> None:
    world = World()
    app = create_app(
        world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True,
        cache=ResponseCache(redis_server.endpoint),
    )  # fmt: skip
    ann, bob = bearer(world.key("read")), bearer(world.key("command"))
    with TestClient(as_served(app, PrometheusTelemetry()), base_url="http://127.0.0.1") as client:
        path = "/api/v1/tickers/"
        client.get("/api/v1/trades/", headers=bob)
        answers = [client.get(path, headers=headers) for headers in (ann, bob)]
    for answer, left in zip(answers, ("5999", "5998"), strict=True):
        for header in ("ratelimit-remaining", "x-frame-options", "cache-control"):
            assert len(answer.headers.get_list(header)) == 1, header
        assert answer.headers["ratelimit-remaining"] == left
