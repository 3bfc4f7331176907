"""Who may do what: a user has one role, an API key has scopes, and each role may do all that the smaller ones may."""

from collections.abc import Iterable
from enum import StrEnum

from domain.errors import InvalidValue


class Role(StrEnum):
    """`viewer` looks, `operator` commands, `admin` also decides who may and what is collected."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what needs the other."""
        return _RANK[self] >= _RANK[needed]


class Scope(StrEnum):
    """What an API key is for; each lets it do what a role may."""

    READ = "read"
    COMMAND = "command"
    ADMIN = "admin"


_RANK = {Role.VIEWER: 1, Role.OPERATOR: 2, Role.ADMIN: 3}
_ROLE_OF = {Scope.READ: Role.VIEWER, Scope.COMMAND: Role.OPERATOR, Scope.ADMIN: Role.ADMIN}


def role_named(text: str) -> Role:
    """The role of a name. Raises InvalidValue."""
    try:
        return Role(text)
    except ValueError:
        raise InvalidValue("role", f"role '{text[:20]}' is unknown: expected one of {', '.join(Role)}") from None


def scopes_named(texts: Iterable[str]) -> tuple[Scope, ...]:
    """Scopes in their order, each once. Raises InvalidValue for none and for unknown ones."""
    asked = set(texts)
    if unknown := sorted(asked - set(Scope)):
        raise InvalidValue("scopes", f"scope '{unknown[0][:20]}' is unknown: expected some of {', '.join(Scope)}")
    if not asked:
        raise InvalidValue("scopes", f"scopes is empty: expected some of {', '.join(Scope)}")
    return tuple(scope for scope in Scope if scope in asked)


def role_of(scopes: Iterable[Scope]) -> Role:
    """The largest role that scopes amount to."""
    return max((_ROLE_OF[scope] for scope in scopes), key=_RANK.__getitem__)


def smaller(one: Role, other: Role) -> Role:
    """The one of two roles that may do less."""
    return one if other.covers(one) else other
