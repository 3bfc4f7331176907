"""Users and API keys, made and taken away over a real connection."""

from datetime import timedelta

import httpx
import pytest

from domain.access.role import Role
from tests.house import PASSWORD, bearer
from tests.integration.api.access.steps import BTC, SESSION, WATCHLIST, sign_in
from tests.integration.api.server import Api, serving
from tests.unit.api.world import World


def test_a_key_is_shown_once_and_works_until_it_is_revoked(api: Api, http: httpx.Client) -> None:
    sign_in(http, "ann")
    made = http.post("/api/v1/admin/api-keys/", json={"title": "Robot", "scopes": ["command", "read"]})
    assert made.status_code == 201 and made.json()["key"].startswith("cvk_")
    row = {name: value for name, value in made.json().items() if name != "key"}
    assert (row["scopes"], row["created_by"], row["last_used_at"]) == (["read", "command"], "ann", None)
    listed = http.get("/api/v1/admin/api-keys/")
    assert row in listed.json()["items"] and made.json()["key"] not in listed.text
    with httpx.Client(base_url=api.url, trust_env=False, headers=bearer(made.json()["key"])) as robot:
        assert robot.post(WATCHLIST, json=BTC).status_code == 201
        assert robot.get("/api/v1/admin/api-keys/").status_code == 403
        assert robot.get(SESSION).status_code == 401
        assert http.delete(f"/api/v1/admin/api-keys/{row['id']}/").status_code == 204
        refused = robot.get("/api/v1/trades/")
        assert refused.status_code == 401 and "revoked" in refused.json()["detail"]
    assert http.delete(f"/api/v1/admin/api-keys/{row['id']}/").status_code == 404


def test_a_key_ends_at_its_time_and_with_its_maker(world: World, api: Api) -> None:
    keys = world.house.keys
    until = world.clock.now() + timedelta(hours=1)
    _, short = keys.create("short", ["command"], created_by="ann", expires_at=until)
    _, olgas = keys.create("olga's", ["admin"], created_by="olga")
    with api.http(anonymous=True) as http:
        assert http.post(WATCHLIST, json=BTC, headers=bearer(short)).status_code == 201
        assert http.get("/api/v1/admin/users/", headers=bearer(olgas)).status_code == 403, "she is no admin herself"
        assert http.post(WATCHLIST, json=BTC, headers=bearer(olgas)).status_code == 201
        world.house.users.change("olga", enabled=False)
        world.clock.time = until
        for key in (short, olgas, short[:-1] + "x", "cvk_", "cvk_a_b", "x"):
            assert http.post(WATCHLIST, json=BTC, headers=bearer(key)).status_code == 401, key


def test_what_a_key_makes_is_its_makers(world: World, api: Api) -> None:
    _, anns = world.house.keys.create("ann's", ["admin"], created_by="ann")
    with httpx.Client(base_url=api.url, trust_env=False, headers=bearer(anns)) as http:
        made = http.post("/api/v1/admin/api-keys/", json={"title": "Child", "scopes": ["admin"]}).json()
    assert made["created_by"] == "ann"
    principal = world.house.keys.principal(made["key"])
    assert principal and principal.role is Role.ADMIN


def test_users_are_made_changed_and_deleted(http: httpx.Client) -> None:
    sign_in(http, "ann")
    body = {"name": "Eve", "password": PASSWORD, "role": "viewer"}
    made = http.post("/api/v1/admin/users/", json=body)
    assert made.status_code == 201 and set(made.json()) == {"name", "role", "enabled", "created_at", "last_sign_in_at"}
    assert http.post("/api/v1/admin/users/", json=body).status_code == 409
    assert http.put("/api/v1/admin/users/eve/", json={"role": "operator"}).json()["role"] == "operator"
    names = [row["name"] for row in http.get("/api/v1/admin/users/?limit=2").json()["items"]]
    assert names == ["ann", "eve"]
    assert http.delete("/api/v1/admin/users/eve/").status_code == 204
    assert http.delete("/api/v1/admin/users/eve/").status_code == 404
    for change in ({"role": "viewer"}, {"enabled": False}):
        assert http.put("/api/v1/admin/users/ann/", json=change).status_code == 409, "the last admin stays"
    assert http.delete("/api/v1/admin/users/ann/").status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "no spaces"}, "name"), ({"name": ""}, "name"), ({"password": "short"}, "password"),
        ({"password": "eve-eve-12"}, None), ({"role": "king"}, "role"), ({"password": "password123"}, "password"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_a_user_that_cannot_be_is_refused_by_the_fields_name(
    http: httpx.Client, changes: dict[str, str], field: str | None
) -> None:
    sign_in(http, "ann")
    answer = http.post("/api/v1/admin/users/", json={"name": "eve", "password": PASSWORD, "role": "viewer"} | changes)
    assert (answer.status_code, answer.json().get("field")) == ((422, field) if field else (201, None))


def test_the_first_user_is_made_by_the_link_once() -> None:
    world = World()
    with serving(world.services, house=world.house_box) as api, api.http(anonymous=True) as http:
        old, token = world.house.users.new_setup_token(), world.house.users.new_setup_token()
        body = {"name": "root", "password": PASSWORD}
        for wrong in (old, "", "x"):
            assert http.post("/api/v1/admin/setup/", json=body | {"token": wrong}).status_code == 409
        made = http.post("/api/v1/admin/setup/", json=body | {"token": token})
        assert (made.status_code, made.json()["role"]) == (201, "admin")
        assert http.get(SESSION).json() == made.json(), "signed in at once"
        assert http.post("/api/v1/admin/setup/", json=body | {"token": token}).status_code == 409
    assert world.house.users.new_setup_token() is None
