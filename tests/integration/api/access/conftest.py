"""A house with three users, and its API on a real server."""

from collections.abc import Iterator

import httpx
import pytest

from domain.access.role import Role
from tests.house import PASSWORD
from tests.integration.api.server import Api, serving
from tests.unit.api.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.house.users.create("ann", PASSWORD, Role.ADMIN)
    world.house.users.create("olga", PASSWORD, Role.OPERATOR)
    world.house.users.create("vic", PASSWORD, Role.VIEWER)
    return world


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with serving(world.services, house=world.house_box) as api:
        yield api


@pytest.fixture
def http(api: Api) -> Iterator[httpx.Client]:
    """A browser's: without a key, and it keeps cookies."""
    with api.http(anonymous=True) as http:
        yield http
