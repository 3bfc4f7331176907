"""Runs the migrations: on the connection it is given, or, from the `alembic` command, on the database of the setting."""

import os

from alembic import context

from adapters.sql.engine import create_engine, writing
from adapters.sql.tables import metadata


def migrate(connection):
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("SQL scripts are not made: migrations look at the database (is TimescaleDB installed?)")

given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("CRYPTOVIZ_DATABASE_URL")
    if not url:
        raise SystemExit("no database named: set CRYPTOVIZ_DATABASE_URL or give -x url=sqlite:///FILE")
    with writing(create_engine(url)) as opened:
        migrate(opened)
