"""Databases of a test's own on a server that many tests share."""

import itertools
import os

import sqlalchemy

from adapters.sql.engine import create_engine
from adapters.sql.migrate import upgrade


class Databases:
    """Makes databases on a server (a URL of any database there; the user may create some), and drops them at `close`."""

    def __init__(self, server: sqlalchemy.URL) -> None:
        self.server = server
        self._numbers = itertools.count()
        self._names: list[str] = []
        self._template: str | None = None

    def empty(self) -> sqlalchemy.URL:
        """A database without anything in it."""
        name = self._name()
        self._do(f"CREATE DATABASE {name}")
        return self.server.set(database=name)

    def migrated(self) -> sqlalchemy.URL:
        """A database with all tables and no rows."""
        if self._template is None:
            template = self.empty()
            engine = create_engine(template.render_as_string(hide_password=False))
            upgrade(engine)
            engine.dispose()
            # TimescaleDB's scheduler would sit in it, and a template must have nobody in it.
            self._do(f"ALTER DATABASE {template.database} ALLOW_CONNECTIONS false")
            self._do(
                f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{template.database}'"
            )
            self._template = template.database
        name = self._name()
        self._do(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.server.set(database=name)

    def close(self) -> None:
        """Drop what was made, whoever is connected."""
        while self._names:
            self._do(f"DROP DATABASE IF EXISTS {self._names.pop()} WITH (FORCE)")

    def _name(self) -> str:
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._names.append(name)
        return name

    def _do(self, statement: str) -> None:
        engine = sqlalchemy.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
