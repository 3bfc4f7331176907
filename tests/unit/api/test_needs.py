"""Who may what, for every route that there is."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute, WebSocketRoute
from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from domain.access.role import Role
from entrypoints.api.access.needs import Need, need_of
from entrypoints.api.app import create_app
from entrypoints.web.page import page_handlers
from tests.house import bearer
from tests.unit.api.world import World

OPEN = {
    ("GET", "/"), ("GET", "/static/{name}"), ("GET", "/service-worker.js"), ("GET", "/admin"),
    ("GET", "/api/v1/health/live"), ("GET", "/api/v1/health/ready"),
    ("POST", "/api/v1/admin/session"), ("POST", "/api/v1/admin/setup"),
}  # fmt: skip
CHANGE_NOTHING = {("POST", "/api/v1/alert-rules/preview"), ("POST", "/api/v1/backtests")}
FOR_ADMINS = ("/api/v1/admin/users", "/api/v1/admin/api-keys")
SCOPES = {Role.VIEWER: "read", Role.OPERATOR: "command", Role.ADMIN: "admin"}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def app(world: World) -> Litestar:
    return create_app(
        world.services, PrometheusTelemetry(), world.house, bound_to_loopback=False, pages=page_handlers()
    )


@pytest.fixture(scope="module")
def api(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app, base_url="http://host.example", raise_server_exceptions=False) as client:
        yield client


def needs(app: Litestar) -> Iterator[tuple[str, str, Need]]:
    """Each route: its method, its template, what it needs."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(set(handler.http_methods) - {"OPTIONS"}):
                    yield str(method), route.path_format, need_of(handler.opt, route.path_format, str(method))
        elif isinstance(route, WebSocketRoute):
            yield "GET", route.path_format, need_of(route.route_handler.opt, route.path_format, "GET")


def test_every_route_says_what_it_needs(app: Litestar) -> None:
    found = list(needs(app))
    assert len(found) > 40
    for method, path, need in found:
        if (method, path) in OPEN:
            assert need is Need.OPEN, (method, path)
        elif path.startswith(FOR_ADMINS):
            assert need is Need.ADMIN, (method, path)
        elif (method, path) in CHANGE_NOTHING:
            assert need is Need.READING, (method, path)
        elif path.startswith("/api/v1/admin/") or method != "GET":
            assert need.role is not None, (method, path)
            assert method == "GET" or path.startswith("/api/v1/admin/session") or need.role.covers(Role.OPERATOR), (
                method,
                path,
            )
        else:
            assert need is Need.READING, (method, path)


def ask(api: TestClient[Litestar], method: str, path: str, headers: dict[str, str]) -> Any:
    filled = path.split("{", maxsplit=1)[0] + "x" * ("{" in path) + (path.partition("}")[2] if "{" in path else "")
    return api.request(method, filled, headers=headers)


def test_who_may_not_is_told_so_on_every_route(app: Litestar, api: TestClient[Litestar], world: World) -> None:
    keys = {role: bearer(world.key(SCOPES[role])) for role in Role}
    for method, path, need in needs(app):
        if path == "/api/v1/stream":
            continue
        anonymous = ask(api, method, path, {})
        if need is Need.OPEN:
            assert anonymous.status_code not in (401, 403) or path == "/api/v1/admin/session", (method, path)
            continue
        assert anonymous.status_code == 401, (method, path, anonymous.text)
        assert anonymous.headers["content-type"] == "application/problem+json"
        for role, headers in keys.items():
            answer = ask(api, method, path, headers)
            may = need.role is None or role.covers(need.role)
            assert (answer.status_code == 403) != may, (method, path, role, answer.text)
            assert answer.status_code != 401 or path == "/api/v1/admin/session", (method, path, role, answer.text)


def test_on_loopback_reading_takes_nothing_and_commands_do(world: World) -> None:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=True)
    with TestClient(app, base_url="http://127.0.0.1") as api:
        for method, path, need in needs(app):
            if path != "/api/v1/stream" and need is not Need.OPEN:
                answer = ask(api, method, path, {})
                assert (answer.status_code == 401) == (need is not Need.READING), (method, path, answer.text)


def test_reads_may_be_made_public_elsewhere(world: World) -> None:
    app = create_app(world.services, PrometheusTelemetry(), world.house, bound_to_loopback=False, public_reads=True)
    with TestClient(app, base_url="http://host.example") as api:
        assert api.get("/api/v1/trades/").status_code == 200
        assert api.get("/api/v1/admin/audit/").status_code == 401
        assert api.delete("/api/v1/watchlist/BTC-USD/").status_code == 401
