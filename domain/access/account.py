"""Users, their sessions, API keys, and who a request comes from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.role import Role, Scope, role_of, smaller

IDLE = timedelta(hours=12)
LONGEST_SESSION = timedelta(days=7)
COMMAND_LINE = "command line"
"""Who acts where somebody has the machine itself; no user can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    enabled: bool
    created_at: datetime
    last_sign_in_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """From a sign-in to its sign-out; it ends by itself 12 h after its last use, and 7 days after its beginning."""

    user_name: str
    created_at: datetime
    seen_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it ends, unless it is used until then."""
        return min(self.seen_at + IDLE, self.created_at + LONGEST_SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A program's way in. `created_by` is a user's name, or COMMAND_LINE."""

    key_id: str
    title: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None

    def role_by(self, maker: User | None) -> Role | None:
        """What it may do now: never more than its maker may, and nothing once he may nothing."""
        if self.created_by == COMMAND_LINE:
            return role_of(self.scopes)
        return smaller(role_of(self.scopes), maker.role) if maker and maker.enabled else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request comes from: a user by his session, or an API key.

    `name` is what the audit trail says: the user's, or `key:ID`. `session` is None for a key.
    """

    name: str
    role: Role
    session: Session | None = None
