"""The trail of commands."""

from datetime import timedelta

import httpx
import pytest

from application.ports.store import StoreUnavailable
from domain.errors import NotAllowed
from tests.house import PASSWORD
from tests.integration.api.access.steps import BTC, SESSION, WATCHLIST, sign_in, trail
from tests.integration.api.server import Api
from tests.unit.api.world import World


def test_every_command_is_audited_and_nothing_secret(world: World, http: httpx.Client) -> None:
    sign_in(http, "olga", "a wrong password")
    sign_in(http, "a wrong password", "olga")
    http.post(WATCHLIST, json=BTC)
    sign_in(http, "ann")
    http.post("/api/v1/admin/users/", json={"name": "eve", "password": PASSWORD, "role": "viewer"})
    http.put("/api/v1/admin/users/eve/", json={"password": "four tall ships", "enabled": True})
    http.delete(f"{WATCHLIST}BTC-USD/")
    http.post("/api/v1/alert-rules/preview/", json={})
    http.delete(SESSION)
    found = [(one.actor, one.action, one.target, one.detail, one.outcome) for one in trail(world)]
    assert sorted(found) == sorted(
        [
            ("anonymous", "POST /api/v1/admin/session", "olga", "", 401),
            ("anonymous", "POST /api/v1/admin/session", "", "", 401),
            ("anonymous", "POST /api/v1/watchlist", "", "", 401),
            ("ann", "POST /api/v1/admin/session", "ann", "", 201),
            ("ann", "POST /api/v1/admin/users", "eve", "role viewer", 201),
            ("ann", "PUT /api/v1/admin/users/{name}", "eve", "another password, enabled", 200),
            ("ann", "DELETE /api/v1/watchlist/{pair}", "BTC-USD", "", 204),
            ("ann", "DELETE /api/v1/admin/session", "", "", 204),
        ]
    )
    assert {one.address for one in trail(world)} == {"127.0.0.1"}


FOREIGN = ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"})


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_sites_page_neither_fills_the_trail_nor_uses_up_attempts(
    world: World, http: httpx.Client, headers: dict[str, str]
) -> None:
    for path in (SESSION, WATCHLIST) * 25:
        answer = http.post(path, content=b"x", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert trail(world) == []
    assert sign_in(http).status_code == 201


def test_the_trail_is_read_by_actor_and_action(world: World, api: Api, http: httpx.Client) -> None:
    sign_in(http)
    http.post(WATCHLIST, json=BTC)
    world.clock.time += timedelta(seconds=1)
    with api.http() as admin:
        admin.delete(f"{WATCHLIST}ETH-USD/")
        rows = admin.get("/api/v1/admin/audit/", params={"actor": "olga", "action": "POST /api/v1/watch"}).json()[
            "items"
        ]
        assert [(row["action"], row["outcome"]) for row in rows] == [("POST /api/v1/watchlist", 201)]
        newest = admin.get("/api/v1/admin/audit/?limit=1").json()
    assert newest["items"][0]["actor"].startswith("key:") and newest["next_cursor"]


def test_a_command_is_in_the_trail_before_it_is_carried_out(
    world: World, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(http, "ann")
    found: list[tuple[str, str, int]] = []
    users = world.house.users

    def interrupted(name: str) -> None:
        found.extend((one.actor, one.target, one.outcome) for one in trail(world) if one.action.startswith("DELETE"))
        raise NotAllowed("as if the process ended here")

    monkeypatch.setattr(users, "delete", interrupted)
    assert http.delete("/api/v1/admin/users/vic/").status_code == 409
    assert found == [("ann", "vic", 0)]
    assert [one.outcome for one in trail(world) if one.action.startswith("DELETE")] == [409]


def test_what_cannot_be_audited_is_not_carried_out(
    world: World, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(http, "ann")

    def unavailable(_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(world.house.audit.trail, "record", unavailable)
    assert http.delete("/api/v1/admin/users/vic/").status_code == 503
    monkeypatch.undo()
    assert "vic" in [user.name for user in world.house.users.list()]
