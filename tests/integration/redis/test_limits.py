"""API processes that share a Redis count requests together."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.redis.cache import ResponseCache
from entrypoints.api.access.limits import Limits
from entrypoints.api.app import create_app
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
        counts=ResponseCache(url, "cryptoviz-requests"),
    )  # fmt: skip
    with TestClient(app, base_url="http://127.0.0.1") as client:
        return [client.get("/api/v1/trades/", headers=bearer(key)).status_code for _ in range(count)]


def test_they_count_together(redis_server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.api.access.limits.time.time", lambda: 1_000_000.0)
    world = World()
    key = world.key("read")
    assert statuses(world, key, redis_server.endpoint, 3) == [200] * 3
    assert statuses(world, key, redis_server.endpoint, 3) == [200, 429, 429]


def test_without_redis_nobody_is_refused() -> None:
    world = World()
    assert statuses(world, world.key("read"), "redis://127.0.0.1:9", 6) == [200] * 6
