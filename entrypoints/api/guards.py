"""Who may ask, and who may command.

Until there is sign-in, commands (all but GET and HEAD) are taken on this machine only, from programs or from our own
page. A page elsewhere cannot command us: its Origin is not ours (cross-site requests), and a name of its own that
points at 127.0.0.1 is not a loopback Host (DNS rebinding).
"""

import ipaddress
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from domain.errors import InvalidValue
from entrypoints.api.problems import Refused

Connection = ASGIConnection[Any, Any, Any, Any]

_PROXY_HEADERS = ("forwarded", "x-forwarded-", "x-real-ip", "via")  # as they are, or as they begin


def host_guard(*, bound_to_loopback: bool) -> Guard:
    """Where the server listens on loopback only, refuse a Host that is not loopback's: some page's rebound name."""

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        host = connection.headers.get("host", "")
        if bound_to_loopback and not is_loopback(hostname(host)):
            raise Refused(f"host '{host[:80]}' is not this machine: use localhost or 127.0.0.1", status_code=421)

    return guard


def stream_guard(connection: Connection, _: BaseRouteHandler) -> None:
    """Programs send no Origin; a page's must be ours."""
    if connection.scope["type"] == ScopeType.WEBSOCKET and not has_own_origin(connection):
        raise Refused("this origin may not open the stream: only our own page and programs may")


def command_guard(connection: Connection, _: BaseRouteHandler) -> None:
    """Refuses commands that do not come from this machine, or come from somebody else's page."""
    if connection.scope["type"] != ScopeType.HTTP or connection.scope["method"] in ("GET", "HEAD"):
        return
    peer = connection.client.host if connection.client else ""
    if not is_loopback(peer) or any(name.startswith(_PROXY_HEADERS) for name in connection.headers):
        raise Refused("commands are accepted from this machine only, until there is sign-in")
    if not is_loopback(hostname(connection.headers.get("host", ""))):
        raise Refused("commands are accepted under localhost or 127.0.0.1 only, until there is sign-in")
    # Browsers also say so in Sec-Fetch-Site, even where they send no Origin.
    if not has_own_origin(connection) or connection.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refused("commands are accepted from our own page and from programs only: this Origin is neither")
    has_body = connection.headers.get("content-length", "0") != "0" or "transfer-encoding" in connection.headers
    media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise Refused("a body must be sent with Content-Type: application/json", status_code=415)


class KnownParameters:
    """A guard that refuses query parameters which a route does not know, as a typo would otherwise be no filter."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], set[str]] | None = None

    def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        """Raises InvalidValue, naming the parameter."""
        if connection.scope["type"] != ScopeType.HTTP:
            return
        if self._known is None:
            self._known = _documented(connection)
        route = (connection.scope["path_template"], connection.scope["method"].lower())
        known = self._known.get(route)
        if known is None:
            return  # pages, files and the like are not in the schema, and take no parameters
        for name in connection.query_params:
            if name not in known:
                expected = f"expected {', '.join(sorted(known))}" if known else "none is expected here"
                raise InvalidValue(name[:40], f"query parameter '{name[:40]}' is unknown: {expected}")


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
