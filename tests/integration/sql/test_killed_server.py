from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from adapters.sql.migrate import upgrade
from tests.contracts.store_lost import KilledServerContract
from tests.integration.sql.databases import opened
from tests.servers import postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    try:
        with postgresql.server() as made:
            yield made
    except postgresql.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def engine(server: postgresql.Server) -> Iterator[Engine]:
    with opened(server.url) as engine:
        upgrade(engine)
        yield engine


class TestKilledServer(KilledServerContract): ...
