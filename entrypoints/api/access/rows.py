"""Users, API keys, sessions and the audit trail as rows. None holds a password, a token or a hash."""

import msgspec

from application.access.tokens import csrf_token
from domain.access.account import ApiKey, Principal, Session, User
from domain.access.audit import CommandAudited
from domain.access.role import Role, Scope
from domain.values import rfc3339
from entrypoints.api.rows.times import rfc3339_or_null


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, and the token that each of his page's commands carries in the header X-CSRF-Token."""

    name: str
    role: Role
    csrf_token: str
    expires_at: str


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user."""

    name: str
    role: Role
    enabled: bool
    created_at: str
    last_sign_in_at: str | None


class UserPage(msgspec.Struct, frozen=True):
    """Users."""

    items: list[UserRow]
    next_cursor: str | None


class ApiKeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its text."""

    id: str
    title: str
    scopes: list[Scope]
    created_by: str
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class NewApiKeyRow(ApiKeyRow, frozen=True, kw_only=True):
    """An API key with its text, which is told this once."""

    key: str


class ApiKeyPage(msgspec.Struct, frozen=True):
    """API keys."""

    items: list[ApiKeyRow]
    next_cursor: str | None


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """A command: `outcome` is the HTTP status of its answer, 200 for what the command line did."""

    at: str
    actor: str
    action: str
    target: str
    detail: str
    outcome: int
    address: str


class AuditPage(msgspec.Struct, frozen=True):
    """The audit trail."""

    items: list[AuditRow]
    next_cursor: str | None


def session_row(user: User | Principal, session: Session, token: str) -> SessionRow:
    """Whose session it is."""
    return SessionRow(
        name=user.name, role=user.role, csrf_token=csrf_token(token), expires_at=rfc3339(session.expires_at)
    )


def user_row(user: User) -> UserRow:
    """One user."""
    return UserRow(
        name=user.name,
        role=user.role,
        enabled=user.enabled,
        created_at=rfc3339(user.created_at),
        last_sign_in_at=rfc3339_or_null(user.last_sign_in_at),
    )


def key_row(key: ApiKey) -> ApiKeyRow:
    """One key."""
    return ApiKeyRow(
        id=key.key_id,
        title=key.title,
        scopes=list(key.scopes),
        created_by=key.created_by,
        created_at=rfc3339(key.created_at),
        last_used_at=rfc3339_or_null(key.last_used_at),
        expires_at=rfc3339_or_null(key.expires_at),
    )


def new_key_row(key: ApiKey, text: str) -> NewApiKeyRow:
    """One key, and its text."""
    return NewApiKeyRow(**msgspec.structs.asdict(key_row(key)), key=text)


def audit_row(event: CommandAudited) -> AuditRow:
    """One command."""
    return AuditRow(
        at=rfc3339(event.occurred_at), actor=event.actor, action=event.action, target=event.target, detail=event.detail,
        outcome=event.outcome, address=event.address,
    )  # fmt: skip
