"""What the operator reads of the running program, and of the cluster."""

from pathlib import Path
from typing import Any

import pytest

from application.topics import TOPICS
from tests.e2e.cluster import Api, Cluster
from tests.e2e.program import Program
from tests.servers.databases import Databases
from tests.servers.running import Running
from tests.waiting import until


def test_the_log_the_events_and_the_tables_are_told(tmp_path: Path) -> None:
    with Program(tmp_path / "data", "--source", "simulated", pairs="BTC/USD", retention="on") as program:
        assert until(lambda: program.get("trades/")["items"])
        hook = {"name": "Ours", "kind": "webhook", "url": "https://example.org/hook"}
        made = program.post("admin/channels/", hook)

        topics = {row["topic"]: row for row in program.get("admin/topics/")["items"]}
        assert topics["rawtrade"]["records"] > 0 and topics["rawtrade"]["bytes"] > 0
        assert {one["name"] for one in topics["rawtrade"]["consumers"]} >= {"store"}
        assert until(lambda: program.get("admin/topics/")["items"][1]["records"] > topics["rawtrade"]["records"])

        streams = {row["stream"] for row in program.all("admin/streams/")}
        assert streams > {"rule:default", f"channel:{made['id']}"}, "those of the session, and those of the house"
        assert any(name.startswith("audit:") for name in streams)
        [created] = program.get(f"admin/streams/channel:{made['id']}/")["items"]
        assert (created["name"], created["data"]["terms"]["title"]) == ("channel-created", "Ours")

        schemas = {row["subject"]: row["versions"] for row in program.get("admin/schemas/")["items"]}
        assert schemas["rawtrade-value"][-1]["id"] is not None
        assert [version["version"] for version in schemas["rawalert-value"]] == [1, 2, 3]

        storage = program.get("admin/storage/")
        tables = {row["table"]: row for row in storage["items"]}
        assert tables["trade_data"]["rows"] > 0 and tables["trade_data"]["days_kept"] == 30
        assert tables["api_key"]["rows"] == 1, "the house's tables too"
        assert storage["log_bytes"] > 0 and storage["disk_free_bytes"] < storage["disk_total_bytes"]
        assert program.get("admin/batches/")["items"] == []


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_the_same_is_told_of_the_cluster(
    tmp_path: Path, fresh_kafka: Running, fresh_schema_registry: Running, timescaledb: Databases
) -> None:
    with Cluster(
        tmp_path / "cluster",
        source="simulated",
        pairs="BTC/USD",
        kafka_bootstrap_servers=fresh_kafka.endpoint,
        schema_registry_url=fresh_schema_registry.endpoint,
        database_url=timescaledb.migrated().render_as_string(hide_password=False),
    ) as cluster:
        cluster.set_up()
        for name in ("feed", "alerting", "ingest"):
            cluster.start(name)
        api = cluster.start_api()
        assert until(lambda: api.get("admin/batches/")["items"], seconds=240), cluster.said("ingest")[-2000:]
        [batch] = api.get("admin/batches/?limit=1")["items"]
        assert batch["job"] in ("ingest/market", "ingest/rest") and batch["rows"] > 0

        def lags() -> dict[str, int | None]:
            trades = _topic(api, "rawtrade")
            assert len(trades["partitions"]) == 3 and trades["bytes"] is None
            return {one["name"]: one["lag"] for one in trades["consumers"]}

        assert until(lambda: {"ingest", "alerting"} <= lags().keys())
        assert lags()["candles"] is None, "its place is Spark's"
        assert _topic(api, "rawtrade")["records"] > 0

        subjects = {row["subject"]: row["versions"] for row in api.get("admin/schemas/")["items"]}
        assert subjects.keys() == {f"{topic}-value" for topic in TOPICS}
        assert all(version["id"] is not None for versions in subjects.values() for version in versions)
        assert "rule:default" in {row["stream"] for row in api.get("admin/streams/?prefix=rule:")["items"]}

        storage = api.get("admin/storage/")
        tables = {row["table"]: row for row in storage["items"]}
        assert tables["trade_data"]["bytes"] > 0 and tables["trade_data"]["days_kept"] == 30
        assert storage["database_bytes"] > 0
        assert storage["log_bytes"] is storage["disk_free_bytes"] is storage["disk_total_bytes"] is None


def _topic(api: Api, name: str) -> dict[str, Any]:
    return next(row for row in api.get("admin/topics/")["items"] if row["topic"] == name)
