"""Every operation of our own schema, with inputs that schemathesis makes from it: whatever comes in, never a 500."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from tests.unit.api.world import World, article, connected, raised, ticker, trade

pytestmark = [pytest.mark.slow]


def _as_admin(app: ASGIApp) -> ASGIApp:
    """From this machine, by a key that may do everything."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            headers = [(name, value) for name, value in scope["headers"] if name not in (b"host", b"authorization")]
            ours = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {_key}".encode())]
            scope["client"], scope["headers"] = ("127.0.0.1", 1), [*headers, *ours]
        await app(scope, receive, send)

    return wrapped


_world = World()
_world.happens(trade(1), ticker(2), article(3, "BTC"), raised(4), connected())
_key = _world.key("admin")
_app = create_app(_world.services, PrometheusTelemetry(), _world.house, bound_to_loopback=True)
schema = schemathesis.openapi.from_asgi("/schema/openapi.json", _as_admin(_app))


# Without a parameter of its own, pytest 9.2 gives all that schemathesis makes of a test the same id, and of several workers
# just one runs just one of them.
@pytest.mark.parametrize(
    "checks", [[not_a_server_error, status_code_conformance, response_schema_conformance]], ids=["answers"]
)
@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_input_makes_a_server_error(case: schemathesis.Case[Any], checks: list[Any]) -> None:
    case.call_and_validate(checks=checks)
