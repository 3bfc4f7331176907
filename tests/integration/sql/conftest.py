"""The SQL store on a SQLite file, and on PostgreSQL where there is one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from tests.contracts.store import StoreUnderTest
from tests.integration.sql.databases import empty_out, opened, store_on
from tests.servers import postgresql
from tests.servers.databases import Databases


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    try:
        with postgresql.running() as url:
            yield Databases(url)  # which are gone with the server
    except postgresql.Unavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_postgresql(databases: Databases) -> Iterator[Engine]:
    with opened(databases.migrated()) as engine:
        yield engine


@pytest.fixture
def sqlite(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated file without rows."""
    engine = create_engine(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'store.db')}")
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgresql(migrated_postgresql: Engine) -> Iterator[Engine]:
    """A migrated database of PostgreSQL without rows."""
    yield migrated_postgresql
    empty_out(migrated_postgresql)


@pytest.fixture(params=["sqlite", "on_postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A migrated database without rows."""
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def under_test(engine: Engine) -> StoreUnderTest:
    return store_on(engine)
