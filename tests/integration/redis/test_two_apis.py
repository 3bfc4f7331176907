"""Two API processes on one log, one store and one Redis."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.cluster import Api, Cluster
from tests.servers.databases import Databases
from tests.servers.running import Running
from tests.servers.stack import own_server
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def redis_server(pytestconfig: pytest.Config) -> Iterator[Running]:
    with own_server(pytestconfig, "redis") as server:
        yield server


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
    fresh_kafka: Running,
    fresh_schema_registry: Running,
    timescaledb: Databases,
    redis_server: Running,
) -> Iterator[Cluster]:
    with Cluster(
        tmp_path_factory.mktemp("cluster"),
        source="simulated",
        kafka_bootstrap_servers=fresh_kafka.endpoint,
        schema_registry_url=fresh_schema_registry.endpoint,
        database_url=timescaledb.migrated().render_as_string(hide_password=False),
        redis_url=redis_server.endpoint,
    ) as cluster:
        cluster.set_up()
        cluster.start("feed")
        cluster.start("alerting")
        cluster.wait_ok("feed", "alerting")
        yield cluster


@pytest.fixture(scope="module")
def apis(cluster: Cluster) -> tuple[Api, Api]:
    return cluster.start_api("api-one"), cluster.start_api("api-two")


def stream(api: Api) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{api.port}/api/v1/stream", origin=None, max_size=None)


def subscribe(connection: ClientConnection, channel: str, after: str | None = None) -> None:
    request = {"action": "subscribe", "channel": channel} | ({"after": after} if after is not None else {})
    connection.send(json.dumps(request))


def rows(connection: ClientConnection, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        message = json.loads(connection.recv(timeout=30))
        assert message["channel"] != "error", message
        if "data" in message:
            found.append(message)
    return found


def test_a_client_goes_on_at_the_other_replica_without_gap_or_duplicate(apis: tuple[Api, Api]) -> None:
    with stream(apis[0]) as first:
        subscribe(first, "trades", after="0")
        seen = rows(first, 200)
    with stream(apis[1]) as second:
        subscribe(second, "trades", after=seen[-1]["cursor"])
        seen += rows(second, 100)
    by_pair: dict[str, list[int]] = {}
    for row in seen:
        by_pair.setdefault(row["data"]["pair"], []).append(row["data"]["trade_id"])
    for pair, ids in by_pair.items():
        assert len(ids) == len(set(ids)), f"{pair} has a trade twice"
        live = ids[ids.index(max(ids[:1])) :]
        assert live == list(range(live[0], live[0] + len(live))), f"{pair} has a gap"


def test_both_serve_the_same_stream(apis: tuple[Api, Api]) -> None:
    with stream(apis[0]) as one, stream(apis[1]) as other:
        for connection in (one, other):
            subscribe(connection, "trades")
        deadline = time.monotonic() + 8
        heard: list[set[tuple[str, int]]] = [set(), set()]
        while time.monotonic() < deadline and min(map(len, heard)) < 60:
            for connection, into in zip((one, other), heard, strict=True):
                into.update((row["data"]["pair"], row["data"]["trade_id"]) for row in rows(connection, 5))
        assert len(heard[0] & heard[1]) > 30


def test_a_command_given_to_one_is_seen_at_the_other(apis: tuple[Api, Api], cluster: Cluster) -> None:
    rule = apis[0].post(
        "alert-rules/",
        {"name": "tiny", "kind": "price-move", "pair": "BTC-USD", "threshold_pct": "0.01", "window_s": 300},
    )
    assert rule["id"] in {row["id"] for row in apis[1].get("alert-rules/")["items"]}
    with stream(apis[1]) as connection:
        subscribe(connection, "alerts")
        [raised] = rows(connection, 1)
        apis[0].post(f"alerts/{raised['data']['id']}/acknowledge/")
        while (changed := rows(connection, 1)[0])["data"]["id"] != raised["data"]["id"]:
            pass
        assert changed["data"]["status"] == "acknowledged"


def test_answers_are_shared_for_a_second_and_made_anew_without_redis(
    apis: tuple[Api, Api], redis_server: Running
) -> None:
    apis[0].get("candles/?pair=BTC-USD")
    redis_server.kill()
    try:
        assert apis[1].get("candles/?pair=BTC-USD") is not None
        assert until(lambda: apis[1].get("health/")["components"]["redis"]["status"] == "down")
        health = apis[1].get("health/")
        assert health["status"] == "degraded" and apis[1].status("health/ready") == 200
        with stream(apis[1]) as connection:
            subscribe(connection, "trades")
            assert rows(connection, 5)
    finally:
        redis_server.start()
    assert until(lambda: apis[1].get("health/")["components"]["redis"]["status"] == "ok")
