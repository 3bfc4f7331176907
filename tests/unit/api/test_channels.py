"""Channels, deliveries, and rules that name channels, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.alerting.delivery import new_delivery
from tests.servers.http import HttpServer, http_server
from tests.unit.api.desk import ApiDesk
from tests.unit.api.world import NOON, raised

CHANNELS, RULES, DELIVERIES = "/api/v1/admin/channels/", "/api/v1/alert-rules/", "/api/v1/admin/deliveries/"
HOOK = {"name": "Ours", "kind": "webhook", "url": "https://example.org/hook"}
MAIL = {
    "name": "Mail", "kind": "email", "to": "ann@example.org, bob@example.org", "host": "smtp.example.org",
    "user": "bot", "password": "hunter22", "from": "bot@example.org",
}  # fmt: skip
RULE = {"name": "2 %", "kind": "price-move", "pair": "ETH-USD", "threshold_pct": "2", "window_s": 600}
SECRETS = ("whsec_", "hunter22", "Sup3rS3cret")


class Desk(ApiDesk):
    def made(self, body: dict[str, Any]) -> Any:
        return self.ask("POST", CHANNELS, body, status=201)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    with made.client:
        yield made


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as running:
        yield running


def test_a_webhooks_key_is_shown_once(desk: Desk) -> None:
    made = desk.made(HOOK)
    assert made["signing_key"].startswith("whsec_")
    assert (made["name"], made["kind"], made["url"], made["host"]) == ("Ours", "webhook", HOOK["url"], None)
    (listed,) = desk.ask("GET", CHANNELS, scope="read")["items"]
    assert listed == {**made, "signing_key": None}
    changed = desk.ask("PUT", f"{CHANNELS}{made['id']}/", {**HOOK, "name": "Other"})
    assert (changed["name"], changed["version"], changed["signing_key"]) == ("Other", 2, None)
    desk.ask("DELETE", f"{CHANNELS}{made['id']}/", status=204)
    assert desk.ask("GET", CHANNELS)["items"] == []
    for method, body in (("PUT", HOOK), ("DELETE", None)):
        assert "notification channel" in desk.ask(method, f"{CHANNELS}{made['id']}/", body, status=404)["detail"]


def test_no_two_have_one_name(desk: Desk) -> None:
    ours, mail = desk.made(HOOK), desk.made(MAIL)
    for method, path, body in (("POST", CHANNELS, HOOK), ("PUT", f"{CHANNELS}{mail['id']}/", {**MAIL, "name": "Ours"})):
        assert "a channel is named 'Ours' already" in desk.ask(method, path, body, status=422)["detail"]
    desk.ask("DELETE", f"{CHANNELS}{ours['id']}/", status=204)
    desk.made(HOOK)


def test_no_answer_and_no_stored_event_holds_a_secret(desk: Desk) -> None:
    mail = desk.made(MAIL)
    assert (mail["to"], mail["port"], mail["security"], mail["user"]) == (MAIL["to"], 587, "starttls", "bot")
    chat = desk.made({"name": "Chat", "kind": "apprise", "url": "gotify://chat.example.org/Sup3rS3cretT0"})
    assert (chat["service"], chat["url"]) == ("gotify", None)
    desk.ask("PUT", f"{CHANNELS}{chat['id']}/", {"name": "Chat 2", "kind": "apprise"})
    desk.ask("PUT", f"{CHANNELS}{mail['id']}/", {**{k: v for k, v in MAIL.items() if k != "password"}, "name": "M"})
    desk.made(HOOK)
    answers = [desk.ask("GET", path) for path in (CHANNELS, "/api/v1/admin/audit/", DELIVERIES)]
    assert not any(secret in str(answers) for secret in SECRETS)
    with desk.world.house_box.engine().connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM event_store").all())
        kept = str(connection.exec_driver_sql("SELECT * FROM channel_secret").all())
    assert "channel-created" in stored
    assert not any(secret in stored for secret in SECRETS)
    assert all(secret in kept for secret in SECRETS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"url": None}, "url"),
        ({"url": "ftp://example.org"}, "url"),
        ({"url": "https://user:Sup3rS3cret@example.org"}, "url"),
        ({"signing_key": "Sup3rS3cret"}, "signing_key"),
        ({"password": "Sup3rS3cret"}, "password"),
        ({"host": "example.org"}, "host"),
        ({"kind": "pigeon"}, "kind"),
        ({"nmae": "x"}, "nmae"),
        ({"kind": "apprise", "url": "json://127.0.0.1/Sup3rS3cret"}, "url"),
        ({"kind": "email"}, "url"),
        ({"kind": "email", "url": None}, "to"),
        ({**MAIL, "url": None, "password": None}, "password"),
        ({**MAIL, "url": None, "from": "bot@example.org\nBcc: eve@example.org"}, "from"),
        ({**MAIL, "url": None, "security": "none"}, "security"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(desk: Desk, change: dict[str, Any], field: str) -> None:
    problem = desk.ask("POST", CHANNELS, HOOK | change, status=422)
    assert problem.get("field", "").split(".")[-1] in (field, "body"), problem
    assert "Sup3rS3cret" not in str(problem)
    assert desk.ask("GET", CHANNELS)["items"] == []


def test_roles(desk: Desk) -> None:
    channel = f"{CHANNELS}{desk.made(HOOK)['id']}/"
    for method, path, body in (
        ("POST", CHANNELS, HOOK), ("PUT", channel, HOOK), ("DELETE", channel, None), ("POST", f"{channel}test", None),
    ):  # fmt: skip
        for scope in ("read", "command"):
            desk.ask(method, path, body, scope=scope, status=403)
    desk.ask("POST", f"{DELIVERIES}a-b/retry", scope="read", status=403)
    for path in (CHANNELS, DELIVERIES):
        assert desk.client.get(path).status_code == 401
        desk.ask("GET", path, scope="read")


def test_the_test_button_says_whether_it_arrived(desk: Desk, server: HttpServer) -> None:
    channel = desk.made({**HOOK, "url": server.url("/hook")})
    said = desk.ask("POST", f"{CHANNELS}{channel['id']}/test")
    assert said["delivered"] is False
    assert "ALLOW_PRIVATE_HOSTS" in said["detail"]
    assert server.requests == []
    desk.ask("POST", f"{CHANNELS}unknown/test", status=404)


def test_rules_name_channels(desk: Desk) -> None:
    channel = desk.made(HOOK)["id"]
    rule = desk.ask("POST", RULES, {**RULE, "notify": [channel]}, scope="command", status=201)
    assert rule["notify"] == [channel]
    path = f"{RULES}{rule['id']}/"
    assert desk.ask("PUT", path, {**RULE, "name": "Other"}, scope="command")["notify"] == [channel]  # left out: kept
    assert desk.ask("PUT", path, {**RULE, "notify": []}, scope="command")["notify"] == []
    assert desk.ask("POST", RULES, RULE, scope="command", status=201)["notify"] == []
    for wrong in (["unknown"], [channel, channel], ["x"] * 21):
        problem = desk.ask("POST", RULES, {**RULE, "notify": wrong}, scope="command", status=422)
        assert problem["field"] == "notify"


def test_deliveries_are_listed_and_tried_again(desk: Desk) -> None:
    channel = desk.made(HOOK)["id"]
    desk.world.happens(raised(1))
    alert_id = f"{1:020x}"
    failed = new_delivery(alert_id, channel, occurred_at=NOON, now=NOON).failed("it has trouble of its own (500)")
    desk.world.put_delivery(failed)
    desk.world.put_delivery(new_delivery("a2", "gone", occurred_at=NOON, now=NOON).sent(now=NOON))
    (sent, row) = desk.ask("GET", DELIVERIES, scope="read")["items"]
    assert (sent["state"], sent["channel"]) == ("sent", "")
    assert row["id"] == f"{alert_id}-{channel}"
    assert (row["state"], row["channel"], row["last_error"]) == ("failed", "Ours", "it has trouble of its own (500)")
    assert desk.ask("GET", f"{DELIVERIES}?state=failed")["items"] == [row]
    assert desk.ask("GET", f"{DELIVERIES}?state=x", status=422)["field"] == "state"
    again = desk.ask("POST", f"{DELIVERIES}{row['id']}/retry", scope="command")
    assert (again["state"], again["next_try_at"]) == ("pending", "2026-11-22T12:00:00Z")
    desk.ask("POST", f"{DELIVERIES}a2-gone/retry", scope="command", status=409)
    desk.ask("POST", f"{DELIVERIES}nothing/retry", scope="command", status=404)
