"""How the application is served: uvicorn's settings that its promises need."""

import ipaddress
from collections.abc import Sequence

import uvicorn
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.api.headers import secure
from entrypoints.api.metrics import Meter, count_request

_LARGEST_INBOUND = 64 * 1024


def _head_as_get(app: ASGIApp) -> ASGIApp:
    """Whatever answers GET answers HEAD: uvicorn leaves out the body."""

    async def with_head(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await app(scope, receive, send)

    return with_head


def _secured_and_counted(app: ASGIApp, meter: Meter) -> ASGIApp:
    """Every HTTP answer, errors' too, gets the security headers and is counted.

    Litestar's `before_send` would do, but is called for each message of a stream too, where every step counts.
    """

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        request = scope

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(message)
                count_request(meter, message, request)
            await send(message)

        await app(scope, receive, with_headers)

    return answering


def as_served(app: ASGIApp, meter: Meter) -> ASGIApp:
    """The application with all that surrounds it on a server: HEAD, security headers, the count of answers."""
    return _head_as_get(_secured_and_counted(app, meter))


def server_config(
    app: ASGIApp, meter: Meter, *, host: str, port: int, trusted_proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """No server header, no compression of the stream, small inbound messages.

    Only what trusted proxies (addresses or networks) say of the client's address and scheme is believed.
    """
    return uvicorn.Config(
        as_served(app, meter),
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_INBOUND,
        ws_per_message_deflate=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=[*trusted_proxies, *filter(None, map(_mapped, trusted_proxies))],
        access_log=False,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=5,
    )


def _mapped(proxy: str) -> str | None:
    """An IPv4 address or network as it looks where the server listens on IPv6 and IPv4 at once (RFC 4291, 2.5.5.2)."""
    network = ipaddress.ip_network(proxy, strict=False)
    return f"::ffff:{network.network_address}/{96 + network.prefixlen}" if network.version == 4 else None
