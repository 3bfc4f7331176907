"""What every store of users, sessions and keys must do, and every audit trail.

A test module of an adapter brings the fixtures `access` and `trail`, empty at first, and subclasses the contracts.
"""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.access_store import AccessStore
from application.ports.audit_trail import AuditTrail
from application.ports.page import Window
from domain.access.account import ApiKey, Session, User
from domain.access.audit import CommandAudited
from domain.access.lockout import Failures
from domain.access.role import Role, Scope
from domain.values import Origin

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN = User(name="ann", role=Role.ADMIN, enabled=True, created_at=NOON)
SESSION = Session(user_name="ann", created_at=NOON, seen_at=NOON)
KEY = ApiKey(key_id="k1", title="A key", scopes=(Scope.READ, Scope.COMMAND), created_by="ann", created_at=NOON)


def command(number: int, *, actor: str = "ann", action: str = "POST /api/v1/watchlist") -> CommandAudited:
    at = NOON + timedelta(seconds=number)
    return CommandAudited(
        audit_id=f"{number:032x}", actor=actor, action=action, target="BTC-USD", detail="", outcome=201,
        address="127.0.0.1", occurred_at=at, recorded_at=at, origin=Origin.LIVE,
    )  # fmt: skip


class AccessContract:
    def test_a_user_is_added_changed_and_deleted_with_his_sessions(self, access: AccessStore) -> None:
        with access.begin() as tx:
            tx.add_user(ANN, "hash")
            tx.put_session("token", SESSION)
        with access.look() as found:
            assert (found.user("ann"), found.users(), found.password_hash("ann")) == (ANN, [ANN], "hash")
            assert found.session("token") == SESSION
            assert found.user("bob") is found.password_hash("bob") is found.session("other") is None
        changed = replace(ANN, role=Role.VIEWER, enabled=False, last_sign_in_at=NOON)
        with access.begin() as tx:
            tx.put_user(changed)
            tx.put_password_hash("ann", "another")
            assert (tx.user("ann"), tx.password_hash("ann")) == (changed, "another")
            tx.delete_user("ann")
        with access.look() as found:
            assert (found.users(), found.session("token")) == ([], None)

    def test_who_gets_a_deleted_users_name_does_not_get_his_keys(self, access: AccessStore) -> None:
        with access.begin() as tx:
            tx.add_user(ANN, "hash")
            tx.put_api_key(KEY, "hash")
            tx.put_api_key(replace(KEY, key_id="bob's", created_by="bob"), "hash2")
            tx.delete_user("ann")
            tx.add_user(ANN, "another")
        with access.look() as found:
            assert [key.key_id for key in found.api_keys()] == ["bob's"]

    def test_nothing_of_a_transaction_that_raises_stays(self, access: AccessStore) -> None:
        with pytest.raises(KeyError), access.begin() as tx:
            tx.add_user(ANN, "hash")
            raise KeyError
        with access.look() as found:
            assert found.users() == []

    def test_sessions_end_one_by_one_all_of_a_user_and_by_their_age(self, access: AccessStore) -> None:
        with access.begin() as tx:
            for token in ("one", "two", "three"):
                tx.put_session(token, SESSION)
            tx.put_session("bob's", replace(SESSION, user_name="bob"))
            tx.put_session("one", replace(SESSION, seen_at=NOON + timedelta(hours=1)))
            tx.end_session("two")
            tx.forget_before(created=NOON - timedelta(days=7), seen=NOON, failed=NOON, familiar=NOON)
            left = {token: tx.session(token) for token in ("one", "two", "three", "bob's")}
            assert [token for token, session in left.items() if session] == ["one"]
            for token in ("four", "five"):
                tx.put_session(token, SESSION)
            tx.end_sessions_of("ann", but="four")
            left = {token: tx.session(token) for token in ("one", "four", "five")}
            assert [token for token, session in left.items() if session] == ["four"]
            tx.end_sessions_of("ann")
            assert tx.session("four") is None

    def test_keys_are_listed_newest_first_and_revoked(self, access: AccessStore) -> None:
        later = replace(KEY, key_id="k2", created_at=NOON + timedelta(days=1), expires_at=NOON + timedelta(days=2))
        used = replace(KEY, last_used_at=NOON)
        with access.begin() as tx:
            tx.put_api_key(KEY, "hash")
            tx.put_api_key(later, "hash2")
            tx.put_api_key(used, "hash")
        with access.look() as found:
            assert found.api_keys() == [later, used]
            assert found.api_key("k1") == (used, "hash")
        with access.begin() as tx:
            tx.delete_api_key("k1")
            assert tx.api_key("k1") is None

    def test_failures_are_kept_and_forgotten(self, access: AccessStore) -> None:
        failed = Failures(count=6, locked_until=NOON + timedelta(seconds=30), last_at=NOON)
        with access.begin() as tx:
            tx.put_failures("one", Failures(count=1, last_at=NOON))
            tx.put_failures("one", failed)
            tx.put_failures("two", failed)
            assert tx.failures(["one", "three"]) == {"one": failed}
            tx.clear_failures("one")
            tx.forget_before(created=NOON, seen=NOON, failed=NOON - timedelta(days=1), familiar=NOON)
            assert tx.failures(["one", "two"]) == {"two": failed}
            tx.forget_before(created=NOON, seen=NOON, failed=NOON, familiar=NOON)
            assert tx.failures(["one", "two"]) == {}

    def test_where_a_user_signs_in_from_is_familiar_until_it_is_long_ago(self, access: AccessStore) -> None:
        hour = timedelta(hours=1)
        with access.begin() as tx:
            tx.add_user(ANN, "hash")
            tx.put_familiar("ann", "192.0.2.1", NOON)
            tx.put_familiar("ann", "192.0.2.2", NOON)
            tx.put_familiar("ann", "192.0.2.2", NOON + hour)
            tx.put_familiar("bob", "192.0.2.3", NOON + hour)
            assert tx.is_familiar("ann", "192.0.2.1")
            assert not tx.is_familiar("bob", "192.0.2.1")
            tx.forget_before(created=NOON, seen=NOON, failed=NOON, familiar=NOON)
        with access.look() as found:
            assert [found.is_familiar("ann", f"192.0.2.{number}") for number in (1, 2, 3)] == [False, True, False]
        with access.begin() as tx:
            tx.delete_user("ann")
            assert not tx.is_familiar("ann", "192.0.2.2")
            assert tx.is_familiar("bob", "192.0.2.3")

    def test_there_is_one_setup_token_at_most(self, access: AccessStore) -> None:
        with access.begin() as tx:
            tx.put_setup_token("one", NOON)
            tx.put_setup_token("two", NOON)
            assert (tx.is_setup_token("one"), tx.is_setup_token("two")) == (False, True)
            tx.put_setup_token(None, NOON)
            assert not tx.is_setup_token("two")

    def test_nobody_else_changes_users_meanwhile(self, access: AccessStore) -> None:
        ready, made = threading.Barrier(4), []

        def make(number: int) -> None:
            ready.wait(10)
            with access.begin() as tx:
                if not tx.users():
                    tx.add_user(replace(ANN, name=f"user-{number}"), "hash")
                    made.append(number)

        threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(made) == 1


class AuditContract:
    def test_entries_are_paged_newest_first_by_actor_action_and_time(self, trail: AuditTrail) -> None:
        events = [command(1), command(2, actor="bob"), command(3, action="PUT /api/v1/alert-rules/{id}"), command(4)]
        for event in events:
            trail.record(event)
        assert trail.entries(Window()).items == events[::-1]
        first = trail.entries(Window(limit=3))
        assert trail.entries(Window(limit=3, cursor=first.next_cursor)).items == events[:1]
        assert trail.entries(Window(), actor="bob").items == [events[1]]
        assert trail.entries(Window(), action="PUT").items == [events[2]]
        assert trail.entries(Window(), action="POST /api/v1/w").items == [events[3], events[1], events[0]]
        within = Window(start=events[1].recorded_at, end=events[3].recorded_at)
        assert trail.entries(within).items == [events[2], events[1]]
        assert trail.entries(Window(as_of=events[1].recorded_at)).items == [events[1], events[0]]

    def test_many_record_at_once(self, trail: AuditTrail) -> None:
        def record(writer: int) -> None:
            for number in range(10):
                trail.record(command(writer * 10 + number))

        threads = [threading.Thread(target=record, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert trail.entries(Window()).items == [command(number) for number in range(39, -1, -1)]
