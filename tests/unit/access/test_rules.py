"""What the rules of access promise, whatever comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.account import COMMAND_LINE, ApiKey, Session, User
from domain.access.lockout import Allowance, Failures, network_of, subjects
from domain.access.names import check_password, same_password, user_name
from domain.access.role import Role, Scope, role_of, scopes_named, smaller
from domain.errors import InvalidValue

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
roles = st.sampled_from(Role)
times = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3))


@given(one=roles, other=roles, third=roles)
def test_roles_stand_in_one_order(one: Role, other: Role, third: Role) -> None:
    assert one.covers(other) or other.covers(one)
    assert not (one.covers(other) and other.covers(third)) or one.covers(third)
    assert one.covers(smaller(one, other)) and other.covers(smaller(one, other))


@given(scopes=st.sets(st.sampled_from(Scope), min_size=1), maker=roles, enabled=st.booleans())
def test_a_key_never_does_more_than_its_maker(scopes: set[Scope], maker: Role, enabled: bool) -> None:
    key = ApiKey(key_id="k", title="k", scopes=tuple(scopes), created_by="ann", created_at=NOW)
    role = key.role_by(User(name="ann", role=maker, enabled=enabled, created_at=NOW))
    assert (role is not None) == enabled
    assert role is None or (maker.covers(role) and role_of(scopes).covers(role))
    assert key.role_by(None) is None


def test_the_command_lines_key_depends_on_nobody() -> None:
    key = ApiKey(key_id="k", title="k", scopes=(Scope.COMMAND,), created_by=COMMAND_LINE, created_at=NOW)
    assert key.role_by(None) is Role.OPERATOR
    with pytest.raises(InvalidValue):
        user_name(COMMAND_LINE)


@pytest.mark.parametrize("scopes", [[], ["write"], ["read", ""]])
def test_scopes_that_are_none_are_refused(scopes: list[str]) -> None:
    with pytest.raises(InvalidValue) as refused:
        scopes_named(scopes)
    assert refused.value.field == "scopes"


@given(text=st.text(max_size=80))
def test_a_name_is_kept_in_one_form_or_refused(text: str) -> None:
    try:
        name = user_name(text)
    except InvalidValue as refused:
        assert refused.field == "name"
    else:
        assert user_name(name) == user_name(name.upper()) == name and 1 <= len(name) <= 64


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 9,
        "x" * 201,
        "ann-margret",
        "ANN-MARGRET",
        "ann-margret1!",
        "password123",
        "Qwertyuiop",
        "aaaaaaaaaaaa",
    ],
)
def test_a_password_that_is_guessed_soon_is_refused(password: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_password(password, name="ann-margret")
    assert refused.value.field == "password" and (not password or password not in str(refused.value))


@pytest.mark.parametrize(
    "password", ["three small boats", "пароль на лодке", "x7 " * 66, "ten chars!", "annular eclipse"]
)
def test_other_passwords_will_do_without_rules_of_composition(password: str) -> None:
    check_password(password, name="ann")


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    assert same_password("e\u0301toiles filantes") == same_password("\u00e9toiles filantes")


@given(waits=st.lists(times, max_size=40), free=st.integers(1, 20))
def test_failures_wait_longer_and_longer_but_never_beyond_an_hour(waits: list[timedelta], free: int) -> None:
    failures, now = Failures(), NOW
    for wait in waits:
        now += wait
        before = failures
        failures = failures.another(now, Allowance(free))
        assert failures.locks(now) == (failures.count >= free)
        assert not failures.locks(now + timedelta(hours=1))
        if failures.count > before.count >= free and before.locked_until and before.last_at:
            assert failures.locked_until is not None
            assert failures.locked_until - now >= min(before.locked_until - before.last_at, timedelta(hours=1))


def test_who_guesses_elsewhere_does_not_lock_the_user_out() -> None:
    mine, theirs = subjects("ann", "192.0.2.1", familiar=True), subjects("ann", "198.51.100.9", familiar=False)
    assert not set(mine) & set(theirs)


def test_what_others_fail_at_from_a_shared_address_counts_for_nobody_who_has_signed_in_from_there() -> None:
    mine = subjects("ann", "127.0.0.1", familiar=True)
    others = [
        subjects(name, "127.0.0.1", familiar=familiar) for name in ("bob", "nobody") for familiar in (True, False)
    ]
    assert not any(set(mine) & set(other) for other in others)
    failures, now = Failures(), NOW
    [allowed] = mine.values()
    for _ in range(99):
        failures = failures.another(now, allowed)
    assert not failures.locks(now)
    for _ in range(50):  # and their own name is guessed at slowly, but never for long in vain
        failures = failures.another(now, allowed)
    assert failures.locks(now)
    assert not failures.locks(now + timedelta(minutes=1))


def test_who_guesses_from_many_addresses_is_counted_by_the_name() -> None:
    one, other = (subjects("ann", address, familiar=False) for address in ("192.0.2.1", "198.51.100.9"))
    [by_name] = set(one) & set(other)
    assert one[by_name].free > max(allowed.free for subject, allowed in one.items() if subject != by_name)


@given(name=st.text(max_size=80), address=st.ip_addresses().map(str))
def test_no_name_is_counted_as_something_else(name: str, address: str) -> None:
    for_name = set(subjects(name, "192.0.2.1", familiar=False)) - set(subjects(name, "192.0.2.1", familiar=True))
    assert not for_name & set(subjects("ann", address, familiar=True))
    assert not for_name & set(subjects(name, address, familiar=True))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), ("testclient", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_an_address_is_counted_with_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@given(used=times, created=times)
def test_a_session_ends_twelve_hours_after_its_last_use_and_seven_days_after_its_beginning(
    used: timedelta, created: timedelta
) -> None:
    session = Session(user_name="ann", created_at=NOW, seen_at=NOW + 2 * used)
    assert session.expires_at <= NOW + timedelta(days=7)
    assert session.expires_at <= session.seen_at + timedelta(hours=12)
