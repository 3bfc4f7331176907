"""API keys: made, listed, revoked, and who a key is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from application.access.tokens import api_key_text, hashed, key_id_of, new_key_id, new_token, same
from application.ports.access_store import AccessStore
from application.ports.clock import Clock
from domain.access.account import ApiKey, Principal
from domain.access.names import title as checked_title
from domain.access.role import scopes_named
from domain.errors import InvalidValue, NotFound

_USED_EVERY = timedelta(minutes=1)


class ApiKeys:
    """A key's text is told once, when it is made; only its hash is kept."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list(self) -> list[ApiKey]:
        """All, newest first, those too that have expired."""
        with self._store.look() as found:
            return found.api_keys()

    def create(
        self, title: str, scopes: Iterable[str], *, created_by: str, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A key and its text, `cvk_…`. Raises InvalidValue."""
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidValue("expires_at", "expires_at is past: expected a later time, or none")
        text = api_key_text(key_id := new_key_id(), new_token())
        key = ApiKey(
            key_id=key_id, title=checked_title(title), scopes=scopes_named(scopes), created_by=created_by, created_at=now,
            expires_at=expires_at,
        )  # fmt: skip
        with self._store.begin() as tx:
            tx.put_api_key(key, hashed(text))
        return key, text

    def revoke(self, key_id: str) -> ApiKey:
        """From now on it is none. Raises NotFound."""
        with self._store.begin() as tx:
            found = tx.api_key(key_id)
            if found is None:
                raise NotFound(f"there is no API key '{key_id[:40]}'")
            tx.delete_api_key(key_id)
        return found[0]

    def maker(self, name: str) -> str:
        """Who answers for what `name` makes: a user for himself, and for an API key (`key:ID`) whoever made it."""
        with self._store.look() as look:
            found = look.api_key(name.removeprefix("key:")) if name.startswith("key:") else None
        return found[0].created_by if found else name

    def principal(self, text: str) -> Principal | None:
        """Who a key is; None where it is revoked, expired, its maker's no longer, or none."""
        key_id = key_id_of(text)
        if key_id is None:
            return None
        with self._store.look() as look:
            found = look.api_key(key_id)
            maker = look.user(found[0].created_by) if found else None
        key, kept = found or (None, hashed(""))
        if not same(hashed(text), kept) or key is None:
            return None
        now = self._clock.now()
        role = key.role_by(maker)
        if role is None or (key.expires_at is not None and now >= key.expires_at):
            return None
        if key.last_used_at is None or now - key.last_used_at >= _USED_EVERY:
            with self._store.begin() as tx:
                if tx.api_key(key_id):  # it may have been revoked meanwhile
                    tx.put_api_key(replace(key, last_used_at=now), kept)
        return Principal(name=f"key:{key.key_id}", role=role)
