"""Guessing passwords from many addresses, and changing one's own."""

import contextlib
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from application.access.sessions import Sessions, SignInRefused, WrongPassword
from application.ports.password_hasher import PasswordHasher
from tests.house import PASSWORD
from tests.integration.api.access.steps import BTC, SESSION, WATCHLIST, sign_in, trail
from tests.integration.api.server import Api
from tests.unit.api.world import World


def test_guessing_from_many_addresses_is_stopped_and_the_user_still_signs_in_where_he_did_before(world: World) -> None:
    sessions = world.house.sessions
    sessions.sign_in("olga", PASSWORD, address="192.0.2.1")
    for number in range(50):
        with pytest.raises(SignInRefused):
            sessions.sign_in("olga", f"guess {number}", address=f"198.51.100.{number}")
    with pytest.raises(SignInRefused):
        sessions.sign_in("olga", PASSWORD, address="203.0.113.1")
    assert sessions.sign_in("olga", PASSWORD, address="192.0.2.1").user.name == "olga"
    assert sessions.sign_in("vic", PASSWORD, address="203.0.113.1").user.name == "vic"
    world.clock.time += timedelta(hours=1)
    assert sessions.sign_in("olga", PASSWORD, address="203.0.113.1").user.name == "olga"


class _Slow:
    """A hasher during whose first verification something else happens."""

    def __init__(self, hasher: PasswordHasher, meanwhile: Callable[[], None]) -> None:
        self.hash, self.is_outdated = hasher.hash, hasher.is_outdated
        self._hasher = hasher
        self._meanwhile = meanwhile

    def verify(self, password: str, hashed: str | None) -> bool:
        self._meanwhile()
        return self._hasher.verify(password, hashed)


def test_of_many_guesses_at_once_none_is_right_after_too_many_were_wrong(world: World) -> None:
    """It had looked before any was counted."""

    def guess() -> None:
        for _ in range(5):
            with pytest.raises(SignInRefused):
                world.house.sessions.sign_in("olga", "a guess", address="198.51.100.9")

    house = world.house_box
    sessions = Sessions(house.access(), _Slow(house.passwords(), guess), world.clock)
    with pytest.raises(SignInRefused):
        sessions.sign_in("olga", PASSWORD, address="198.51.100.9")


def change_password(http: httpx.Client, current: str, new: str) -> httpx.Response:
    return http.put(f"{SESSION}password/", json={"current_password": current, "new_password": new})


def test_a_user_changes_his_password_and_only_this_session_goes_on(world: World, api: Api, http: httpx.Client) -> None:
    sign_in(http)
    with api.http(anonymous=True) as elsewhere:
        sign_in(elsewhere)
        token = http.headers["X-CSRF-Token"]
        del http.headers["X-CSRF-Token"]
        assert change_password(http, PASSWORD, "four tall ships").status_code == 403, "it is a command like others"
        http.headers["X-CSRF-Token"] = token
        changed = change_password(http, PASSWORD, "four tall ships")
        assert (changed.status_code, changed.content) == (204, b"")
        assert elsewhere.get(SESSION).status_code == 401
    assert http.post(WATCHLIST, json=BTC).status_code == 201, "with the same CSRF token"
    assert sign_in(http, password=PASSWORD).status_code == 401
    assert sign_in(http, password="four tall ships").status_code == 201
    said = [(one.actor, one.target, one.outcome) for one in trail(world) if one.action.endswith("/password")]
    assert sorted(said) == [("olga", "", 403), ("olga", "olga", 204)]


@pytest.mark.parametrize("new", ["short", "olga olga", "password123", "x" * 201])
def test_what_cannot_be_a_password_is_none_here_either(http: httpx.Client, new: str) -> None:
    sign_in(http, "vic")
    for current in (PASSWORD, "wrong"):
        refused = change_password(http, current, new)
        assert (refused.status_code, refused.json()["field"]) == (422, "new_password")


def test_who_has_a_session_does_not_guess_its_users_password(world: World, http: httpx.Client) -> None:
    sign_in(http)
    wrong = change_password(http, "not the password", "four tall ships")
    assert (wrong.status_code, wrong.json()["field"]) == (403, "current_password")
    for _ in range(4):
        assert change_password(http, "not the password", "four tall ships").json() == wrong.json()
    locked = change_password(http, PASSWORD, "four tall ships")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "15")
    assert world.house.sessions.sign_in("olga", PASSWORD, address="127.0.0.1"), "that keeps nobody from signing in"
    assert http.get(SESSION).status_code == 200, "the session is still its user's"
    world.clock.time += timedelta(minutes=2)
    assert change_password(http, PASSWORD, "four tall ships").status_code == 204


def test_a_wrong_password_takes_as_long_as_the_right_one(world: World) -> None:
    sessions = world.house.sessions
    token = sessions.sign_in("olga", PASSWORD, address="192.0.2.1").token
    right, wrong = list[float](), list[float]()
    for number in range(25):
        for current, times in ((PASSWORD, right), ("not the password", wrong)):
            started = time.perf_counter()
            with contextlib.suppress(WrongPassword):
                sessions.change_password("olga", current, PASSWORD, token=token, address=f"192.0.2.{number}")
            times.append(time.perf_counter() - started)
    assert 0.7 < statistics.median(wrong) / statistics.median(right) < 1.4, (wrong, right)


def test_a_key_has_no_password_to_change(api: Api) -> None:
    with api.http() as http:
        refused = change_password(http, PASSWORD, "four tall ships")
    assert refused.status_code == 403 and "API key has no password" in refused.json()["detail"]
    with api.http(anonymous=True) as http:
        assert change_password(http, PASSWORD, "four tall ships").status_code == 401
