"""Rebuilding on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.sql.engine import create_engine
from adapters.sql.generations import SqliteGenerations, present_rows
from adapters.sql.migrate import upgrade
from adapters.sql.schema_generation import SchemaGenerations
from adapters.sql.store import SqlStore
from adapters.sql.tables import trade_data
from application.ports.generations import Generations
from tests.builders import trade
from tests.contracts.rebuild import NewGenerations, RebuildContract


def _of(engine: Engine) -> Generations:
    return SqliteGenerations(engine) if engine.dialect.name == "sqlite" else SchemaGenerations(engine)


class TestRebuild(RebuildContract):
    @pytest.fixture
    def new_generations(self) -> NewGenerations:
        return _of


def test_of_a_damaged_table_only_the_damaged_page_is_lost(tmp_path: Path) -> None:
    file, page = tmp_path / "store.db", 4096
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine)
    with SqlStore(engine).begin() as tx:
        tx.add_trades([trade(number) for number in range(1, 3_001)])
    engine.dispose()  # the write-ahead log is in the file now
    content = file.read_bytes()
    at = content.index(b"kraken:BTC/USD:1500") // page * page
    on_page = content[at : at + page].count(b"kraken:BTC/USD:")
    file.write_bytes(content[:at] + b"\xff" * page + content[at + page :])
    kept = {row.trade_id for rows in present_rows(engine, trade_data) for row in rows}
    engine.dispose()
    assert 10 < on_page < 100
    assert len(kept) >= 3_000 - on_page - 2  # with those beside it in the node above
    assert 1500 not in kept
