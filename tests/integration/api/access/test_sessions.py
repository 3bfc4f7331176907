"""Sessions over a real connection: their cookie, their token against other sites, and their end."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from entrypoints.api.access.authentication import SESSION_COOKIE
from tests.house import PASSWORD
from tests.integration.api.access.steps import BTC, SESSION, WATCHLIST, sign_in, trail
from tests.integration.api.server import Api, serving
from tests.unit.api.world import World


def test_a_session_begins_commands_and_ends(world: World, http: httpx.Client) -> None:
    assert http.get(SESSION).status_code == 401
    assert http.post(WATCHLIST, json=BTC).status_code == 401
    begun = sign_in(http)
    assert begun.status_code == 201 and set(begun.json()) == {"name", "role", "csrf_token", "expires_at"}
    assert (begun.json()["name"], begun.json()["role"]) == ("olga", "operator")
    assert http.get(SESSION).json() == begun.json()
    assert http.post(WATCHLIST, json=BTC).status_code == 201
    token = http.cookies[SESSION_COOKIE]
    assert http.delete(SESSION).status_code == 204
    assert SESSION_COOKIE not in http.cookies
    assert http.get(SESSION, headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 401, (
        "it is over, not just gone"
    )
    assert world.house.users.list()[1].last_sign_in_at == world.clock.now()


def test_the_cookie_is_no_scripts_and_no_other_sites(http: httpx.Client) -> None:
    cookie = sign_in(http).headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=604800")), cookie
    assert "Secure" not in cookie, "there is no TLS here"


def test_behind_a_trusted_proxy_the_cookie_needs_tls_and_reading_an_account(world: World) -> None:
    options: dict[str, Any] = {"trusted_proxies": ["127.0.0.1"], "bound_to_loopback": False}
    with serving(world.services, house=world.house_box, **options) as api, api.http(anonymous=True) as http:
        said = {
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-proto": "https",
            "host": "viz.example",
            "origin": "https://viz.example",
        }
        assert http.get("/api/v1/trades/", headers=said).status_code == 401
        answer = http.post(SESSION, json={"name": "olga", "password": PASSWORD}, headers=said)
        assert answer.status_code == 201 and "Secure" in answer.headers["set-cookie"]
        assert trail(world)[0].address == "203.0.113.7"


def test_a_proxy_that_we_were_not_told_of_reads_nothing(http: httpx.Client) -> None:
    assert http.get("/api/v1/trades/").status_code == 200
    assert http.get("/api/v1/trades/", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 401


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_session_commands_with_its_csrf_token_only(world: World, http: httpx.Client, token: str | None) -> None:
    right = sign_in(http).json()["csrf_token"]
    del http.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token}
    answer = http.delete(f"{WATCHLIST}BTC-USD/", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "X-CSRF-Token" in answer.json()["detail"]
    assert http.delete(SESSION, headers=headers).status_code == 403
    assert http.get(SESSION).status_code == 200
    assert len(world.commands.watchlist().pairs) == 3
    assert http.delete(f"{WATCHLIST}BTC-USD/", headers={"X-CSRF-Token": right}).status_code == 204


def test_another_sessions_csrf_token_is_none(api: Api, http: httpx.Client) -> None:
    with api.http(anonymous=True) as other:
        http.headers["X-CSRF-Token"] = sign_in(other, "ann").json()["csrf_token"]
    sign_in_only = http.post(SESSION, json={"name": "olga", "password": PASSWORD})
    assert sign_in_only.status_code == 201
    assert http.post(WATCHLIST, json=BTC).status_code == 403


def test_a_sign_in_ends_the_session_before_it(http: httpx.Client) -> None:
    sign_in(http)
    first = http.cookies[SESSION_COOKIE]
    sign_in(http)
    assert http.cookies[SESSION_COOKIE] != first
    assert http.get(SESSION, headers={"cookie": f"{SESSION_COOKIE}={first}"}).status_code == 401


@pytest.mark.parametrize("change", [{"password": "four tall ships"}, {"enabled": False}, None])
def test_another_password_disabling_and_deleting_end_the_sessions(
    api: Api, http: httpx.Client, change: dict[str, Any] | None
) -> None:
    sign_in(http)
    with api.http() as admin:
        path = "/api/v1/admin/users/olga/"
        assert (admin.put(path, json=change) if change else admin.delete(path)).status_code in (200, 204)
    assert http.get(SESSION).status_code == 401
    assert sign_in(http).status_code == 401


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(world: World, http: httpx.Client) -> None:
    sign_in(http)
    for _ in range(14):
        world.clock.time += timedelta(hours=11.9)
        assert http.get(SESSION).status_code == 200
    world.clock.time += timedelta(hours=11.9)
    assert http.get(SESSION).status_code == 401, "it is a week old"
    sign_in(http)
    world.clock.time += timedelta(hours=12)
    assert http.get(SESSION).status_code == 401, "it was not used for 12 h"


def test_what_else_a_browser_sends_does_not_matter(http: httpx.Client) -> None:
    """Cookies are shared by all that listens on this machine, and a proxy may ask for a password of its own."""
    sign_in(http)
    cookies = f'odd[name]={{"a": 1}}; =x; {SESSION_COOKIE}={http.cookies[SESSION_COOKIE]}; last'
    assert http.get(SESSION, headers={"cookie": cookies, "authorization": "Basic eDp5"}).status_code == 200
