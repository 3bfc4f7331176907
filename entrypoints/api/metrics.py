"""Metrics: what the API counts of itself, and `/metrics` for Prometheus."""

import asyncio
import time
from typing import Protocol

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Receive, Scope, Send

from application.ports.store import StoreUnavailable
from application.ports.telemetry import Telemetry
from entrypoints.api.access.authentication import PROMPT
from entrypoints.api.feeds import feed_rows
from entrypoints.api.rows.feeds import FeedRow
from entrypoints.api.services import CurrentServices, NotReady

_STARTED = "cryptoviz_started"
_STORE_ANSWERS_WITHIN_S = 1.0


class Meter(Telemetry, Protocol):
    """Telemetry that also takes observations and can be read out."""

    content_type: str

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add an observation to a histogram."""
        ...

    def clear(self, name: str) -> None:
        """Forget all values of a gauge."""
        ...

    def exposition(self) -> bytes:
        """All metrics, in the format that `content_type` names."""
        ...


def metrics_handler(meter: Meter, current: CurrentServices) -> HTTPRouteHandler:
    """`/metrics`; what only the reader's clock can tell of feeds and parts is measured when it is asked for."""
    feeds = _FeedRows(current)

    @get("/metrics", include_in_schema=False, opt={PROMPT: True})
    async def metrics() -> Response[bytes]:
        _tell_parts(meter, current)
        rows = await feeds.rows()
        for name in ("lag_seconds", "quiet_seconds", "missing_trades"):
            meter.clear(name)
        for row in rows:
            meter.gauge("lag_seconds", row.lag_s, feed=row.name)
            meter.gauge("quiet_seconds", row.quiet_s, feed=row.name)
            meter.gauge("missing_trades", row.missing, feed=row.name)
        return Response(meter.exposition(), media_type=meter.content_type, headers={"Cache-Control": "no-store"})

    return metrics


class _FeedRows:
    """The feeds as the store knows them. A store that hangs is asked once, and the counters are there all the same."""

    def __init__(self, current: CurrentServices) -> None:
        self._current = current
        self._asked: asyncio.Future[list[FeedRow]] | None = None

    async def rows(self) -> list[FeedRow]:
        """The rows; none where the store does not answer within a second."""
        if self._asked is None:
            self._asked = asyncio.ensure_future(asyncio.to_thread(lambda: feed_rows(self._current())))
        try:
            rows = await asyncio.wait_for(asyncio.shield(self._asked), _STORE_ANSWERS_WITHIN_S)
        except TimeoutError:
            return []
        except (NotReady, StoreUnavailable):
            rows = []
        self._asked = None
        return rows


def _tell_parts(meter: Meter, current: CurrentServices) -> None:
    try:
        parts = current().health()
    except NotReady as not_ready:
        parts = not_ready.parts
    for name in ("part_ok", "part_down", "part_since_seconds", "part_restarts", "part_behind"):
        meter.clear(name)
    for name, part in parts.items():
        meter.gauge("part_ok", part.status == "ok", part=name)
        meter.gauge("part_down", part.status in ("down", "stopped"), part=name)
        meter.gauge("part_restarts", part.restarts, part=name)
        if part.since is not None:
            meter.gauge("part_since_seconds", part.since.timestamp(), part=name)
        if part.behind is not None:
            meter.gauge("part_behind", part.behind, part=name)


def stopwatch(app: ASGIApp) -> ASGIApp:
    """Notes when a request began; around every route."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"][_STARTED] = time.perf_counter()
        await app(scope, receive, send)

    return middleware


def count_request(meter: Meter, answer: HTTPResponseStartEvent, scope: HTTPScope) -> None:
    """Count an answer by route (its template, so that nobody can flood us with label values) and status."""
    route = scope.get("path_template") or "none"
    method = scope["method"] if scope["method"] in _METHODS else "other"
    meter.count("http_requests", method=method, route=route, status=str(answer["status"]))
    started = scope["state"].get(_STARTED)
    if started is not None:
        meter.observe("http_request_seconds", time.perf_counter() - started, method=method, route=route)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
