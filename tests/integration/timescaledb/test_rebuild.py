"""Rebuilding on TimescaleDB."""

import pytest

from adapters.sql.schema_generation import SchemaGenerations
from tests.contracts.rebuild import NewGenerations, RebuildContract


class TestRebuild(RebuildContract):
    @pytest.fixture
    def new_generations(self) -> NewGenerations:
        return SchemaGenerations
