"""A database server of our own keeps what was committed, and its password to itself."""

import os
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from adapters.sql.engine import create_engine
from tests.integration.local.processes import processes_in
from tests.servers.databases import Databases
from tests.servers.running import Running
from tests.waiting import until


def test_a_committed_row_outlives_kill_9_and_a_stop(fresh_timescaledb: Running) -> None:
    engine = create_engine(fresh_timescaledb.endpoint)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION timescaledb")
        connection.exec_driver_sql("CREATE TABLE kept (at timestamptz NOT NULL, number int)")
        connection.exec_driver_sql("SELECT create_hypertable('kept', by_range('at', interval '1 day'))")
    for number, end in enumerate((fresh_timescaledb.kill, fresh_timescaledb.stop)):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO kept VALUES ('2026-01-0{number + 1}', {number})")
        end()
        assert until(lambda: processes_in(fresh_timescaledb.service.directory) == [])
        engine.dispose()
        fresh_timescaledb.start()
        assert _numbers(engine) == list(range(number + 1))
    engine.dispose()


def test_it_stops_though_somebody_is_connected(fresh_timescaledb: Running) -> None:
    engine = create_engine(fresh_timescaledb.endpoint)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        fresh_timescaledb.stop()
        assert until(lambda: processes_in(fresh_timescaledb.service.directory) == [])
        connection.invalidate()
    fresh_timescaledb.start()
    engine.dispose()


def test_only_who_may_read_the_passfile_gets_in(fresh_timescaledb: Running) -> None:
    endpoint = sqlalchemy.make_url(fresh_timescaledb.endpoint)
    about = Path(str(endpoint.query["passfile"])).stat()
    assert (about.st_mode & 0o777, about.st_uid) == (0o600, os.geteuid())
    with pytest.raises(OperationalError, match="no password supplied"):
        sqlalchemy.create_engine(
            endpoint.set(drivername="postgresql+psycopg2", query={"passfile": "/nonexistent"})
        ).connect()


def test_fresh_databases_are_empty_or_have_the_tables(timescaledb: Databases) -> None:
    empty, migrated, another = timescaledb.empty(), timescaledb.migrated(), timescaledb.migrated()
    assert _tables(empty) == set()
    assert {"trade_data", "checkpoint"} <= _tables(migrated) == _tables(another)


def _numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(sqlalchemy.text("SELECT number FROM kept ORDER BY number")))


def _tables(url: sqlalchemy.URL) -> set[str]:
    engine = create_engine(url.render_as_string(hide_password=False))
    try:
        return set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()
