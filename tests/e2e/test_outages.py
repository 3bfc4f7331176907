"""Whatever is killed while data flows, every trade is there once afterwards, and nothing needed a hand."""

from pathlib import Path

import pytest

from tests.e2e.cluster import Cluster
from tests.e2e.recordings import steady, write
from tests.servers.running import Running
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COUNT = 30_000  # a trade each second of the recording
SPEED = 400  # so it plays for 75 s


def test_broker_job_database_and_registry_are_killed_while_trades_flow(
    tmp_path: Path, fresh_kafka: Running, fresh_schema_registry: Running, fresh_timescaledb: Running
) -> None:
    recording = write(tmp_path / "steady.jsonl", steady(COUNT))
    with Cluster(
        tmp_path / "cluster",
        source=f"recording:{recording}",
        speed=str(SPEED),
        pairs="BTC/USD",
        kafka_bootstrap_servers=fresh_kafka.endpoint,
        schema_registry_url=fresh_schema_registry.endpoint,
        database_url=fresh_timescaledb.endpoint,
    ) as cluster:
        cluster.set_up()
        for name in ("ingest", "analytics", "alerting"):
            cluster.start(name)
        cluster.wait_ok("alerting")
        assert until(
            lambda: "waiting for the first batch" in cluster.word_of("ingest") or cluster.is_ok("ingest"), seconds=120
        )
        cluster.start("feed")

        def stored() -> int:
            return int(cluster.rows("SELECT count(*) FROM trade_data")[0][0])

        assert until(lambda: stored() > 0, seconds=120), cluster.said("ingest")[-3000:]
        for server in (fresh_kafka, fresh_schema_registry, fresh_timescaledb):
            server.kill()
            server.start()
        for name in ("ingest", "analytics", "ingest"):
            cluster.kill(name)
            cluster.start(name)
        assert until(lambda: stored() == COUNT, seconds=300), f"{stored()} trades: {cluster.said('ingest')[-3000:]}"
        assert cluster.rows("SELECT count(DISTINCT trade_id), min(trade_id), max(trade_id) FROM trade_data") == [
            (COUNT, 1, COUNT)
        ]

        def counted() -> list[tuple[str, int]]:
            rows = cluster.rows(
                "SELECT interval, sum(trades)::bigint FROM candle_data GROUP BY interval ORDER BY interval"
            )
            return [(str(interval), int(trades)) for interval, trades in rows]

        expected = sorted((interval, COUNT) for interval in ("1m", "5m", "15m", "1h", "4h", "1d"))
        assert until(lambda: counted() == expected, seconds=120), counted()
        cluster.wait_ok("feed", "ingest", "analytics", "alerting")
