"""The SQL store on a SQLite file, and on PostgreSQL where there is one."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.sql.alert_reads import SqlAlertReads
from adapters.sql.dead_letter_reads import SqlDeadLetterReads
from adapters.sql.engine import create_engine
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.store import SqlStore
from tests.contracts.store import StoreUnderTest
from tests.servers import postgresql

_numbers = itertools.count()

# What 0001 makes where TimescaleDB is: keys that hold the time, and a table of the keys that do not.
_HYPERTABLE_KEYS = """
ALTER TABLE trade_data DROP CONSTRAINT trade_data_pkey, ADD PRIMARY KEY (pair, trade_id, timestamp);
CREATE TABLE trade_key (pair TEXT COLLATE "C", trade_id BIGINT, timestamp TIMESTAMPTZ NOT NULL,
                        PRIMARY KEY (pair, trade_id));
ALTER TABLE article_data DROP CONSTRAINT article_data_pkey, ADD PRIMARY KEY (article_id, occurred_at);
ALTER TABLE sentiment_data DROP CONSTRAINT sentiment_data_pkey,
      ADD PRIMARY KEY (article_id, model, model_version, timestamp);
ALTER TABLE alert_data DROP CONSTRAINT alert_data_pkey, ADD PRIMARY KEY (alert_id, timestamp);
"""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sqlalchemy.URL]:
    try:
        with postgresql.running() as url:
            yield url
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
def migrated_postgresql(postgresql_server: sqlalchemy.URL) -> Iterator[Engine]:
    engine = create_engine(new_database(postgresql_server))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_with_hypertable_keys(postgresql_server: sqlalchemy.URL) -> Iterator[Engine]:
    engine = create_engine(new_database(postgresql_server))
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(_HYPERTABLE_KEYS)
    yield engine
    engine.dispose()


def new_database(server: sqlalchemy.URL) -> sqlalchemy.URL:
    """An empty database of the server."""
    name = f"test_{next(_numbers)}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name)


@pytest.fixture(params=["sqlite", "migrated_postgresql", "postgresql_with_hypertable_keys"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database without rows."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "store.db")
        engine = create_engine(f"sqlite:///{file}")
        yield engine
        engine.dispose()
    else:
        engine = request.getfixturevalue(request.param)
        yield engine
        tables = ", ".join(name for name in sqlalchemy.inspect(engine).get_table_names() if name != "alembic_version")
        with engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY")


@pytest.fixture
def under_test(engine: Engine) -> StoreUnderTest:
    return StoreUnderTest(
        store=SqlStore(engine),
        market=SqlMarketReads(engine),
        news=SqlNewsReads(engine),
        alerts=SqlAlertReads(engine),
        letters=SqlDeadLetterReads(engine),
    )
