"""The commands of docs/backup.md bring a cluster's database into an empty one, row for row."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Engine, func, inspect, select

from adapters.sql.migrate import upgrade
from adapters.sql.store import SqlStore
from adapters.sql.tables import metadata
from entrypoints.local import timescaledb as local
from entrypoints.local.missing import Missing
from tests.facts import trade
from tests.integration.sql.databases import opened
from tests.servers.databases import Databases

DOCS = Path(__file__).parents[3] / "docs" / "backup.md"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the server's own programs: older ones refuse a newer server. They bring their own C library."""
    try:
        install = local.provide(lambda _line: None)
    except Missing as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("tools")
    loader = next(install.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"))
    for name in ("pg_dump", "pg_restore", "psql"):
        program = next(install.glob(f"usr/lib/postgresql/*/bin/{name}"))
        (folder / name).write_text(f'#!/bin/sh\nexec {loader} --library-path {loader.parent} {program} "$@"\n')
        (folder / name).chmod(0o700)
    return folder


def run(name: str, tools: Path, url: sqlalchemy.URL, folder: Path) -> None:
    found = re.search(rf"<!-- {name} -->\n```bash\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "DATABASE": plain}
    done = subprocess.run(
        ["bash", "-e", "-c", found[1]], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


@pytest.fixture
def filled(timescaledb: Databases) -> Iterator[Engine]:
    with opened(timescaledb.migrated()) as engine:
        with SqlStore(engine).begin() as tx:
            tx.add_trades([trade(number) for number in range(1, 500)])
        yield engine


def test_a_dump_comes_back(filled: Engine, timescaledb: Databases, tools: Path, tmp_path: Path) -> None:
    run("dump", tools, filled.url, tmp_path)
    before = rows(filled)
    assert before["trade_data"] == 499
    new = timescaledb.empty()
    run("load", tools, new, tmp_path)
    with opened(new) as engine:
        assert rows(engine) == before
        assert set(inspect(engine).get_table_names()) == set(inspect(filled).get_table_names())
        with engine.connect() as connection:
            query = sqlalchemy.text("SELECT count(*) FROM timescaledb_information.hypertables")
            with filled.connect() as original:
                assert connection.scalar(query) == original.scalar(query)
        upgrade(engine)
        with SqlStore(engine).begin() as tx:
            tx.add_trades([trade(number) for number in range(1, 700)])
        assert rows(engine)["trade_data"] == 699, "the rows that it has stay one"
