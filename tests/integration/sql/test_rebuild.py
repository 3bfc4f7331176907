"""Rebuilding on SQLite and on PostgreSQL."""

import pytest
from sqlalchemy import Engine

from adapters.sql.generations import SqliteGenerations
from adapters.sql.schema_generation import SchemaGenerations
from application.ports.generations import Generations
from tests.contracts.rebuild import NewGenerations, RebuildContract


def _of(engine: Engine) -> Generations:
    return SqliteGenerations(engine) if engine.dialect.name == "sqlite" else SchemaGenerations(engine)


class TestRebuild(RebuildContract):
    @pytest.fixture
    def new_generations(self) -> NewGenerations:
        return _of
