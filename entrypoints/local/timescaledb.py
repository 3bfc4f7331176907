"""TimescaleDB on PostgreSQL 17, the Apache edition as Debian 13 packages it, on any Debian or Ubuntu."""

import os
import secrets
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import sqlalchemy
from sqlalchemy.exc import DBAPIError

from entrypoints.local import debian
from entrypoints.local.cache import Say, kept
from entrypoints.local.missing import Missing
from entrypoints.local.programs import run
from entrypoints.local.server_user import ServerUser, server_user
from entrypoints.local.service import HOST, Service

USER = "cryptoviz"
DATABASE = "cryptoviz"
_BIN = "usr/lib/postgresql/17/bin"
_ZONES = Path("/usr/share/zoneinfo/UTC")
_READY_S = 3

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    "max_connections": "200",  # processes with a pool each, and Spark's tasks
    "jit": "off",  # it only pays for queries that take seconds
    "logging_collector": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def provide(say: Say) -> Path:
    """The directory of its files. Raises Missing."""

    def download(into: Path) -> None:
        say("Downloading PostgreSQL 17 and TimescaleDB from Debian 13 (100 MB)")
        debian.unpack(
            into, "trixie", ["postgresql-17", "postgresql-17-timescaledb"], [f"{_BIN}/postgres", f"{_BIN}/initdb"]
        )

    return kept("timescaledb-debian13-postgresql17", download)


def service(install: Path, directory: Path, port: int) -> Service:
    """A server on this port of loopback with the empty database `cryptoviz`.

    The user `cryptoviz` owns it all; the password is in `directory/passfile`, which the endpoint names and only we may read.
    Raises Missing.
    """
    if not _ZONES.exists():
        raise Missing(f"{_ZONES} is missing", "on Debian and Ubuntu, `apt-get install tzdata`")
    data, passfile = directory / "data", directory / "passfile"
    user = server_user(install / _BIN / "postgres", data)
    endpoint = f"postgresql://{USER}@{HOST}:{port}/{DATABASE}?passfile={quote(str(passfile), safe='/')}"
    settings = (part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}"))
    return Service(
        name="database",
        command=(
            *user.launcher, str(install / _BIN / "postgres"), "-D", str(data), "-p", str(port), *settings
        ),
        directory=directory,
        endpoint=endpoint,
        prepare=lambda: _prepare(install, directory, data, passfile, user),
        ready=lambda: _waits_for(endpoint, port),
        stop_signal=signal.SIGINT,  # by SIGTERM it would wait until the last client has left
    )  # fmt: skip


def _prepare(install: Path, directory: Path, data: Path, passfile: Path, user: ServerUser) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (data / "PG_VERSION").exists():
        return
    draft = directory / "data.draft"  # renamed when it is whole: initdb can be killed half-way
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, user.uid, user.gid)
    password = secrets.token_urlsafe(24)
    given = directory / "password"
    try:
        _write_private(given, password)
        os.chown(given, user.uid, user.gid)
        run(
            "the database could not be set up",
            [
                *user.launcher, str(install / _BIN / "initdb"), "-D", str(draft), "-U", USER, "-E", "UTF8",
                "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={given}", "--data-checksums",
            ],
            cwd=Path("/"),
        )  # fmt: skip
    finally:
        given.unlink(missing_ok=True)
    _write_private(passfile, f"{HOST}:*:*:{USER}:{password}\n")
    draft.rename(data)


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)


def _waits_for(endpoint: str, port: int) -> str | None:
    """Also makes the database where it is missing: a new server has only its own."""
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(endpoint).set(drivername="postgresql+psycopg2", database="postgres"), poolclass=sqlalchemy.NullPool,
        isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": _READY_S},
    )  # fmt: skip
    try:
        with engine.connect() as connection:
            made = connection.scalar(
                sqlalchemy.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE}
            )
            if made is None:
                connection.exec_driver_sql(f"CREATE DATABASE {DATABASE}")
    except DBAPIError as error:
        return f"the database to answer on {HOST}:{port} ({str(error.orig).strip()})"
    return None
