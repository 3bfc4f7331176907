"""Each command becomes an event before its answer goes out: who, what, on what, with what outcome; refused ones too."""

import asyncio
from functools import partial
from typing import Any, TypeGuard

import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Middleware, Receive, Scope, Send

from application.access.audit import ANONYMOUS
from application.ports.store import StoreUnavailable
from domain.access.account import Principal
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.house import House

log = structlog.get_logger(__name__)

_SAID = "cryptoviz_audited"
_TOO_MANY = 429  # a flood must not fill the trail; the metrics count it


def audited(request: Request[Any, Any, Any], *, target: str = "", detail: str = "", actor: str = "") -> None:
    """What a handler adds to its command's entry: what the path does not say. Never a secret."""
    request.scope["state"][_SAID] = {"target": target, "detail": detail, "actor": actor}


def auditing(house: House) -> Middleware:
    """Around everything else, so that it sees how everything ends."""

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if not _is_command(scope):
                await app(scope, receive, send)
                return

            async def note_and_send(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] != _TOO_MANY:
                    await _note(house, scope, message["status"])
                await send(message)

            await app(scope, receive, note_and_send)

        return middleware

    return around


def _is_command(scope: Scope) -> TypeGuard[HTTPScope]:
    return (
        scope["type"] == ScopeType.HTTP
        and scope["method"] not in ("GET", "HEAD", "OPTIONS")
        and need_in(scope) is not Need.READING
    )


async def _note(house: House, scope: HTTPScope, status: int) -> None:
    user, client = scope.get("user"), scope.get("client")
    said: dict[str, str] = scope["state"].get(_SAID, {})
    note = partial(
        house.audit.note,
        actor=said.get("actor") or (user.name if isinstance(user, Principal) else ANONYMOUS),
        action=f"{scope['method']} {scope['path_template']}",
        target=said.get("target") or " ".join(map(str, scope["path_params"].values())),
        detail=said.get("detail", ""),
        outcome=status,
        address=client[0] if client else "unknown",
    )
    try:
        await asyncio.to_thread(note)
    except StoreUnavailable:  # what was done is done, and its answer must go out
        log.exception("a command could not be audited", action=f"{scope['method']} {scope['path_template']}")
