"""The real services, for tests: one server of a kind for a whole run of pytest, and servers of a test's own.

An endpoint comes from the environment (CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS and so on); else from a container, where Docker
answers; else from entrypoints/local; what cannot be had is a skip that names what is missing. A server starts when the first test asks for it,
is shared by all of xdist's workers, and is stopped by the process that runs pytest, however the run ends; what a run that was
killed left behind, the next one clears away.
"""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy

from entrypoints.local import kafka as local_kafka
from entrypoints.local import redis as local_redis
from entrypoints.local import registry as local_registry
from entrypoints.local import timescaledb as local_timescaledb
from entrypoints.local.cache import locked
from entrypoints.local.missing import Missing
from entrypoints.local.service import Service, free_port
from entrypoints.supervise import containers
from entrypoints.supervise.errors import NotStarted
from tests.servers.databases import Databases
from tests.servers.running import DidNotStart, Running, end_recorded

_GIVEN = {
    "kafka": "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS",
    "schema_registry": "CRYPTOVIZ_SCHEMA_REGISTRY_URL",
    "database": "CRYPTOVIZ_DATABASE_URL",
    "redis": "CRYPTOVIZ_REDIS_URL",
}
_PREFIX = "cryptoviz-tests-"
_DIRECTORY = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's directory, and take the endpoints out of the environment: tests of settings must not see them."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_DIRECTORY] = Path(worker["cryptoviz_servers"])
        return
    _clear_away()
    directory = config.stash[_DIRECTORY] = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    given = {name: os.environ.pop(variable, "") for name, variable in _GIVEN.items()}
    (directory / "given").write_text(json.dumps(given))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell each of xdist's workers where the run's directory is."""
    node.workerinput["cryptoviz_servers"] = str(node.config.stash[_DIRECTORY])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop all that the run started."""
    if not hasattr(config, "workerinput") and _DIRECTORY in config.stash:
        _end(config.stash[_DIRECTORY])


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """Bootstrap servers of a broker shared by all tests: use topics that nobody else does."""
    return _shared(pytestconfig, "kafka")


@pytest.fixture(scope="session")
def schema_registry(pytestconfig: pytest.Config) -> str:
    """URL of a registry shared by all tests: use subjects that nobody else does."""
    return _shared(pytestconfig, "schema_registry")


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> str:
    """URL of a Redis shared by all tests: use keys that nobody else does."""
    return _shared(pytestconfig, "redis")


@pytest.fixture(scope="session")
def timescaledb(pytestconfig: pytest.Config) -> Iterator[Databases]:
    """Fresh databases, empty or migrated, on a server with TimescaleDB that all tests share; dropped at the end."""
    server = sqlalchemy.make_url(_shared(pytestconfig, "database")).set(drivername="postgresql+psycopg2")
    engine = sqlalchemy.create_engine(server, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        found = connection.scalar(sqlalchemy.text("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'"))
    if found is None:
        pytest.skip(f"the server that {_GIVEN['database']} names has no TimescaleDB")
    databases = Databases(server)
    try:
        yield databases
    finally:
        databases.close()


@pytest.fixture(scope="module")
def fresh_kafka(pytestconfig: pytest.Config) -> Iterator[Running]:
    """An empty broker of this module's own, to kill, or to have the topics' real names."""
    with own_server(pytestconfig, "kafka") as server:
        yield server


@pytest.fixture(scope="module")
def fresh_schema_registry(pytestconfig: pytest.Config) -> Iterator[Running]:
    """An empty registry of this module's own."""
    with own_server(pytestconfig, "schema_registry") as server:
        yield server


@pytest.fixture(scope="module")
def fresh_timescaledb(pytestconfig: pytest.Config) -> Iterator[Running]:
    """A database server of this module's own, with the empty database `cryptoviz`."""
    with own_server(pytestconfig, "database") as server:
        yield server


def _shared(config: pytest.Config, name: str) -> str:
    directory = config.stash[_DIRECTORY]
    given: str = json.loads((directory / "given").read_text())[name]
    if given:
        return given
    outcome = directory / f"{name}.outcome"
    with locked(directory / f"{name}.lock"):
        if not outcome.exists():
            outcome.write_text(json.dumps(_start(directory, name)))
    said: dict[str, str] = json.loads(outcome.read_text())
    if "missing" in said:
        pytest.skip(said["missing"])
    if "failed" in said:
        pytest.fail(said["failed"])
    return said["endpoint"]


def _start(directory: Path, name: str) -> dict[str, str]:
    in_containers = _in_containers(directory)
    if name in in_containers:
        return {"endpoint": in_containers[name]}
    try:
        server = Running(_service(name, directory / name), directory / f"{name}.started")
        server.start()
    except Missing as missing:
        return {"missing": f"{missing}; or set {_GIVEN[name]}"}
    except DidNotStart as failed:
        return {"failed": str(failed)}
    _ours.append(server)
    return {"endpoint": server.endpoint}


def _in_containers(directory: Path) -> dict[str, str]:
    """The endpoints of all services, where Docker answers and starts them."""
    endpoints = directory / "containers.endpoints"
    with locked(directory / "containers.lock"):
        if not endpoints.exists():
            found: dict[str, str] = {}
            if containers.available():
                data = directory / "containers"
                (directory / "project").write_text(containers.project_of(data))
                try:
                    found = containers.up(containers.project_of(data), list(_GIVEN), data, lambda _: free_port(), print)
                except NotStarted as failed:
                    print(f"{failed}\nThey run without containers then.")
            endpoints.write_text(json.dumps(found))
    read: dict[str, str] = json.loads(endpoints.read_text())
    return read


_ours: list[Running] = []  # those that this process started: a Popen that is forgotten warns


@contextmanager
def own_server(config: pytest.Config, name: str) -> Iterator[Running]:
    """An empty kafka, schema_registry, database or redis for as long as the block runs, without Docker; else a skip."""
    directory = config.stash[_DIRECTORY]
    label = f"{name}-{uuid4().hex[:8]}"
    try:
        server = Running(_service(name, directory / label), directory / f"{label}.started")
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory / label, ignore_errors=True)


def _service(name: str, directory: Path) -> Service:
    """Raises Missing."""
    match name:
        case "kafka":
            return local_kafka.service(local_kafka.provide(print), directory, free_port(), free_port())
        case "schema_registry":
            return local_registry.service(local_registry.provide(print), directory, free_port())
        case "database":
            service = local_timescaledb.service(local_timescaledb.provide(print), directory, free_port())
            # No power is cut here; kill -9 loses nothing of what is in the system's cache.
            return dataclasses.replace(service, command=(*service.command, "-c", "fsync=off"))
        case _:
            return local_redis.service(local_redis.provide(print), directory, free_port())


def _end(directory: Path) -> None:
    for project in directory.glob("project"):
        down = ["docker", "compose", "--project-name", project.read_text(), "down", "--volumes"]
        subprocess.run(down, check=False, capture_output=True, timeout=120)
    for started in directory.glob("*.started"):
        end_recorded(started)
    shutil.rmtree(directory, ignore_errors=True)


def _clear_away() -> None:
    """What runs of ours left whose process is gone."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = re.match(rf"{_PREFIX}(\d+)-", left.name)
        about = left.lstat()
        if (
            number
            and about.st_uid == os.geteuid()
            and left.is_dir()
            and not left.is_symlink()
            and not Path("/proc", number[1]).exists()
        ):
            _end(left)
