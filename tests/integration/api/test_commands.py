"""Commands over a real connection, as what may command depends on where it comes from."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.api.server import Api, serving
from tests.unit.api.world import NOON, World, raised, trade

RULE = {"name": "Quick", "kind": "price-move", "pair": "XBT-USD", "threshold_pct": "1.50", "window_s": 60}
NOTHING_FOUND = {"items": [], "count": 0, "known_from": None}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services) as api:
        yield api


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    with api.http() as http:
        yield http


def test_a_rule_is_created_changed_and_disabled(http: httpx.Client) -> None:
    answer = http.post("/api/v1/alert-rules/", json=RULE)
    assert answer.status_code == 201
    rule = answer.json()
    assert (rule["pair"], rule["threshold_pct"], rule["enabled"], rule["version"]) == ("BTC/USD", "1.5", True, 1)
    path = f"/api/v1/alert-rules/{rule['id']}/"
    assert http.put(path, json=RULE | {"window_s": 120, "enabled": True}).json()["version"] == 2
    off = http.put(path, json=RULE | {"window_s": 30, "enabled": False}).json()
    assert (off["window_s"], off["enabled"], off["version"]) == (30, False, 3)
    assert http.put(path, json=RULE | {"window_s": 30, "enabled": False}).json()["version"] == 3
    assert http.delete(path).json()["enabled"] is False
    assert http.get(path).json() == off
    assert [row["id"] for row in http.get("/api/v1/alert-rules").json()["items"]] == ["default", rule["id"]]
    assert http.delete("/api/v1/alert-rules/none/").status_code == 404


def test_a_preview_says_what_a_rule_would_have_raised(world: World, http: httpx.Client) -> None:
    world.happens(trade(1, price="100"), trade(2, price="102"))
    body = RULE | {"start": NOON.isoformat(), "end": NOON.replace(hour=13).isoformat()}
    answer = http.post("/api/v1/alert-rules/preview/", json=body).json()
    assert answer["count"] == 1
    assert (answer["items"][0]["pct_change"], answer["items"][0]["status"]) == ("2", "raised")
    swapped = http.post("/api/v1/alert-rules/preview", json=body | {"start": body["end"], "end": body["start"]})
    assert (swapped.status_code, swapped.json()["field"]) == (422, "start")


@pytest.mark.parametrize(
    ("kind", "terms", "threshold"),
    [
        ("volume-burst", {"threshold_pct": "300", "window_s": 300}, "300"),
        ("spread-widening", {"threshold_pct": 100, "window_s": 600}, "100"),
        ("sentiment-swing", {"threshold_pct": "30", "window_s": 3600}, "30"),
        ("feed-silent", {"window_s": 60}, "0"),
        ("forecast-broken", {"window_s": 300}, "0"),
        ("forecast-broken", {"threshold_pct": "0.1", "window_s": 3600}, "0.1"),
    ],
)
def test_a_rule_of_every_kind_is_previewed_and_created(
    http: httpx.Client, kind: str, terms: dict[str, Any], threshold: str
) -> None:
    body = {"name": kind, "kind": kind, **terms}
    span = {"start": NOON.isoformat(), "end": NOON.replace(hour=13).isoformat()}
    assert http.post("/api/v1/alert-rules/preview", json=body | span).json() == NOTHING_FOUND
    rule = http.post("/api/v1/alert-rules/", json=body).json()
    assert (rule["kind"], rule["threshold_pct"], rule["window_s"]) == (kind, threshold, terms["window_s"])
    path = f"/api/v1/alert-rules/{rule['id']}/"
    assert http.put(path, json=body | {"enabled": True}).json()["version"] == 1, "nothing would change"


def test_the_kinds_say_what_their_parameters_mean(http: httpx.Client) -> None:
    kinds = {row["kind"]: row for row in http.get("/api/v1/alert-rules/kinds/").json()["items"]}
    assert next(iter(kinds)) == "price-move"
    assert len(kinds) == 6
    assert kinds["feed-silent"]["threshold_pct"] is None
    assert kinds["forecast-broken"]["window_s"]["one_of"] == [60, 300, 3600]
    assert kinds["volume-burst"]["threshold_pct"]["most"] == "1000000"


def test_a_preview_of_another_kind_says_what_was_seen(world: World, http: httpx.Client) -> None:
    world.happens(trade(1), trade(100), trade(101))
    body = {"name": "Silent", "kind": "feed-silent", "window_s": 60, "pair": "BTC-USD"}
    span = {"start": NOON.isoformat(), "end": NOON.replace(hour=13).isoformat()}
    answer = http.post("/api/v1/alert-rules/preview/", json=body | span).json()
    [row] = answer["items"]
    assert (row["pct_change"], row["observed"], row["usual"]) == ("-100", "60", None)
    assert row["timestamp"] == "2026-11-22T12:01:01Z"


def test_an_alert_is_acknowledged_silenced_and_resolved(world: World, http: httpx.Client) -> None:
    alert = raised(1)
    world.happens(alert)
    path = f"/api/v1/alerts/{alert.alert_id}"
    assert http.post(f"{path}/acknowledge/").json()["status"] == "acknowledged"
    silenced = http.post(f"{path}/silence", json={"minutes": 60}).json()
    assert (silenced["status"], silenced["silenced_until"]) == ("silenced", "2026-11-22T13:00:00Z")
    assert http.post(f"{path}/silence/", json={"minutes": 0}).json()["field"] == "minutes"
    assert http.post(f"{path}/resolve/").json()["status"] == "resolved"
    assert http.post(f"{path}/acknowledge/").status_code == 409
    assert http.post("/api/v1/alerts/none/acknowledge/").status_code == 404
    assert http.get("/api/v1/alerts/", params={"status": "resolved"}).json()["items"][0]["id"] == alert.alert_id


def test_the_watchlist_takes_pairs_on_and_off(http: httpx.Client) -> None:
    assert http.delete("/api/v1/watchlist/BTC-USD/").status_code == 204
    assert http.delete("/api/v1/watchlist/BTC-USD/").status_code == 204
    assert http.post("/api/v1/watchlist/", json={"pair": "XBT/USD"}).json()["pair"] == "BTC/USD"
    pairs = [row["pair"] for row in http.get("/api/v1/watchlist/").json()["items"]]
    assert pairs == ["ETH/USD", "DOGE/USD", "BTC/USD"]
    assert http.post("/api/v1/watchlist/", json={"pair": "FOO-USD"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (RULE | {"window_s": "soon"}, "window_s"),
        (RULE | {"window_s": 0}, "window_s"),
        (RULE | {"threshold_pct": "0"}, "threshold_pct"),
        (RULE | {"threshold_pct": "NaN"}, "threshold_pct"),
        (RULE | {"threshold_pct": "1e999999"}, "threshold_pct"),
        (RULE | {"threshold_pct": None}, "threshold_pct"),
        (RULE | {"kind": "moon"}, "kind"),
        (RULE | {"kind": "feed-silent"}, "threshold_pct"),
        (RULE | {"kind": "volume-burst", "window_s": 5}, "window_s"),
        (RULE | {"kind": "forecast-broken", "window_s": 61}, "window_s"),
        (RULE | {"name": " "}, "name"),
        (RULE | {"colour": "red"}, "colour"),
        ({"name": "x"}, "kind"),
        ([], "body"),
    ],
)
def test_a_bad_body_is_refused_by_the_fields_name(http: httpx.Client, body: Any, field: str) -> None:
    answer = http.post("/api/v1/alert-rules/", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["field"] == field and field in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "status"), [(b"{", 400), (b"", 422), (b"\xff", 400), (b'"\\ud800"', 400), (b'{"pair":"\xff"}', 400)]
)
def test_a_body_that_is_no_json_is_refused(http: httpx.Client, content: bytes, status: int) -> None:
    answer = http.post("/api/v1/watchlist/", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused(http: httpx.Client) -> None:
    answer = http.post("/api/v1/watchlist/", json={"pair": "x" * 100_000})
    assert (answer.status_code, answer.json()["title"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_commands_from_somebody_elses_page_are_refused(
    world: World, http: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = http.post("/api/v1/watchlist/", content=b'{"pair": "BTC-USD"}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert world.commands.watchlist().version == 3


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_our_own_page_may_command(api: Api, http: httpx.Client, name: str) -> None:
    headers = {"host": f"{name}:{api.port}", "origin": f"http://{name}:{api.port}"}
    assert http.post("/api/v1/watchlist/", json={"pair": "BTC-USD"}, headers=headers).status_code == 201


def test_head_is_answered_without_a_body_and_nothing_names_the_server(http: httpx.Client) -> None:
    answer = http.head("/api/v1/health/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "server" not in answer.headers


def test_a_change_of_what_somebody_else_changed_is_refused_with_what_is_there(http: httpx.Client) -> None:
    rule = http.post("/api/v1/alert-rules/", json=RULE).json()
    path = f"/api/v1/alert-rules/{rule['id']}/"
    first = http.put(path, json=RULE | {"window_s": 120, "version": rule["version"]}).json()
    for answer in (
        http.put(path, json=RULE | {"window_s": 30, "version": rule["version"]}),
        http.patch(path, json={"enabled": False, "version": rule["version"]}),
    ):
        assert answer.status_code == 409
        problem = answer.json()
        assert (problem["present"], problem["field"]) == (first, "version")
        assert "is at version 2, and the change was made on version 1" in problem["detail"]
    assert http.get(path).json() == first
    assert http.patch(path, json={"window_s": 30, "version": 2}).json()["version"] == 3


def test_switching_sends_nothing_else_and_changes_nothing_else(http: httpx.Client) -> None:
    rule = http.post("/api/v1/alert-rules/", json=RULE | {"enabled": False}).json()
    assert (rule["enabled"], rule["version"]) == (False, 1)
    path = f"/api/v1/alert-rules/{rule['id']}/"
    edited = http.patch(path, json={"name": "Slow", "pair": None, "version": 1}).json()
    assert edited == rule | {"name": "Slow", "pair": None, "version": 2, "recorded_at": edited["recorded_at"]}
    on = http.patch(path, json={"enabled": True, "version": 2}).json()
    assert on == edited | {"enabled": True, "version": 3, "recorded_at": on["recorded_at"]}
    assert http.patch(path, json={"enabled": True}).json() == on, "nothing would change"
    assert http.patch(path, json={"window_s": 0}).json()["field"] == "window_s"
    other = http.patch(path, json={"kind": "feed-silent", "window_s": 60}).json()
    assert (other["kind"], other["threshold_pct"]) == ("feed-silent", "0")
    assert http.patch("/api/v1/alert-rules/none/", json={"enabled": True}).status_code == 404


def test_a_preview_needs_no_name(world: World, http: httpx.Client) -> None:
    world.happens(trade(1, price="100"), trade(2, price="102"))
    body = {key: value for key, value in RULE.items() if key != "name"}
    span = {"start": NOON.isoformat(), "end": NOON.replace(hour=13).isoformat()}
    assert http.post("/api/v1/alert-rules/preview", json=body | span).json()["count"] == 1
    assert http.post("/api/v1/alert-rules/preview", json=body | span | {"name": " "}).json()["count"] == 1
    assert http.post("/api/v1/alert-rules/", json=body).json()["detail"], "a rule does"
