"""What the operator reads, over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.sql.batches import SqlBatches
from adapters.sql.store import SqlStore
from application.ports.batches import Batch
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor
from domain.access.role import Role
from entrypoints.api.app import create_app
from tests.house import PASSWORD, bearer
from tests.unit.api.world import NOON, World, raised, trade

ADMIN = "/api/v1/admin/"
PATHS = ("topics/", "batches/", "schemas/", "streams/", "storage/")
HOOK = {"name": "Ours", "kind": "webhook", "url": "https://example.org/hook"}


class Desk:
    def __init__(self) -> None:
        self.world = World()
        app = create_app(self.world.services, PrometheusTelemetry(), self.world.house, bound_to_loopback=True)
        self.client = TestClient(app, base_url="http://127.0.0.1:8000")
        self.headers = bearer(self.world.key("read"))

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(ADMIN + path, params=query, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def saved(self, reader: str, cursor: str, state: str = "") -> None:
        with SqlStore(self.world.house_box.engine()).begin() as tx:
            tx.save_checkpoint(reader, Checkpoint(Cursor(cursor), state))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.client:
        yield made


@pytest.mark.parametrize("path", [*PATHS, "streams/rule:default/"])
def test_a_viewers_account_is_needed_and_enough(desk: Desk, path: str) -> None:
    assert desk.client.get(ADMIN + path).status_code == 401
    assert desk.client.get(ADMIN + path, headers=desk.headers).status_code in (200, 404)


@pytest.mark.parametrize("path", [*PATHS, "streams/audit:2026-11-22/"])
@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"cursor": "nonsense"}, {"limt": 3}])
def test_mistakes_are_named(desk: Desk, path: str, query: dict[str, Any]) -> None:
    assert desk.get(path, 422, **query)["field"] == next(iter(query))


def test_topics_say_what_the_log_holds_and_how_far_its_readers_are(desk: Desk) -> None:
    desk.world.happens(trade(1), trade(2), raised(3), trade(4))
    desk.saved("store", "2")
    desk.saved("alerting", "4", '{"topics": ["rawtrade", "alertevent"]}')
    desk.saved("relay", "99")  # it reads the event store
    topics = {row["topic"]: row for row in desk.get("topics/")["items"]}
    assert topics["rawtrade"] == {
        "topic": "rawtrade", "records": 3, "bytes": None, "partitions": [{"partition": 0, "first": 1, "last": 4}],
        "consumers": [{"name": "store", "lag": 1}, {"name": "alerting", "lag": 0}],
    }  # fmt: skip
    assert topics["rawalert"]["records"] == 1
    assert topics["rawarticle"] == {
        "topic": "rawarticle", "records": 0, "bytes": None, "partitions": [], "consumers": [{"name": "store", "lag": 0}],
    }  # fmt: skip
    first = desk.get("topics/", limit=3)
    rest = desk.get("topics/", cursor=first["next_cursor"])
    assert [row["topic"] for row in first["items"] + rest["items"]] == list(topics)


def test_batches_are_listed_newest_first(desk: Desk) -> None:
    log = SqlBatches(desk.world.house_box.engine())
    for number in range(3):
        started = NOON + timedelta(seconds=number)
        log.note(Batch(job="ingest/market", batch_id=number, started_at=started, duration_ms=812, rows=15))
    page = desk.get("batches/", limit=2)
    assert page["items"][0] == {
        "job": "ingest/market", "batch_id": 2, "started_at": "2026-11-22T12:00:02Z", "duration_ms": 812, "rows": 15,
    }  # fmt: skip
    assert [row["batch_id"] for row in desk.get("batches/", cursor=page["next_cursor"])["items"]] == [0]


def test_schemas_are_told_as_json(desk: Desk) -> None:
    [subject] = desk.get("schemas/")["items"]
    [version] = subject["versions"]
    assert (subject["subject"], version["version"], version["id"]) == ("rawtrade-value", 1, 3)
    assert version["schema"]["type"] == "record"


def test_streams_are_found_by_how_their_names_begin_and_their_events_paged(desk: Desk) -> None:
    channels = desk.world.house.channels
    headers = bearer(desk.world.key("admin"))
    hooks = [HOOK, HOOK | {"name": "Second"}]
    made = [desk.client.post(f"{ADMIN}channels/", json=hook, headers=headers).json()["id"] for hook in hooks]
    desk.client.put(f"{ADMIN}channels/{made[0]}/", json=HOOK | {"name": "Other"}, headers=headers)
    assert len(channels.all()) == 2
    page = desk.get("streams/", prefix="channel:", limit=1)
    rest = desk.get("streams/", prefix="channel:", cursor=page["next_cursor"])
    found = {row["stream"]: row["version"] for row in page["items"] + rest["items"]}
    assert found == {f"channel:{made[0]}": 2, f"channel:{made[1]}": 1}
    path = f"streams/channel:{made[0]}/"
    newest = desk.get(path, limit=1)
    [event] = newest["items"]
    assert (event["version"], event["name"], event["origin"]) == (2, "channel-changed", "live")
    assert event["data"]["terms"]["title"] == "Other"
    assert [one["version"] for one in desk.get(path, cursor=newest["next_cursor"])["items"]] == [1]
    assert desk.get("streams/", 422, cursor=newest["next_cursor"])["field"] == "cursor"
    assert "no stream 'nobody'" in desk.get("streams/nobody/", 404)["detail"]


def test_no_event_holds_a_secret(desk: Desk) -> None:
    house = desk.world.house
    house.users.create("ann", PASSWORD, Role.ADMIN)
    key = desk.world.key("admin")
    hook = desk.client.post(f"{ADMIN}channels/", json=HOOK, headers=bearer(key)).json()
    mail = {
        "name": "Mail", "kind": "email", "to": "ann@example.org", "host": "smtp.example.org", "user": "bot",
        "password": "hunter22", "from": "bot@example.org",
    }  # fmt: skip
    desk.client.post(f"{ADMIN}channels/", json=mail, headers=bearer(key))
    signed_in = {"name": "ann", "password": PASSWORD}
    session = desk.client.post(f"{ADMIN}session/", json=signed_in).json()
    pages = [desk.get("streams/", limit=1000)]
    pages += [desk.get(f"streams/{row['stream']}/", limit=1000) for row in pages[0]["items"]]
    told = str(pages)
    assert "channel-created" in told and "command-audited" in told
    for secret in ("argon2", PASSWORD, key, hook["signing_key"], "whsec_", "hunter22", session["csrf_token"]):
        assert secret not in told


def test_storage_says_how_much_since_when_and_for_how_long(desk: Desk) -> None:
    SqlBatches(desk.world.house_box.engine()).note(
        Batch(job="ingest/market", batch_id=1, started_at=NOON, duration_ms=1, rows=1)
    )
    page = desk.get("storage/")
    tables = {row["table"]: row for row in page["items"]}
    assert tables["job_batch"].items() >= {
        "rows": 1, "exact": True, "oldest": "2026-11-22T12:00:00Z", "newest": "2026-11-22T12:00:00Z", "days_kept": None,
    }.items()  # fmt: skip
    assert tables["trade_data"].items() >= {"rows": 0, "oldest": None, "days_kept": 30}.items()
    assert (page["log_bytes"], page["disk_free_bytes"], page["disk_total_bytes"]) == (1_000, 2_000, 3_000)
    assert page["measured_at"] == "2026-11-22T12:00:00Z"
    assert page["database_bytes"] >= 4096


def test_storage_is_measured_once_a_minute(desk: Desk) -> None:
    batches, clock = SqlBatches(desk.world.house_box.engine()), desk.world.clock

    def rows() -> int:
        found: int = next(
            row["rows"] for row in desk.get("storage/", limit=1000)["items"] if row["table"] == "job_batch"
        )
        return found

    assert rows() == 0
    batches.note(Batch(job="ingest/market", batch_id=1, started_at=NOON, duration_ms=1, rows=1))
    clock.time += timedelta(seconds=59)
    assert rows() == 0
    clock.time += timedelta(seconds=1)
    assert rows() == 1
