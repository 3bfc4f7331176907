"""The SQL store on TimescaleDB."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.contracts.store import StoreUnderTest
from tests.integration.sql.databases import empty_out, opened, store_on
from tests.servers.databases import Databases


@pytest.fixture(scope="session")
def migrated(timescaledb: Databases) -> Iterator[Engine]:
    with opened(timescaledb.migrated()) as engine:
        yield engine


@pytest.fixture
def engine(migrated: Engine) -> Iterator[Engine]:
    """A migrated database without rows."""
    yield migrated
    empty_out(migrated)


@pytest.fixture
def under_test(engine: Engine) -> StoreUnderTest:
    return store_on(engine)
