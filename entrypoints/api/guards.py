"""Who may ask, and who may command.

Where the server listens on loopback only, whoever is on this machine may read market data; every command takes a role
(access/needs.py says which). A page elsewhere cannot command us through somebody's browser: its Origin is not ours, it
does not know the session's CSRF token, and a name of its own that points at 127.0.0.1 is not a loopback Host (DNS
rebinding).

Guards are coroutines, as Litestar hands each plain function to a thread: five ways there and back for each request.
"""

import asyncio
import ipaddress
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from application.access.tokens import csrf_token, same
from domain.access.account import Principal
from domain.errors import InvalidValue
from entrypoints.api.access.authentication import sent_key
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.problems import Refused

Connection = ASGIConnection[Any, Any, Any, Any]

_PROXY_HEADERS = ("forwarded", "x-forwarded-", "x-real-ip", "via")  # as they are, or as they begin


def host_guard(*, bound_to_loopback: bool) -> Guard:
    """Where the server listens on loopback only, refuse a Host that is not loopback's: some page's rebound name."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        host = connection.headers.get("host", "")
        if bound_to_loopback and not is_loopback(hostname(host)):
            raise Refused(f"host '{host[:80]}' is not this machine: use localhost or 127.0.0.1", status_code=421)

    return guard


async def stream_guard(connection: Connection, _: BaseRouteHandler) -> None:
    """Programs send no Origin; a page's must be ours."""
    if connection.scope["type"] == ScopeType.WEBSOCKET and not has_own_origin(connection):
        raise Refused("this origin may not open the stream: only our own page and programs may")


def own_pages_only(app: ASGIApp) -> ASGIApp:
    """Refuses commands that come from somebody else's page, before any is counted for whoever looks at it, or written down."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] not in ("GET", "HEAD"):
            connection: Connection = ASGIConnection(scope)
            # Browsers also say so in Sec-Fetch-Site, even where they send no Origin.
            if not has_own_origin(connection) or connection.headers.get("sec-fetch-site") in (
                "cross-site",
                "same-site",
            ):
                raise Refused("commands are accepted from our own page and from programs only: this Origin is neither")
        await app(scope, receive, send)

    return middleware


async def command_guard(connection: Connection, _: BaseRouteHandler) -> None:
    """Refuses bodies that a form could send."""
    if connection.scope["type"] != ScopeType.HTTP or connection.scope["method"] in ("GET", "HEAD"):
        return
    has_body = connection.headers.get("content-length", "0") != "0" or "transfer-encoding" in connection.headers
    media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise Refused("a body must be sent with Content-Type: application/json", status_code=415)


def access_guard(*, bound_to_loopback: bool, public_reads: bool) -> Guard:
    """Refuses whoever may not: 401 who did not say who he is, 403 who may not do this."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        need, user = need_in(connection.scope), connection.user
        if need is Need.OPEN:
            return
        if user is None and sent_key(connection) is not None:
            raise unknown("this API key is none, or is revoked or expired: expected Authorization: Bearer cvk_…")
        if need is Need.READING:
            if user or public_reads or (bound_to_loopback and not came_by_proxy(connection)):
                return
            raise unknown("reading takes an account here: sign in, or send an API key")
        role = need.role
        if user is None or role is None:
            raise unknown(f"this takes an account with the role {need}: sign in, or send an API key")
        if not user.role.covers(role):
            raise Refused(f"this takes the role {role}, and {user.name} has the role {user.role}")
        _check_csrf(connection, user)

    return guard


def unknown(detail: str) -> Refused:
    """Who asks must say who he is."""
    return Refused(detail, status_code=401, headers={"WWW-Authenticate": "Bearer"})


def _check_csrf(connection: Connection, user: Principal) -> None:
    if user.session is None or connection.scope["type"] != ScopeType.HTTP:
        return
    if connection.scope["method"] in ("GET", "HEAD"):
        return
    if not same(connection.headers.get("x-csrf-token", ""), csrf_token(connection.auth)):
        raise Refused(
            "the header X-CSRF-Token is missing or not this session's: it is told by GET /api/v1/admin/session/"
        )


def came_by_proxy(connection: Connection) -> bool:
    """A proxy on this machine that we were not told of: who asks is not on this machine."""
    return any(name.startswith(_PROXY_HEADERS) for name in connection.headers)


class KnownParameters:
    """A guard that refuses query parameters which a route does not know, as a typo would otherwise be no filter.

    It also refuses one that is given twice: no route takes a list, and of two values one would be left out unsaid.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], set[str]] | None = None
        self._asking = asyncio.Lock()

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        """Raises InvalidValue, naming the parameter."""
        if connection.scope["type"] != ScopeType.HTTP:
            return
        route = (connection.scope["path_template"], connection.scope["method"].lower())
        known = (self._known or await self._learn(connection)).get(route)
        if known is None:
            return  # pages, files and the like are not in the schema, and take no parameters
        for name in connection.query_params:
            if name not in known:
                expected = f"expected {', '.join(sorted(known))}" if known else "none is expected here"
                raise InvalidValue(name[:40], f"query parameter '{name[:40]}' is unknown: {expected}")
            values = connection.query_params.getall(name)
            if len(values) > 1:
                raise InvalidValue(name, f"query parameter '{name}' is given {len(values)} times: expected it once")

    async def _learn(self, connection: Connection) -> dict[tuple[str, str], set[str]]:
        async with self._asking:
            if self._known is None:
                self._known = await asyncio.to_thread(_documented, connection)
            return self._known


def _documented(connection: Connection) -> dict[tuple[str, str], set[str]]:
    documented: dict[tuple[str, str], set[str]] = {}
    for route in connection.app.routes:
        item = (connection.app.openapi_schema.paths or {}).get(route.path_format)
        for method in ("get", "post", "put", "delete"):
            operation = getattr(item, method, None)
            if operation:
                names = {p.name for p in operation.parameters or [] if getattr(p, "param_in", None) == "query"}
                documented[route.path_format, method] = names
    return documented


def has_own_origin(connection: Connection) -> bool:
    """Whether the request has no Origin, or that of the address it was sent to."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme, _, authority = origin.lower().partition("://")
    port = {"http": ":80", "https": ":443"}.get(scheme)
    host = connection.headers.get("host", "").lower()
    return port is not None and bool(host) and authority in (host, host.removesuffix(port))


def hostname(authority: str) -> str:
    """`[::1]:8000` -> `::1`, `localhost:8000` -> `localhost`."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def is_loopback(name: str) -> bool:
    """`localhost`, or an address of the loopback network."""
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
