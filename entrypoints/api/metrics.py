"""Metrics: what the API counts of itself, and `/metrics` for Prometheus."""

import time
from typing import Protocol

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Receive, Scope, Send

from application.ports.store import StoreUnavailable
from application.ports.telemetry import Telemetry
from entrypoints.api.feeds import feed_rows
from entrypoints.api.services import CurrentServices, NotReady

_STARTED = "cryptoviz_started"


class Meter(Telemetry, Protocol):
    """Telemetry that also takes observations and can be read out."""

    content_type: str

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add an observation to a histogram."""
        ...

    def exposition(self) -> bytes:
        """All metrics, in the format that `content_type` names."""
        ...


def metrics_handler(meter: Meter, current: CurrentServices) -> HTTPRouteHandler:
    """`/metrics`; what only the reader's clock can tell of the feeds is measured when it is asked for."""

    @get("/metrics", include_in_schema=False, sync_to_thread=True)
    def metrics() -> Response[bytes]:
        try:
            rows = feed_rows(current())
        except (NotReady, StoreUnavailable):
            rows = []  # the counters are there all the same
        for row in rows:
            meter.gauge("lag_seconds", row.lag_s, feed=row.name)
            meter.gauge("missing_trades", row.missing, feed=row.name)
        return Response(meter.exposition(), media_type=meter.content_type, headers={"Cache-Control": "no-store"})

    return metrics


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


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
