"""What a wrong name or password is told, how soon, and how guessing is slowed down."""

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from application.access.sessions import SignInLocked, SignInRefused
from domain.access.role import Role
from tests.house import PASSWORD
from tests.integration.api.access.steps import sign_in
from tests.unit.api.world import World


def refusal(http: httpx.Client, name: str, password: str) -> tuple[int, Any, set[str]]:
    answer = sign_in(http, name, password)
    return answer.status_code, answer.json(), set(answer.headers) - {"ratelimit-remaining"}


def test_a_refusal_tells_no_reason(world: World, http: httpx.Client) -> None:
    world.house.users.create("dora", PASSWORD, Role.VIEWER)
    world.house.users.change("dora", enabled=False)
    wrong = refusal(http, "olga", "not the password")
    assert wrong[0] == 401
    assert refusal(http, "nobody", PASSWORD) == refusal(http, "dora", PASSWORD) == wrong
    for name in ("vic", "nobody else"):  # who is locked is told for how long, whether there is such a user or not
        for _ in range(5):
            assert refusal(http, name, "not the password") == wrong
        locked = sign_in(http, name, PASSWORD)
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "15")
        told = locked.json()
        assert (told["code"], told["params"]) == ("sign-in-locked", {"retry_after_s": 15})
        assert "try again in 15 s" in told["detail"]
    world.clock.time += timedelta(seconds=16)
    assert sign_in(http, "vic").status_code == 201


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1"])
def test_wrong_passwords_from_a_shared_address_lock_out_nobody_who_has_signed_in_from_there(
    world: World, address: str
) -> None:
    sessions = world.house.sessions
    sessions.sign_in("olga", PASSWORD, address=address)
    for name in ("olga", "vic", *(f"name {number}" for number in range(30))):
        for _ in range(6 if name in ("olga", "vic") else 1):
            with pytest.raises(SignInRefused):
                sessions.sign_in(name, "a wrong password", address=address)
    assert sessions.sign_in("olga", PASSWORD, address=address).user.name == "olga"
    with pytest.raises(SignInLocked) as locked:
        sessions.sign_in("vic", PASSWORD, address=address)
    assert locked.value.wait_s > 0


def test_a_refusal_takes_the_same_time_whatever_the_reason(world: World) -> None:
    sessions = world.house.sessions
    taken: dict[str, list[float]] = {"olga": [], "nobody": [], "vic": []}
    for _ in range(6):
        with pytest.raises(Exception, match=r"do not fit|too many"):
            sessions.sign_in("vic", "wrong", address="192.0.2.250")
    for number in range(25):
        for name, times in taken.items():
            address = "192.0.2.250" if name == "vic" else f"192.0.2.{number}"  # where vic has to wait
            started = time.perf_counter()
            with pytest.raises(Exception, match=r"do not fit|too many"):
                sessions.sign_in(name, "not the password", address=address)
            times.append(time.perf_counter() - started)
    # What else the machine does only adds to the time: the shortest says what the answer itself takes.
    known, unknown, locked = (min(times) for times in taken.values())
    assert 0.7 < unknown / known < 1.4 and 0.7 < locked / known < 1.4, taken


def test_guessing_is_slowed_down_where_it_comes_from_and_nowhere_else(world: World) -> None:
    sessions = world.house.sessions
    for _ in range(12):
        with pytest.raises(Exception, match=r"do not fit|too many"):
            sessions.sign_in("olga", "a guess", address="198.51.100.9")
        world.clock.time += timedelta(seconds=1)
    with pytest.raises(Exception, match=r"do not fit|too many"):
        sessions.sign_in("olga", PASSWORD, address="198.51.100.9")
    assert sessions.sign_in("olga", PASSWORD, address="192.0.2.1").user.name == "olga"


def test_what_users_mistype_does_not_add_up_against_their_network(world: World) -> None:
    sessions = world.house.sessions
    for _ in range(30):
        with pytest.raises(Exception, match=r"do not fit|too many"):
            sessions.sign_in("olga", "a typo", address="198.51.100.9")
        sessions.sign_in("olga", PASSWORD, address="198.51.100.9")
    with pytest.raises(Exception, match=r"do not fit|too many"):
        sessions.sign_in("vic", "one of his own", address="198.51.100.9")
    assert sessions.sign_in("vic", PASSWORD, address="198.51.100.9").user.name == "vic"
    for number in range(20):  # but what somebody guesses there does
        with pytest.raises(Exception, match=r"do not fit|too many"):
            sessions.sign_in(f"name {number}", "a guess", address="198.51.100.9")
    with pytest.raises(SignInLocked):
        sessions.sign_in("ann", PASSWORD, address="198.51.100.9")
