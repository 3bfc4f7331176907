"""What the tests of access do again and again."""

import httpx

from application.ports.page import Window
from domain.access.audit import CommandAudited
from tests.house import PASSWORD
from tests.unit.api.world import World

SESSION = "/api/v1/admin/session/"
WATCHLIST = "/api/v1/watchlist/"
BTC = {"pair": "BTC-USD"}


def sign_in(http: httpx.Client, name: str = "olga", password: str = PASSWORD) -> httpx.Response:
    answer = http.post(SESSION, json={"name": name, "password": password})
    if answer.status_code == 201:
        http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


def trail(world: World) -> list[CommandAudited]:
    return world.house.audit.trail.entries(Window()).items
