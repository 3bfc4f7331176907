"""Whatever hangs, the API's health tells which within 45 s, and is ok again within 45 s after. With the real settings."""

import json
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cluster import Api, Cluster
from tests.servers.freezing import frozen
from tests.servers.running import Running
from tests.servers.stack import own_server
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WITHIN_S = 45
PROCESSES = ("feed", "news", "alerting", "ingest", "analytics")
CALLED = {"ingest": "spark_ingestion", "analytics": "spark_analytics"}


@pytest.fixture(scope="module")
def redis_server(pytestconfig: pytest.Config) -> Iterator[Running]:
    with own_server(pytestconfig, "redis") as server:
        yield server


class Watched:
    """A cluster, and what its API says of its health."""

    def __init__(self, cluster: Cluster, api: Api) -> None:
        self.cluster, self.api = cluster, api
        self.said: dict[str, Any] = {}

    def troubled(self) -> set[str]:
        """The parts that are not ok; the answer comes at once, whatever hangs."""
        began = time.monotonic()
        self.said = self.api.health()
        assert time.monotonic() - began < 2, "health waits for something that hangs"
        return {name for name, part in self.said["components"].items() if part["status"] != "ok"}

    def hang(self, pids: Collection[int], blamed: Collection[str], *, alone: bool = False) -> None:
        """Freeze processes until exactly these are blamed (`alone`: nobody else), and see that all is well afterwards."""
        with frozen(pids):
            assert until(lambda: set(blamed) <= self.troubled(), seconds=WITHIN_S), json.dumps(self.said, indent=1)
            assert self.said["status"] in {"degraded", "down"}
            for name in blamed:
                part = self.said["components"][name]
                assert part["detail"] and part["since"], part
            if alone:
                others = {name.partition("/")[0] for name in self.troubled()} - set(blamed)
                assert not others, json.dumps(self.said, indent=1)
        self.wait_well()

    def wait_well(self, seconds: float = WITHIN_S) -> None:
        assert until(lambda: self.troubled() == set() and self.said["status"] == "ok", seconds=seconds), json.dumps(
            self.said, indent=1
        )

    def pid(self, name: str) -> int:
        return self.cluster.processes[name].pid


def test_what_hangs_is_told_and_is_well_again_when_it_goes_on(
    tmp_path: Path,
    fresh_kafka: Running,
    fresh_schema_registry: Running,
    fresh_timescaledb: Running,
    redis_server: Running,
) -> None:
    with Cluster(
        tmp_path / "cluster",
        source="simulated",
        pairs="BTC/USD,ETH/USD",
        kafka_bootstrap_servers=fresh_kafka.endpoint,
        schema_registry_url=fresh_schema_registry.endpoint,
        database_url=fresh_timescaledb.endpoint,
        redis_url=redis_server.endpoint,
    ) as cluster:
        cluster.set_up()
        watched = Watched(cluster, cluster.start_api())
        for name in PROCESSES:  # one after another: together they would take all processors for a minute
            cluster.start(name)
            called = CALLED.get(name, name)
            assert until(lambda called=called: called not in watched.troubled(), seconds=240), watched.said  # type: ignore[misc]
        watched.wait_well()

        # Who stands is blamed, and nobody before it or after it; nor is anybody else when several stand.
        watched.hang([watched.pid("ingest")], ["spark_ingestion"], alone=True)
        others = [name for name in PROCESSES if name != "ingest"]
        watched.hang([watched.pid(name) for name in others], [CALLED.get(name, name) for name in others], alone=True)
        watched.hang([fresh_schema_registry.pid, redis_server.pid], ["schema_registry", "redis"])
        watched.hang([fresh_kafka.pid], ["kafka"])
        watched.hang([fresh_timescaledb.pid], ["database"])

        cluster.stop("news")
        assert until(lambda: watched.troubled() == {"news"})
        assert watched.said["components"]["news"]["status"] == "stopped"
