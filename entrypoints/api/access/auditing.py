"""Each command becomes an event: who, what, on what, with what outcome; refused ones too.

A command is noted before it is carried out, and its outcome before its answer goes out. Where the first cannot be written,
the command is refused; a process that ends in between leaves an entry without an outcome. The trail and what is commanded
lie in two databases in the embedded profile, so one transaction cannot hold both.
"""

import asyncio
from functools import partial
from typing import Any, TypeGuard

import structlog
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Guard, HTTPScope, Message, Middleware, Receive, Scope, Send

from application.access.audit import ANONYMOUS
from application.ports.store import StoreUnavailable
from domain.access.account import Principal
from entrypoints.api.access.needs import Need, need_in
from entrypoints.api.house import House

log = structlog.get_logger(__name__)

_SAID = "cryptoviz_audited"
_BEGUN = "cryptoviz_audit_begun"
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


def noted_first(house: House) -> Guard:
    """The last of the guards: notes a command that is allowed, before it is carried out. Raises StoreUnavailable."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        scope = connection.scope
        if _is_command(scope):
            fields = _who_and_what(scope)
            begin = partial(house.audit.begin, **fields, target=_target(scope))
            scope["state"][_BEGUN] = await asyncio.to_thread(begin)

    return guard


def _is_command(scope: Scope) -> TypeGuard[HTTPScope]:
    return (
        scope["type"] == ScopeType.HTTP
        and scope["method"] not in ("GET", "HEAD", "OPTIONS")
        and need_in(scope) is not Need.READING
    )


async def _note(house: House, scope: HTTPScope, status: int) -> None:
    said: dict[str, str] = scope["state"].get(_SAID, {})
    fields = _who_and_what(scope)
    if said.get("actor"):
        fields["actor"] = said["actor"]
    note = partial(
        house.audit.note,
        **fields,
        target=said.get("target") or _target(scope),
        detail=said.get("detail", ""),
        outcome=status,
        begun=scope["state"].get(_BEGUN),
    )
    try:
        await asyncio.to_thread(note)
    except StoreUnavailable:  # what was done is done, and its answer must go out; that it began is in the trail
        log.exception("the outcome of a command could not be audited", action=fields["action"])


def _who_and_what(scope: HTTPScope) -> dict[str, str]:
    user, client = scope.get("user"), scope.get("client")
    return {
        "actor": user.name if isinstance(user, Principal) else ANONYMOUS,
        "action": f"{scope['method']} {scope['path_template']}",
        "address": client[0] if client else "unknown",
    }


def _target(scope: HTTPScope) -> str:
    return " ".join(map(str, scope["path_params"].values()))
