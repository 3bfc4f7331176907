from collections.abc import Iterator

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.sql.migrate import upgrade
from tests.contracts.store_lost import KilledServerContract
from tests.integration.sql.databases import opened
from tests.servers.postgresql import killed_with_its_backends
from tests.servers.running import Running


class _Server:
    def __init__(self, running: Running) -> None:
        self._running = running
        self.url = sqlalchemy.make_url(running.endpoint)
        self.start = running.start

    def kill(self) -> None:
        with killed_with_its_backends(self._running.pid):
            self._running.kill()


@pytest.fixture(scope="module")
def server(fresh_timescaledb: Running) -> _Server:
    return _Server(fresh_timescaledb)


@pytest.fixture(scope="module")
def engine(server: _Server) -> Iterator[Engine]:
    with opened(server.url) as engine:
        upgrade(engine)
        yield engine


class TestKilledServer(KilledServerContract): ...
