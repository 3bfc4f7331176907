import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from adapters.sql import migrate
from adapters.sql.engine import create_engine, writing
from adapters.sql.migrate import DatabaseTooNew, downgrade, upgrade
from adapters.sql.tables import metadata
from application.ports.store import StoreUnavailable
from tests.integration.sql.databases import opened

REPOSITORY = Path(__file__).parents[3]
CONTRACT_TABLES = {
    "ticker_data", "trade_data", "article_data", "prediction_data", "candle_data", "sentiment_data", "alert_data",
    "event_store", "checkpoint", "dead_letter",
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = sqlalchemy.make_url(f"sqlite:///{tmp_path / '100%.db'}")
    else:
        url = request.getfixturevalue("databases").empty()
    with opened(url) as engine:
        yield engine


def _tables(engine: Engine) -> set[str]:
    return set(sqlalchemy.inspect(engine).get_table_names())


def test_from_nothing_to_all_tables_and_back(empty: Engine) -> None:
    upgrade(empty)
    assert _tables(empty) == {*metadata.tables, "alembic_version"}
    assert _tables(empty) >= CONTRACT_TABLES
    upgrade(empty)
    downgrade(empty, "base")
    assert _tables(empty) == {"alembic_version"}
    upgrade(empty)
    assert _tables(empty) >= CONTRACT_TABLES


def test_migrations_make_the_tables_that_the_code_knows(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    inspector = sqlalchemy.inspect(empty)
    for table in metadata.tables.values():
        key = inspector.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key], table.name


def test_several_processes_may_upgrade_at_once(empty: Engine) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def work() -> None:
        engine = create_engine(empty.url)
        ready.wait(10)
        try:
            upgrade(engine)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert _tables(empty) >= CONTRACT_TABLES


def test_a_database_of_newer_code_is_refused_in_words(empty: Engine) -> None:
    upgrade(empty)
    with writing(empty) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match=r"revision 9999.*newer"):
        upgrade(empty)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Engine) -> None:
    with writing(empty) as connection:
        connection.exec_driver_sql("CREATE TABLE dead_letter (x INTEGER)")  # in the way
    with pytest.raises((StoreUnavailable, sqlalchemy.exc.DatabaseError)):
        upgrade(empty)
    assert _tables(empty) == {"dead_letter"}


def test_migrations_are_found_in_an_installed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "adapters" / "sql" / "migrations"
    shutil.copytree(REPOSITORY / "alembic", wheel)
    monkeypatch.setattr(migrate, "_IN_WHEEL", wheel)
    monkeypatch.setattr(migrate, "_IN_CHECKOUT", tmp_path / "missing")
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    assert _tables(engine) >= CONTRACT_TABLES
    engine.dispose()


def test_the_folder_of_migrations_does_not_hide_the_library() -> None:
    assert not (REPOSITORY / "alembic" / "__init__.py").exists()
