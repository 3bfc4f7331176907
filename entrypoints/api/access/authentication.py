"""Who a request comes from: looked up once, before everything else, and found as `connection.user`."""

import asyncio
import ipaddress
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from application.ports.store import StoreUnavailable
from domain.access.account import Principal
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.house import House

Connection = ASGIConnection[Any, Any, Any, Any]

SESSION_COOKIE = "cryptoviz_session"
_BEARER = "bearer "
PROMPT = "prompt"
"""The option of a route that answers at once, whatever hangs."""
_PROMPT_S = 1.0


def authentication(house: House) -> Middleware:
    """Sets `user` (a Principal, or None) and `auth` (the session's token, or None) of each request and stream.

    Where an API key is sent, the cookie is not looked at: a program says by it who it is.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] in (ScopeType.HTTP, ScopeType.WEBSOCKET):
                connection: Connection = ASGIConnection(scope)
                scope["user"], scope["auth"] = None, None
                if sent_key(connection) is None:
                    scope["auth"] = connection.cookies.get(SESSION_COOKIE) or None
                if scope["route_handler"].opt.get(PROMPT):
                    scope["user"] = await _soon(house, connection)
                elif need_in(scope) is not Need.OPEN:
                    scope["user"] = await _principal(house, connection)
            await app(scope, receive, send)

        return middleware

    return around


def sent_key(connection: Connection) -> str | None:
    """What was sent as `Authorization: Bearer …`; None without such a header (others are a proxy's affair)."""
    authorization = connection.headers.get("authorization", "")
    is_ours = authorization[: len(_BEARER)].lower() == _BEARER
    return authorization[len(_BEARER) :].strip() if is_ours else None


async def is_still_known(house: House, connection: Connection) -> bool:
    """Whether whoever opened a connection would be known now too; who never said who he is, has nothing to lose."""
    if connection.user is None:
        return True
    try:
        return await _principal(house, connection) is not None
    except StoreUnavailable:
        return True  # it is asked again


async def _soon(house: House, connection: Connection) -> Principal | None:
    """Who asks, for an answer that must not wait for a database that hangs. Raises StoreUnavailable when it does."""
    try:
        return await asyncio.wait_for(_principal(house, connection), _PROMPT_S)
    except (TimeoutError, StoreUnavailable):
        if sent_key(connection) is None and _is_this_machine(connection):
            return None  # this machine may ask without an account
        raise StoreUnavailable("the database does not answer, so nobody can tell who asks") from None


def _is_this_machine(connection: Connection) -> bool:
    try:
        return connection.client is not None and ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


async def _principal(house: House, connection: Connection) -> Principal | None:
    key = sent_key(connection)
    if key is not None:
        return await asyncio.to_thread(house.keys.principal, key)
    return await asyncio.to_thread(house.sessions.principal, connection.auth) if connection.auth else None
