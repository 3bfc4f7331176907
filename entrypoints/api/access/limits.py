"""How many requests a minute, and streams at once: generous to whoever is known or on this machine, strict where passwords are tried."""

import asyncio
import time
from dataclasses import dataclass

from litestar.enums import ScopeType
from litestar.exceptions import TooManyRequestsException
from litestar.stores.base import Store
from litestar.stores.memory import MemoryStore
from litestar.types import ASGIApp, Message, Middleware, Receive, Scope, Send

from domain.access.account import Principal
from domain.access.lockout import network_of
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.guards import is_loopback

WINDOW_S = 60
STORE = "rate_limit"
_CLEAN_EVERY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests a minute: of a user or an API key, of an address, of this machine's, and of an address that signs in.

    `streams` may be open at once of a user or an API key, or of an address; of this machine's nobody counts them.
    """

    known: int = 6_000
    address: int = 600
    this_machine: int = 60_000  # more than the page ever asks for; a program that is stuck meets it
    sign_in: int = 20
    streams: int = 100


class _Counter:
    """Counts in windows of a minute. Processes that share a store may each count a request too few."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._since_cleaned = 0

    async def count(self, store: Store, who: str, now: float) -> int:
        window = int(now // WINDOW_S)
        async with self._turn:
            before, _, count = (await store.get(who) or b"").partition(b" ")
            counted = int(count) + 1 if before == str(window).encode() else 1
            await store.set(who, f"{window} {counted}", expires_in=WINDOW_S)
            self._since_cleaned += 1
            if self._since_cleaned >= _CLEAN_EVERY and isinstance(store, MemoryStore):
                self._since_cleaned = 0
                await store.delete_expired()
        return counted


def rate_limit(limits: Limits) -> Middleware:
    """Refuses with 429 what is too much, and says in headers how much is left.

    Headers as in https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07. Files of the page count
    for nothing, as nobody is asked who he is for them.
    """
    counter = _Counter()

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            bucket = _bucket(scope, limits)
            if bucket is None:
                await app(scope, receive, send)
                return
            who, most = bucket
            now = time.time()
            count = await counter.count(scope["litestar_app"].stores.get(STORE), who, now)
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
                    message["headers"] = [*message.get("headers", []), *headers]
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
    return None if is_loopback(address) else f"address {network_of(address)}"


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _bucket(scope: Scope, limits: Limits) -> tuple[str, int] | None:
    if scope["type"] != ScopeType.HTTP:
        return None
    if scope["route_handler"].opt.get("signs_in") and scope["method"] not in ("GET", "HEAD"):
        return f"sign-in {network_of(_address(scope))}", limits.sign_in
    if need_in(scope) is Need.OPEN:
        return None
    who = whose(scope)
    if who is None:
        return "this machine", limits.this_machine
    return who, limits.known if isinstance(scope["user"], Principal) else limits.address
