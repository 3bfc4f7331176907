"""Users: made, changed and deleted by admins, and on the command line."""

from collections.abc import Callable
from dataclasses import replace

from application.access.tokens import hashed, new_token
from application.ports.access_store import AccessLookups, AccessStore
from application.ports.clock import Clock
from application.ports.password_hasher import PasswordHasher
from domain.access.account import User
from domain.access.names import check_password, same_password, user_name
from domain.access.role import Role
from domain.errors import NotAllowed, NotFound


class Users:
    """One enabled admin at least is always left, once there is one."""

    def __init__(self, store: AccessStore, hasher: PasswordHasher, clock: Clock) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock

    def list(self) -> list[User]:
        """All, by name."""
        with self._store.look() as found:
            return found.users()

    def create(self, name: str, password: str, role: Role) -> User:
        """Raises InvalidValue, or NotAllowed where the name is taken."""
        return self._add(name, password, role, lambda _: None)

    def change(
        self, name: str, *, role: Role | None = None, password: str | None = None, enabled: bool | None = None
    ) -> User:
        """What is None stays. Another password, and disabling, ends the user's sessions.

        Raises NotFound, InvalidValue, and NotAllowed for the last admin.
        """
        name, hashed_password = name.strip().lower(), None
        if password is not None:
            check_password(password, name=name)
            hashed_password = self._hasher.hash(same_password(password))
        with self._store.begin() as tx:
            present = _find(tx, name)
            changed = replace(
                present,
                role=present.role if role is None else role,
                enabled=present.enabled if enabled is None else enabled,
            )
            if not _commands_all(changed):
                _keep_an_admin(tx, present)
            tx.put_user(changed)
            if hashed_password is not None:
                tx.put_password_hash(present.name, hashed_password)
            if hashed_password is not None or not changed.enabled:
                tx.end_sessions_of(present.name)
        return changed

    def delete(self, name: str) -> None:
        """With his sessions. Raises NotFound, and NotAllowed for the last admin."""
        with self._store.begin() as tx:
            present = _find(tx, name.strip().lower())
            _keep_an_admin(tx, present)
            tx.delete_user(present.name)

    def new_setup_token(self) -> str | None:
        """The one token that makes the first user, in place of any given out before; None where there is a user."""
        token = new_token()
        with self._store.begin() as tx:
            wanted = not tx.users()
            tx.put_setup_token(hashed(token) if wanted else None, self._clock.now())
        return token if wanted else None

    def set_up(self, token: str, name: str, password: str) -> User:
        """Make the first user, an admin. Raises InvalidValue, or NotAllowed for a token that is not the one."""

        def check(found: AccessLookups) -> None:
            if found.users() or not found.is_setup_token(hashed(token)):
                raise NotAllowed("this link is used up, or another start has made a newer one: see what it printed")

        return self._add(name, password, Role.ADMIN, check)

    def _add(self, name: str, password: str, role: Role, check: Callable[[AccessLookups], None]) -> User:
        name = user_name(name)
        check_password(password, name=name)
        with self._store.look() as found:  # before the slow part, as a stranger may ask
            check(found)
        hashed_password = self._hasher.hash(same_password(password))
        user = User(name=name, role=role, enabled=True, created_at=self._clock.now())
        with self._store.begin() as tx:
            check(tx)
            if tx.user(name):
                raise NotAllowed(f"there is a user '{name}' already")
            tx.add_user(user, hashed_password)
            tx.put_setup_token(None, user.created_at)
        return user


def _find(found: AccessLookups, name: str) -> User:
    user = found.user(name)
    if user is None:
        raise NotFound(f"there is no user '{name[:40]}'")
    return user


def _commands_all(user: User) -> bool:
    return user.enabled and user.role is Role.ADMIN


def _keep_an_admin(found: AccessLookups, leaving: User) -> None:
    others = (user for user in found.users() if user.name != leaving.name)
    if _commands_all(leaving) and not any(map(_commands_all, others)):
        raise NotAllowed(f"'{leaving.name}' is the last admin: make another one first")
