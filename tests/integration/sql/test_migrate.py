import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Engine

from adapters.sql import migrate
from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade
from tests.contracts.store_migrations import CONTRACT_TABLES, MigrationContract
from tests.integration.sql.databases import opened

REPOSITORY = Path(__file__).parents[3]


class TestMigrations(MigrationContract):
    @pytest.fixture(params=["sqlite", "postgresql"])
    def empty(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
        if request.param == "sqlite":
            url = sqlalchemy.make_url(f"sqlite:///{tmp_path / '100%.db'}")
        else:
            url = request.getfixturevalue("databases").empty()
        with opened(url) as engine:
            yield engine

    @pytest.fixture
    def hypertables(self) -> dict[str, str]:
        return {}


def test_migrations_are_found_in_an_installed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "adapters" / "sql" / "migrations"
    shutil.copytree(REPOSITORY / "alembic", wheel)
    monkeypatch.setattr(migrate, "_IN_WHEEL", wheel)
    monkeypatch.setattr(migrate, "_IN_CHECKOUT", tmp_path / "missing")
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    assert set(sqlalchemy.inspect(engine).get_table_names()) > CONTRACT_TABLES
    engine.dispose()


def test_the_folder_of_migrations_does_not_hide_the_library() -> None:
    assert not (REPOSITORY / "alembic" / "__init__.py").exists()
