"""Users, sessions, API keys, and where sign-ins came from and failed, in SQL."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from adapters.sql.engine import reading, writing
from adapters.sql.house_tables import api_key, app_session, app_user, setup_token, sign_in_failure, sign_in_network
from adapters.sql.statements import only_writer_of, upsert
from domain.access.account import ApiKey, Session, User
from domain.access.lockout import Failures
from domain.access.role import Role, Scope


@dataclass
class Lookups:
    """See application.ports.access_store.AccessLookups."""

    connection: Connection

    def user(self, name: str) -> User | None:
        """A user."""
        row = self._one(select(app_user).where(app_user.c.name == name))
        return None if row is None else _to_user(row)

    def users(self) -> list[User]:
        """All, by name."""
        return [_to_user(row) for row in self.connection.execute(select(app_user).order_by(app_user.c.name))]

    def password_hash(self, name: str) -> str | None:
        """How a user's password is kept."""
        found: str | None = self.connection.scalar(select(app_user.c.password_hash).where(app_user.c.name == name))
        return found

    def session(self, token_hash: str) -> Session | None:
        """A session, over or not."""
        row = self._one(select(app_session).where(app_session.c.token_hash == token_hash))
        if row is None:
            return None
        return Session(user_name=row.user_name, created_at=row.created_at, seen_at=row.seen_at)

    def api_key(self, key_id: str) -> tuple[ApiKey, str] | None:
        """A key, and its hash."""
        row = self._one(select(api_key).where(api_key.c.key_id == key_id))
        return None if row is None else (_to_key(row), row.key_hash)

    def api_keys(self) -> list[ApiKey]:
        """All, newest first."""
        query = select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.key_id)
        return [_to_key(row) for row in self.connection.execute(query)]

    def failures(self, subjects: Collection[str]) -> dict[str, Failures]:
        """The failed sign-ins of those that have any."""
        query = select(sign_in_failure).where(sign_in_failure.c.subject.in_(list(subjects)))
        return {
            row.subject: Failures(count=row.failures, locked_until=row.locked_until, last_at=row.last_at)
            for row in self.connection.execute(query)
        }

    def is_familiar(self, name: str, network: str) -> bool:
        """Whether the user has signed in from there before."""
        at = sign_in_network.c
        return self._one(select(sign_in_network).where(at.user_name == name, at.network == network)) is not None

    def is_setup_token(self, token_hash: str) -> bool:
        """Whether it is the one that was given out."""
        return self._one(select(setup_token).where(setup_token.c.token_hash == token_hash)) is not None

    def _one(self, query: Any) -> Any:
        return self.connection.execute(query).one_or_none()


class Changes(Lookups):
    """See application.ports.access_store.AccessTransaction."""

    def put_user(self, user: User) -> None:
        """Change a user; his password stays."""
        values = {"role": user.role, "enabled": user.enabled, "last_sign_in_at": user.last_sign_in_at}
        self.connection.execute(update(app_user).where(app_user.c.name == user.name).values(values))

    def add_user(self, user: User, password_hash: str) -> None:
        """Add one whose name is free."""
        row = {
            "name": user.name, "password_hash": password_hash, "role": user.role, "enabled": user.enabled,
            "created_at": user.created_at, "last_sign_in_at": user.last_sign_in_at,
        }  # fmt: skip
        self.connection.execute(insert(app_user), row)

    def put_password_hash(self, name: str, password_hash: str) -> None:
        """Another password."""
        self.connection.execute(update(app_user).where(app_user.c.name == name).values(password_hash=password_hash))

    def delete_user(self, name: str) -> None:
        """With his sessions and API keys, and where he signed in from: another user of the name inherits nothing."""
        self.end_sessions_of(name)
        self.connection.execute(delete(api_key).where(api_key.c.created_by == name))
        self.connection.execute(delete(sign_in_network).where(sign_in_network.c.user_name == name))
        self.connection.execute(delete(app_user).where(app_user.c.name == name))

    def put_session(self, token_hash: str, session: Session) -> None:
        """Begin a session, or note that it was used."""
        row = {
            "token_hash": token_hash, "user_name": session.user_name, "created_at": session.created_at,
            "seen_at": session.seen_at,
        }  # fmt: skip
        upsert(self.connection, app_session, [row])

    def end_session(self, token_hash: str) -> None:
        """End it; nothing happens where there is none."""
        self.connection.execute(delete(app_session).where(app_session.c.token_hash == token_hash))

    def end_sessions_of(self, name: str, *, but: str | None = None) -> None:
        """End all of a user's, or all but that of one token's hash."""
        ended = delete(app_session).where(app_session.c.user_name == name)
        self.connection.execute(ended if but is None else ended.where(app_session.c.token_hash != but))

    def put_familiar(self, name: str, network: str, at: datetime) -> None:
        """Note that the user has signed in from there."""
        upsert(self.connection, sign_in_network, [{"user_name": name, "network": network, "last_at": at}])

    def forget_before(self, *, created: datetime, seen: datetime, failed: datetime, familiar: datetime) -> None:
        """Delete the sessions that began or were last used by these times, and the failures and sign-ins' networks by theirs."""
        over = (app_session.c.created_at <= created) | (app_session.c.seen_at <= seen)
        self.connection.execute(delete(app_session).where(over))
        self.connection.execute(delete(sign_in_failure).where(sign_in_failure.c.last_at <= failed))
        self.connection.execute(delete(sign_in_network).where(sign_in_network.c.last_at <= familiar))

    def put_api_key(self, key: ApiKey, key_hash: str) -> None:
        """Add a key, or note that it was used."""
        row = {
            "key_id": key.key_id, "key_hash": key_hash, "title": key.title, "scopes": " ".join(key.scopes),
            "created_by": key.created_by, "created_at": key.created_at, "last_used_at": key.last_used_at,
            "expires_at": key.expires_at,
        }  # fmt: skip
        upsert(self.connection, api_key, [row])

    def delete_api_key(self, key_id: str) -> None:
        """Revoke it."""
        self.connection.execute(delete(api_key).where(api_key.c.key_id == key_id))

    def put_failures(self, subject: str, failures: Failures) -> None:
        """Note failed sign-ins."""
        row = {
            "subject": subject, "failures": failures.count, "locked_until": failures.locked_until,
            "last_at": failures.last_at,
        }  # fmt: skip
        upsert(self.connection, sign_in_failure, [row])

    def clear_failures(self, subject: str) -> None:
        """Forget them."""
        self.connection.execute(delete(sign_in_failure).where(sign_in_failure.c.subject == subject))

    def put_setup_token(self, token_hash: str | None, at: datetime) -> None:
        """The one token that makes the first user, in place of any before; None: there is none."""
        self.connection.execute(delete(setup_token))
        if token_hash is not None:
            self.connection.execute(insert(setup_token), {"token_hash": token_hash, "created_at": at})


class SqlAccess:
    """See application.ports.access_store.AccessStore."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def look(self) -> Iterator[Lookups]:
        """One snapshot to read from. Raises StoreUnavailable."""
        with reading(self._engine) as connection:
            yield Lookups(connection)

    @contextmanager
    def begin(self) -> Iterator[Changes]:
        """A write transaction; nobody else changes users, sessions or keys meanwhile. Raises StoreUnavailable."""
        with writing(self._engine) as connection:
            only_writer_of(connection, app_user.name)
            yield Changes(connection)


def _to_user(row: Any) -> User:
    return User(
        name=row.name, role=Role(row.role), enabled=row.enabled, created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
    )  # fmt: skip


def _to_key(row: Any) -> ApiKey:
    return ApiKey(
        key_id=row.key_id, title=row.title, scopes=tuple(map(Scope, row.scopes.split())), created_by=row.created_by,
        created_at=row.created_at, last_used_at=row.last_used_at, expires_at=row.expires_at,
    )  # fmt: skip
