"""Bringing a database to the tables that this version of the code works with."""

import zlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from adapters.sql.engine import shown, writing
from application.ports.store import StoreDamaged, StoreUnavailable

_IN_WHEEL = Path(__file__).parent / "migrations"
_IN_CHECKOUT = Path(__file__).parents[2] / "alembic"


class DatabaseTooNew(StoreUnavailable):
    """A newer version of the code has migrated this database."""


def upgrade(engine: Engine) -> None:
    """Make or change the tables, all or nothing; does nothing when all is in place.

    Several processes may do so at once: one works, the others wait. Raises DatabaseTooNew.
    """
    _migrate(engine, "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to an earlier revision; `base` deletes all tables with all that is in them."""
    _migrate(engine, revision, back=True)


def known_revisions() -> set[str]:
    """Those that this version of the code can bring up to its own."""
    return {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our migrations, in a checkout and in an installed wheel alike."""
    found = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
    settings = Config()
    settings.set_main_option("script_location", str(found).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _migrate(engine: Engine, revision: str, *, back: bool = False) -> None:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(zlib.crc32(b"migrations"))))
        settings = config(connection)
        present = MigrationContext.configure(connection).get_current_heads()
        if unknown := sorted(set(present) - known_revisions()):
            raise DatabaseTooNew(
                f"the database {shown(engine)} is at revision {', '.join(unknown)}, which "
                "this version of CryptoViz does not know: use the version that wrote it, or a newer one"
            )
        if not present and connection.dialect.name == "sqlite" and _tables_of_others(connection):
            raise StoreDamaged(
                f"{engine.url.database} is a SQLite file of something else: expected tables of CryptoViz"
            )
        if back:
            command.downgrade(settings, revision)
        else:
            command.upgrade(settings, revision)


def _tables_of_others(connection: Connection) -> set[str]:
    """Return the tables beside Alembic's own, which stays when all migrations have been taken back."""
    return {*inspect(connection).get_table_names()} - {"alembic_version"}
