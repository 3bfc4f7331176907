"""Servers for the Spark jobs: one broker with our topics for this process's tests, emptied between them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from adapters.kafka.schemas import SchemaAdmin
from adapters.kafka.topics import TopicAdmin, TopicSettings
from application.ports.event_log import Place
from application.topics import TOPICS
from tests.integration.spark.stack import Stack
from tests.servers.databases import Databases
from tests.servers.running import Running
from tests.servers.stack import own_server

NewStack = Callable[..., Stack]


@pytest.fixture(scope="session", autouse=True)
def spark_is_there() -> None:
    pytest.importorskip("pyspark", reason="Spark is not installed: run `make setup`")
    if shutil.which("java") is None:
        pytest.skip("java is missing: install openjdk-17-jre-headless")


@pytest.fixture(scope="session")
def broker(pytestconfig: pytest.Config) -> Iterator[Running]:
    """A broker with our topics."""
    with own_server(pytestconfig, "kafka") as server:
        assert TopicAdmin(server.endpoint).create(TopicSettings(), wait_s=60, say=print) == list(TOPICS)
        yield server


@pytest.fixture(scope="session")
def registry(schema_registry: str) -> str:
    """The registry that all tests share, with our schemas."""
    SchemaAdmin(schema_registry).register()
    return schema_registry


@pytest.fixture
def new_stack(broker: Running, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewStack]:
    """Makes stacks upon an empty log; registry and database are those that all tests share, unless others are given."""
    stacks: list[Stack] = []

    def make(database: sqlalchemy.URL | None = None, registry_url: str | None = None) -> Stack:
        if database is None:
            databases: Databases = request.getfixturevalue("timescaledb")
            database = databases.migrated()
        stack = Stack(
            broker.endpoint, registry_url or request.getfixturevalue("registry"), database, tmp_path / str(len(stacks))
        )
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        empty(stack)
        stack.close()


@pytest.fixture
def stack(new_stack: NewStack) -> Stack:
    return new_stack()


def empty(stack: Stack) -> None:
    """Delete all records; offsets go on from where they are."""
    ends = Place.at(stack.log.head()).numbers.items()
    parts = [(name.rpartition("/"), number) for name, number in ends]
    wanted = [TopicPartition(topic, int(partition), number + 1) for (topic, _, partition), number in parts]
    admin = AdminClient({"bootstrap.servers": stack.kafka})  # by name: one that is forgotten answers nothing any more
    for future in admin.delete_records(wanted).values() if wanted else ():
        future.result(30)
