"""How the application is served: uvicorn's settings that its promises need, and a server that no client can block."""

import asyncio
import ipaddress
import logging
import socket
import sys
from collections.abc import Sequence
from functools import partial

import structlog
import uvicorn
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE

from entrypoints.api.edge.connections import FOREIGN_MOST, ConnectionLimits, Connections
from entrypoints.api.edge.file_limit import most_connections, raise_file_limit
from entrypoints.api.edge.listening import Listening
from entrypoints.api.edge.protocol import Http, Stream
from entrypoints.api.edge.representation import represented
from entrypoints.api.edge.seldom import Seldom, SeldomFilter
from entrypoints.api.edge.well_formed import well_formed
from entrypoints.api.guards import is_loopback
from entrypoints.api.headers import secure
from entrypoints.api.metrics import Meter, count_request

log = structlog.get_logger(__name__)

_LARGEST_INBOUND = 64 * 1024
_SELDOM = SeldomFilter()


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


def _broken_off_quietly(app: ASGIApp) -> ASGIApp:
    """What still runs when the server has waited long enough for its end is cancelled, which is nobody's error."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            log.info("broken off as the server stops", path=scope.get("path"))

    return answering


def as_served(app: ASGIApp, meter: Meter) -> ASGIApp:
    """The application with all that surrounds it on a server: HEAD, headers, compression, the count of answers."""
    return _broken_off_quietly(_head_as_get(_secured_and_counted(represented(well_formed(app)), meter)))


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
        ws=Stream,
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


class Server(uvicorn.Server):
    """uvicorn, but it accepts connections by itself, and knows how many there are (`edge/`).

    `trusted_proxies` and this machine stand for many clients: their connections are bounded only by what all may have.
    """

    def __init__(
        self, config: uvicorn.Config, *, trusted_proxies: Sequence[str] = (), limits: ConnectionLimits | None = None
    ) -> None:
        super().__init__(config)
        self.limits = limits
        self._proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in trusted_proxies]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve on the sockets that are given, which must listen already."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        for library in ("uvicorn.error", "asyncio"):
            logging.getLogger(library).addFilter(_SELDOM)  # the same one twice is one
        most = most_connections(raise_file_limit())
        self.limits = self.limits or ConnectionLimits(
            most=most, streams=most * 3 // 4, most_of_one=min(FOREIGN_MOST, most // 2), is_shared=self._is_shared
        )
        connections, seldom = Connections(self.limits), Seldom()
        protocol = partial(Http, connections, seldom, self.config, self.server_state, self.lifespan.state)
        self.servers = [Listening(listener, protocol, connections, seldom) for listener in sockets or ()]  # type: ignore[misc]
        log.info("serving", most_connections=self.limits.most)
        self.started = True

    def _is_shared(self, address: str) -> bool:
        if is_loopback(address):
            return True
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return "/" not in address  # a Unix socket has no address; an IPv6 network counts as one
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in self._proxies if network.version == parsed.version)


def _mapped(proxy: str) -> str | None:
    """An IPv4 address or network as it looks where the server listens on IPv6 and IPv4 at once (RFC 4291, 2.5.5.2)."""
    network = ipaddress.ip_network(proxy, strict=False)
    return f"::ffff:{network.network_address}/{96 + network.prefixlen}" if network.version == 4 else None
