"""API keys, for admins."""

from typing import Any

import msgspec
from litestar import Controller, Request
from litestar.params import FromPath, JSONBody

from domain.values import parse_time
from entrypoints.api.access.auditing import audited
from entrypoints.api.access.needs import Need
from entrypoints.api.access.rows import ApiKeyPage, NewApiKeyRow, key_row, new_key_row
from entrypoints.api.params import Limit, OfHouse, PageCursor, page_of, read_text
from entrypoints.api.routes import create, read, remove


class NewKeyBody(msgspec.Struct, forbid_unknown_fields=True):
    """A key: some of the scopes read, command and admin, and until when it works (RFC 3339; null: until it is revoked)."""

    title: str
    scopes: list[str]
    expires_at: str | None = None


class ApiKeyController(Controller):
    """API keys."""

    path = "/admin/api-keys"
    tags = ["access"]  # noqa: RUF012 - Litestar reads it as it stands
    opt = {"needs": Need.ADMIN}  # noqa: RUF012

    @read(summary="API keys")
    def keys(self, house: OfHouse, limit: Limit = 100, cursor: PageCursor = None) -> ApiKeyPage:
        """Newest first, those too that have expired."""
        page = page_of(house.keys.list(), limit, read_text(cursor, "cursor"))
        return ApiKeyPage([key_row(key) for key in page.items], page.next_cursor)

    @create(summary="Make an API key")
    def create_key(self, request: Request[Any, Any, Any], house: OfHouse, data: JSONBody[NewKeyBody]) -> NewApiKeyRow:
        """`key` is told this once. It may never do more than whoever made it, as long as that user is enabled."""
        expires_at = None if data.expires_at is None else parse_time(data.expires_at, "expires_at")
        key, text = house.keys.create(
            data.title, data.scopes, created_by=house.keys.maker(request.user.name), expires_at=expires_at
        )
        audited(request, target=key.key_id, detail=f"{key.title}: {' '.join(key.scopes)}")
        return new_key_row(key, text)

    @remove("/{key_id:str}", summary="Revoke an API key")
    def revoke_key(self, house: OfHouse, key_id: FromPath[str]) -> None:
        """It is of no use from now on."""
        house.keys.revoke(key_id)
