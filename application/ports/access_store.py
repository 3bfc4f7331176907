"""Port: where users, sessions, API keys and failed sign-ins are kept."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from domain.access.account import ApiKey, Session, User
from domain.access.lockout import Failures


class AccessLookups(Protocol):
    """What can be looked up, all of one moment."""

    def user(self, name: str) -> User | None:
        """A user."""
        ...

    def users(self) -> list[User]:
        """All, by name."""
        ...

    def password_hash(self, name: str) -> str | None:
        """How a user's password is kept."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """A session, over or not."""
        ...

    def api_key(self, key_id: str) -> tuple[ApiKey, str] | None:
        """A key, and its hash."""
        ...

    def api_keys(self) -> list[ApiKey]:
        """All, newest first."""
        ...

    def failures(self, subjects: Collection[str]) -> dict[str, Failures]:
        """The failed sign-ins of those that have any."""
        ...

    def is_familiar(self, name: str, network: str) -> bool:
        """Whether the user has signed in from there before."""
        ...

    def is_setup_token(self, token_hash: str) -> bool:
        """Whether it is the one that was given out."""
        ...


class AccessTransaction(AccessLookups, Protocol):
    """One unit of work; nobody else changes users, sessions or keys meanwhile."""

    def put_user(self, user: User) -> None:
        """Change a user; his password stays."""
        ...

    def add_user(self, user: User, password_hash: str) -> None:
        """Add one whose name is free."""
        ...

    def put_password_hash(self, name: str, password_hash: str) -> None:
        """Another password."""
        ...

    def delete_user(self, name: str) -> None:
        """With his sessions, and where he signed in from."""
        ...

    def put_session(self, token_hash: str, session: Session) -> None:
        """Begin a session, or note that it was used."""
        ...

    def end_session(self, token_hash: str) -> None:
        """End it; nothing happens where there is none."""
        ...

    def end_sessions_of(self, name: str, *, but: str | None = None) -> None:
        """End all of a user's, or all but that of one token's hash."""
        ...

    def put_familiar(self, name: str, network: str, at: datetime) -> None:
        """Note that the user has signed in from there."""
        ...

    def forget_before(self, *, created: datetime, seen: datetime, failed: datetime, familiar: datetime) -> None:
        """Delete the sessions that began or were last used by these times, and the failures and sign-ins' networks by theirs."""
        ...

    def put_api_key(self, key: ApiKey, key_hash: str) -> None:
        """Add a key, or note that it was used."""
        ...

    def delete_api_key(self, key_id: str) -> None:
        """Revoke it."""
        ...

    def put_failures(self, subject: str, failures: Failures) -> None:
        """Note failed sign-ins."""
        ...

    def clear_failures(self, subject: str) -> None:
        """Forget them."""
        ...

    def put_setup_token(self, token_hash: str | None, at: datetime) -> None:
        """The one token that makes the first user, in place of any before; None: there is none."""
        ...


class AccessStore(Protocol):
    """Hands out transactions. Both raise StoreUnavailable."""

    def look(self) -> AbstractContextManager[AccessLookups]:
        """One snapshot to read from."""
        ...

    def begin(self) -> AbstractContextManager[AccessTransaction]:
        """Committed when the block ends, rolled back when it raises."""
        ...
