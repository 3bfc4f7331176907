from collections.abc import Iterator

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.sql.migrate import upgrade
from tests.contracts.store_postgresql import KilledServerContract
from tests.integration.sql.databases import opened
from tests.servers.running import Running


@pytest.fixture(scope="module")
def server(fresh_timescaledb: Running) -> Running:
    return fresh_timescaledb


@pytest.fixture(scope="module")
def engine(server: Running) -> Iterator[Engine]:
    with opened(sqlalchemy.make_url(server.endpoint)) as engine:
        upgrade(engine)
        yield engine


class TestKilledServer(KilledServerContract): ...
