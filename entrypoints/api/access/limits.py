"""How many requests a minute, and streams at once: generous to whoever is known or on this machine, strict where passwords are tried."""

import time
from dataclasses import dataclass
from typing import Protocol

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import TooManyRequestsException
from litestar.types import ASGIApp, Message, Middleware, Receive, Scope, Send

from domain.access.account import Principal
from domain.access.lockout import network_of
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.guards import came_by_proxy, is_loopback

WINDOW_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests a minute: of a user or an API key, of an address, of this machine's, of an address that signs in, and
    commands of an address that does not say who it is. These are refused and audited: they must not fill the trail.

    `streams` may be open at once of a user or an API key, or of an address; of this machine's nobody counts them.
    """

    known: int = 6_000
    address: int = 600
    this_machine: int = 60_000  # more than the page ever asks for; a program that is stuck meets it
    sign_in: int = 20
    unknown_commands: int = 120
    streams: int = 100


class Counts(Protocol):
    """Counts requests in windows, for one process or for several."""

    async def another(self, who: str, window: int, *, kept_s: int) -> int:
        """Count one more of whom in a window; returns how many there are. Nobody asks for it `kept_s` later."""
        ...


class OwnCounts:
    """Those of this process alone. A window's are forgotten when the next begins."""

    def __init__(self) -> None:
        self._window = 0
        self._counts: dict[str, int] = {}

    async def another(self, who: str, window: int, *, kept_s: int) -> int:
        """Count one more."""
        if window != self._window:
            self._window = window
            self._counts.clear()
        self._counts[who] = self._counts.get(who, 0) + 1
        return self._counts[who]


def rate_limit(limits: Limits, counts: Counts) -> Middleware:
    """Refuses with 429 what is too much, and says in headers how much is left.

    Headers as in https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07. Files of the page count
    for nothing, as nobody is asked who he is for them.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            bucket = _bucket(scope, limits)
            if bucket is None:
                await app(scope, receive, send)
                return
            who, most = bucket
            now = time.time()
            count = await counts.another(who, int(now // WINDOW_S), kept_s=WINDOW_S)
            left = {
                "RateLimit-Limit": str(most),
                "RateLimit-Remaining": str(max(0, most - count)),
                "RateLimit-Reset": str(WINDOW_S - int(now % WINDOW_S)),
            }
            if count > most:
                raise TooManyRequestsException(
                    f"too many requests: {most} a minute are taken. Try again in {left['RateLimit-Reset']} s.",
                    headers=left | {"Retry-After": left["RateLimit-Reset"]},
                )

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = [(name.lower().encode(), value.encode()) for name, value in left.items()]
                    # Not into the message itself: the response cache keeps that for the next who asks.
                    message = {**message, "headers": [*message["headers"], *headers]}
                await send(message)

            await app(scope, receive, send_with_headers)

        return middleware

    return around


def whose(scope: Scope) -> str | None:
    """Whom a request or a stream counts for: a user or a key, or an address; None: this machine, of which nothing is known."""
    user = scope["user"]
    if isinstance(user, Principal):
        return f"known {user.name}"
    address = _address(scope)
    if is_loopback(address) and not came_by_proxy(ASGIConnection(scope)):
        return None
    return f"address {network_of(address)}"


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _bucket(scope: Scope, limits: Limits) -> tuple[str, int] | None:
    if scope["type"] != ScopeType.HTTP:
        return None
    if scope["route_handler"].opt.get("signs_in") and scope["method"] not in ("GET", "HEAD"):
        return f"sign-in {network_of(_address(scope))}", limits.sign_in
    need = need_in(scope)
    if need is Need.OPEN:
        return None
    if need.role and scope["method"] not in ("GET", "HEAD") and not isinstance(scope["user"], Principal):
        return f"unknown {network_of(_address(scope))}", limits.unknown_commands
    who = whose(scope)
    if who is None:
        return "this machine", limits.this_machine
    return who, limits.known if isinstance(scope["user"], Principal) else limits.address
