"""The API over the small world, and keys for each role."""

from dataclasses import dataclass, field
from typing import Any

from litestar.testing import TestClient

from adapters.metrics.prometheus import PrometheusTelemetry
from entrypoints.api.app import create_app
from tests.house import bearer
from tests.unit.api.world import World


@dataclass
class ApiDesk:
    """`client` is to be entered."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        app = create_app(self.world.services, PrometheusTelemetry(), self.world.house, bound_to_loopback=True)
        self.client = TestClient(app, base_url="http://127.0.0.1:8000")
        self.keys = {scope: bearer(self.world.key(scope)) for scope in ("read", "command", "admin")}

    def ask(self, method: str, path: str, body: Any = None, *, scope: str = "admin", status: int = 200) -> Any:
        """The JSON of the answer, whose status must be that; None without a body."""
        answer = self.client.request(method, path, json=body, headers=self.keys[scope])
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None
