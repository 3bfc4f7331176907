"""Which tables are TimescaleDB's hypertables."""

from sqlalchemy import Connection, text

_QUERY = "SELECT hypertable_name FROM timescaledb_information.hypertables WHERE hypertable_schema = current_schema()"


def hypertables(connection: Connection) -> set[str]:
    """Their names; none on other databases."""
    if connection.dialect.name != "postgresql":
        return set()
    if connection.scalar(text("SELECT to_regclass('timescaledb_information.hypertables')")) is None:
        return set()
    return set(connection.scalars(text(_QUERY)))
