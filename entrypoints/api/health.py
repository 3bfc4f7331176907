"""Whether the server lives, can serve, and how its parts are.

The handlers run on the event loop: they read what the parts have reported, and wait for nothing that may hang.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec

from domain.values import Origin
from entrypoints.api.access.authentication import PROMPT
from entrypoints.api.access.needs import Need
from entrypoints.api.rows.times import rfc3339_or_null
from entrypoints.api.services import Component, CurrentServices, NotReady

Overall = Literal["ok", "degraded", "down"]


class ComponentCell(msgspec.Struct, frozen=True):
    """How one part is (ok, starting, degraded, down, stopped), since when, and why it is not ok."""

    status: str
    detail: str | None
    since: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The whole: `down` when an essential part is, `degraded` when any part is not ok. `origin` null: no session yet."""

    status: Overall
    origin: Origin | None
    profile: str | None
    components: dict[str, ComponentCell]


class Liveness(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


_DOWN = {503: ResponseSpec(Health, description="Not able to serve", generate_examples=False)}


_ASKED_BY_MACHINES = {"needs": Need.OPEN}


class HealthController(Controller):
    """Health."""

    path = "/health"
    tags = ["health"]  # noqa: RUF012 - Litestar reads it as it stands

    @get(summary="How the parts are", responses=_DOWN, sync_to_thread=False, opt={PROMPT: True})
    def health(self, current: NamedDependency[CurrentServices]) -> Response[Health]:
        """200 unless `down`."""
        health, _ = _probe(current)
        return Response(health, status_code=503 if health.status == "down" else 200)

    @get("/live", summary="Whether the process lives", sync_to_thread=False, opt=_ASKED_BY_MACHINES)
    def live(self) -> Liveness:
        """Always 200."""
        return Liveness()

    @get(
        "/ready", summary="Whether the server can serve", responses=_DOWN, sync_to_thread=False, opt=_ASKED_BY_MACHINES
    )
    def ready(self, current: NamedDependency[CurrentServices]) -> Response[Health]:
        """503 until every essential part is there. Without details, as whoever watches over processes has no account."""
        health, can_serve = _probe(current)
        parts = {name: ComponentCell(part.status, None, part.since) for name, part in health.components.items()}
        health = msgspec.structs.replace(health, components=parts)
        return Response(health, status_code=200 if can_serve else 503)


def _probe(current: CurrentServices) -> tuple[Health, bool]:
    try:
        services = current()
    except NotReady as error:
        cells = {"session": ComponentCell("starting", str(error)), **_cells(error.parts)}
        return Health(status="down", origin=None, profile=None, components=cells), False
    components = services.health()
    can_serve = not any(part.essential and part.status in _NOT_SERVING for part in components.values())
    health = Health(
        status=_overall(components),
        origin=services.origin,
        profile=services.profile,
        components=_cells(components),
    )
    return health, can_serve


def _cells(parts: Mapping[str, Component]) -> dict[str, ComponentCell]:
    return {name: ComponentCell(part.status, part.detail, rfc3339_or_null(part.since)) for name, part in parts.items()}


_NOT_SERVING: tuple[Any, ...] = ("starting", "down", "stopped")


def _overall(components: Mapping[str, Component]) -> Overall:
    if any(part.essential and part.status in ("down", "stopped") for part in components.values()):
        return "down"
    return "ok" if all(part.status == "ok" for part in components.values()) else "degraded"
