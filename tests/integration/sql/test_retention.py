from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from adapters.sql.engine import writing
from adapters.sql.retention import set_policies
from tests.contracts.store_retention import RetentionContract


class TestRetention(RetentionContract):
    @pytest.fixture
    def chunk_days(self) -> dict[str, int]:
        return {}


# What the community edition of TimescaleDB has, as its documentation describes it: the Apache edition refuses the calls.
_EXTENSION = """
CREATE SCHEMA timescaledb_information;
CREATE TABLE timescaledb_information.jobs (
    proc_name TEXT, hypertable_schema TEXT, hypertable_name TEXT, config JSONB, job_id SERIAL
);
CREATE FUNCTION add_retention_policy(relation REGCLASS, drop_after INTERVAL) RETURNS INTEGER LANGUAGE sql AS $$
    INSERT INTO timescaledb_information.jobs
    VALUES ('policy_retention', 'public', relation::TEXT, jsonb_build_object('drop_after', drop_after)) RETURNING job_id
$$;
CREATE FUNCTION remove_retention_policy(relation REGCLASS) RETURNS VOID LANGUAGE sql AS $$
    DELETE FROM timescaledb_information.jobs WHERE hypertable_name = relation::TEXT
$$;
"""


def test_the_extensions_policies_are_set_changed_and_removed(on_postgresql: Engine) -> None:
    days = {"trade_data": timedelta(days=30), "ticker_data": timedelta(days=90)}

    def jobs() -> dict[str, tuple[int, str]]:
        query = "SELECT hypertable_name, job_id, config->>'drop_after' FROM timescaledb_information.jobs"
        return {table: (job, age) for table, job, age in connection.execute(text(query))}

    with pytest.raises(_Undone), writing(on_postgresql) as connection:
        connection.exec_driver_sql(_EXTENSION)
        set_policies(connection, days)
        assert jobs() == {"trade_data": (1, "30 days"), "ticker_data": (2, "90 days")}
        set_policies(connection, days)
        assert jobs() == {"trade_data": (1, "30 days"), "ticker_data": (2, "90 days")}
        set_policies(connection, {"trade_data": timedelta(days=60)})
        assert jobs() == {"trade_data": (3, "60 days")}
        set_policies(connection, {})
        assert jobs() == {}
        raise _Undone


class _Undone(Exception):
    """Rolls back what a test of its own tables made."""
