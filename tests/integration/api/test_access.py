"""Signing in and what follows from it, over a real connection."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from application.ports.page import Window
from domain.access.audit import CommandAudited
from domain.access.role import Role
from entrypoints.api.access.authentication import SESSION_COOKIE
from entrypoints.api.access.limits import Limits
from entrypoints.api.stream import socket
from tests.house import PASSWORD, bearer
from tests.integration.api.server import Api, serving
from tests.unit.api.world import World
from tests.waiting import until

SESSION = "/api/v1/admin/session/"
WATCHLIST = "/api/v1/watchlist/"
BTC = {"pair": "BTC-USD"}


@pytest.fixture
def world() -> World:
    world = World()
    world.house.users.create("ann", PASSWORD, Role.ADMIN)
    world.house.users.create("olga", PASSWORD, Role.OPERATOR)
    world.house.users.create("vic", PASSWORD, Role.VIEWER)
    return world


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services, house=world.house_box) as api:
        yield api


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    """A browser's: without a key, and it keeps cookies."""
    with api.http(anonymous=True) as http:
        yield http


def sign_in(http: httpx.Client, name: str = "olga", password: str = PASSWORD) -> httpx.Response:
    answer = http.post(SESSION, json={"name": name, "password": password})
    if answer.status_code == 201:
        http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


def trail(world: World) -> list[CommandAudited]:
    return world.house.audit.trail.entries(Window()).items


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


def refusal(http: httpx.Client, name: str, password: str) -> tuple[int, Any, set[str]]:
    answer = sign_in(http, name, password)
    return answer.status_code, answer.json(), set(answer.headers) - {"ratelimit-remaining"}


def test_a_refusal_tells_no_reason(world: World, http: httpx.Client) -> None:
    world.house.users.create("dora", PASSWORD, Role.VIEWER)
    world.house.users.change("dora", enabled=False)
    wrong = refusal(http, "olga", "not the password")
    assert wrong[0] == 401
    assert refusal(http, "nobody", PASSWORD) == refusal(http, "dora", PASSWORD) == wrong
    for _ in range(5):
        refusal(http, "vic", "not the password")
    assert refusal(http, "vic", PASSWORD) == wrong, "locked, by the same answer"
    world.clock.time += timedelta(seconds=16)
    assert sign_in(http, "vic").status_code == 201


def test_a_refusal_takes_the_same_time_whatever_the_reason(world: World) -> None:
    sessions = world.house.sessions
    taken: dict[str, list[float]] = {"olga": [], "nobody": [], "vic": []}
    for _ in range(6):
        with pytest.raises(Exception, match="do not fit"):
            sessions.sign_in("vic", "wrong", address="192.0.2.250")
    for number in range(25):
        for name, times in taken.items():
            address = "192.0.2.250" if name == "vic" else f"192.0.2.{number}"  # where vic has to wait
            started = time.perf_counter()
            with pytest.raises(Exception, match="do not fit"):
                sessions.sign_in(name, "not the password", address=address)
            times.append(time.perf_counter() - started)
    # What else the machine does only adds to the time: the shortest says what the answer itself takes.
    known, unknown, locked = (min(times) for times in taken.values())
    assert 0.7 < unknown / known < 1.4 and 0.7 < locked / known < 1.4, taken


def test_guessing_is_slowed_down_where_it_comes_from_and_nowhere_else(world: World) -> None:
    sessions = world.house.sessions
    for _ in range(12):
        with pytest.raises(Exception, match="do not fit"):
            sessions.sign_in("olga", "a guess", address="198.51.100.9")
        world.clock.time += timedelta(seconds=1)
    with pytest.raises(Exception, match="do not fit"):
        sessions.sign_in("olga", PASSWORD, address="198.51.100.9")
    assert sessions.sign_in("olga", PASSWORD, address="192.0.2.1").user.name == "olga"


def test_what_users_mistype_does_not_add_up_against_their_network(world: World) -> None:
    sessions = world.house.sessions
    for _ in range(30):
        with pytest.raises(Exception, match="do not fit"):
            sessions.sign_in("olga", "a typo", address="198.51.100.9")
        sessions.sign_in("olga", PASSWORD, address="198.51.100.9")
    with pytest.raises(Exception, match="do not fit"):
        sessions.sign_in("vic", "one of his own", address="198.51.100.9")
    assert sessions.sign_in("vic", PASSWORD, address="198.51.100.9").user.name == "vic"
    for number in range(20):  # but what somebody guesses there does
        with pytest.raises(Exception, match="do not fit"):
            sessions.sign_in(f"name {number}", "a guess", address="198.51.100.9")
    with pytest.raises(Exception, match="do not fit"):
        sessions.sign_in("vic", PASSWORD, address="198.51.100.9")


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


def test_too_much_is_refused_with_how_long_to_wait(world: World) -> None:
    limits = Limits(known=5, this_machine=3, sign_in=2, unknown_commands=2)
    with serving(world.services, house=world.house_box, limits=limits) as api, api.http(anonymous=True) as http:
        while time.time() % 60 > 50:  # the windows are minutes of the clock
            time.sleep(1)
        left = [http.get("/api/v1/trades/").headers["ratelimit-remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = http.get("/api/v1/trades/")
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
        assert refused.headers["ratelimit-limit"] == "3"
        assert 0 < int(refused.headers["retry-after"]) == int(refused.headers["ratelimit-reset"]) <= 60
        assert http.get("/static/index.html").status_code == 200, "the page's files count for nothing"
        with api.http() as known:
            assert [known.get("/api/v1/trades/").status_code for _ in range(6)] == [200] * 5 + [429]
        assert [sign_in(http, "olga", "wrong").status_code for _ in range(3)] == [401, 401, 429]
        assert [http.post(WATCHLIST, json=BTC).status_code for _ in range(3)] == [401, 401, 429]
    assert len(trail(world)) == 4, "a flood does not fill the trail"


def test_strangers_behind_a_proxy_are_not_this_machine(world: World) -> None:
    limits = Limits(address=2)
    with (
        serving(world.services, house=world.house_box, limits=limits, public_reads=True) as api,
        api.http(anonymous=True) as http,
    ):
        answers = [http.get("/api/v1/trades/", headers={"X-Forwarded-For": "192.0.2.7"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert http.get("/api/v1/trades/").status_code == 200, "this machine's own are not counted with theirs"


def test_the_stream_takes_an_account_where_reading_does(world: World) -> None:
    with serving(world.services, house=world.house_box, bound_to_loopback=False) as api:
        for headers in ({}, {"Authorization": "Bearer cvk_a_b"}):
            with pytest.raises(InvalidStatus) as refused, api.stream(additional_headers=headers):
                pass
            assert refused.value.response.status_code in (401, 403)
        with api.stream(additional_headers=bearer(world.key("read"))) as stream:
            assert stream.silent()
        token = world.house.sessions.begin(world.house.users.list()[-1], address="127.0.0.1").token
        with api.stream(additional_headers={"Cookie": f"{SESSION_COOKIE}={token}"}) as stream:
            assert stream.silent()


def test_one_user_does_not_take_all_the_streams(world: World) -> None:
    with serving(world.services, house=world.house_box, limits=Limits(streams=2)) as api, ExitStack() as held:
        key = bearer(world.key("read"))
        first = held.enter_context(ExitStack())
        first.enter_context(api.stream(additional_headers=key))
        held.enter_context(api.stream(additional_headers=key))
        with api.stream(additional_headers=key) as third:
            assert third.close_code() == 1013
        with api.stream(additional_headers=bearer(world.key("read"))) as another, api.stream() as nobodys:
            assert another.silent() and nobodys.silent()
        first.close()

        def is_taken() -> bool:
            with suppress(ConnectionClosed), api.stream(additional_headers=key) as stream:
                return stream.silent()
            return False

        assert until(is_taken)


def test_what_else_a_browser_sends_does_not_matter(http: httpx.Client) -> None:
    """Cookies are shared by all that listens on this machine, and a proxy may ask for a password of its own."""
    sign_in(http)
    cookies = f'odd[name]={{"a": 1}}; =x; {SESSION_COOKIE}={http.cookies[SESSION_COOKIE]}; last'
    assert http.get(SESSION, headers={"cookie": cookies, "authorization": "Basic eDp5"}).status_code == 200


def test_a_stream_ends_with_its_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_ASK_EVERY_S", 0.05)
    with serving(world.services, house=world.house_box) as api:
        token = world.house.sessions.begin(world.house.users.list()[-1], address="127.0.0.1").token
        with api.stream(additional_headers={"Cookie": f"{SESSION_COOKIE}={token}"}) as stream, api.stream() as other:
            assert stream.silent() and other.silent()
            world.house.sessions.sign_out(token)
            assert stream.close_code() == socket.SIGNED_OUT
            assert other.silent(), "it was not opened by the session"
