"""`cryptoviz schemas`: checked, registered once, numbered for ever."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka.schema_registry import Schema
from typer.testing import CliRunner, Result

from adapters.kafka import schema_registry, schemas
from adapters.kafka.schema_registry import RegistrySchemaIds, registry_client, shown, subject_of
from application.ports.event_log import LogUnavailable
from application.topics import TOPICS, TRADES
from entrypoints.cli import schemas as commands
from schemas_avro import schema_text
from tests.servers.http import HttpServer, http_server
from tests.servers.running import Running
from tests.servers.stack import own_server

Cli = Callable[..., Result]


@pytest.fixture
def cli(fresh_schema_registry: Running, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("CRYPTOVIZ_SCHEMA_REGISTRY_URL", fresh_schema_registry.endpoint)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(commands.app, arguments)


def rows(result: Result) -> dict[str, list[str]]:
    found = (line.replace("│", "").split() for line in result.output.splitlines())
    return {cells[0]: cells[1:] for cells in found if cells and cells[0] in TOPICS}


def test_schemas_are_registered_once_and_kept_backward(cli: Cli, fresh_schema_registry: Running) -> None:
    first, second = cli("register"), cli("register")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert rows(first).keys() == set(TOPICS)
    assert {topic: cells[:2] for topic, cells in rows(first).items()} == {t: c[:2] for t, c in rows(second).items()}
    assert {" ".join(cells[2:]) for cells in rows(second).values()} == {"was there"}
    client = registry_client(fresh_schema_registry.endpoint)
    ids = RegistrySchemaIds(fresh_schema_registry.endpoint)
    for topic in TOPICS:
        assert client.get_compatibility(subject_of(topic)) == "BACKWARD"
        schema_id = ids.id_of(topic, schema_text(topic))
        assert rows(second)[topic][:2] == [str(schema_id), "1"]
        assert json.loads(ids.schema(schema_id)) == json.loads(schema_text(topic))
    assert cli("check").output == "Every schema reads what was written before.\n"


def test_several_that_register_at_once_get_the_same_ids(pytestconfig: pytest.Config) -> None:
    with own_server(pytestconfig, "schema_registry") as server, ThreadPoolExecutor(4) as pool:
        admins = [schemas.SchemaAdmin(server.endpoint) for _ in range(4)]
        client = registry_client(server.endpoint)
        for _ in range(10):
            for subject in client.get_subjects():
                client.delete_subject(subject)
            found = list(pool.map(lambda admin: admin.register(), admins))
            ids = [[(one.topic, one.schema_id) for one in each] for each in found]  # a registry may list a twin version
            assert ids == [ids[0]] * len(admins)
            assert {client.get_compatibility(subject_of(topic)) for topic in TOPICS} == {"BACKWARD"}


@pytest.fixture
def another_scale(fresh_schema_registry: Running, cli: Cli) -> Iterator[None]:
    """The registry's latest version of a trade has prices of another scale: for the registry itself no difference."""
    cli("register")
    client = registry_client(fresh_schema_registry.endpoint)
    changed = schema_text(TRADES).replace('"scale": 18', '"scale": 10')
    client.register_schema(subject_of(TRADES), Schema(changed, "AVRO"))
    version = client.get_latest_version(subject_of(TRADES)).version
    assert version
    yield
    client.delete_version(subject_of(TRADES), version)


@pytest.mark.usefixtures("another_scale")
@pytest.mark.parametrize("command", ["check", "register"])
def test_a_changed_logical_type_is_refused_though_the_registry_lets_it_pass(cli: Cli, command: str) -> None:
    result = cli(command)
    assert result.exit_code == 1
    assert "rawtrade: our schema cannot read the registry's version" in result.output
    assert "RawTrade.price is decimal(38,10), expected decimal(38,18)" in result.output


def test_a_change_that_is_not_in_the_history_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = json.loads(schema_text(TRADES))
    changed["fields"].append({"name": "fee", "type": "string"})
    monkeypatch.setattr(
        schemas, "schema_text", lambda topic: json.dumps(changed) if topic == TRADES else schema_text(topic)
    )
    result = cli("check")
    assert result.exit_code == 1
    assert "add it as schemas_avro/history/rawtrade.v2.avsc" in result.output
    assert "cannot read version 1: RawTrade.fee is new and has no default" in result.output


def test_without_a_registry_the_history_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRYPTOVIZ_SCHEMA_REGISTRY_URL", raising=False)
    result = CliRunner().invoke(commands.app, ["check"])
    assert (result.exit_code, result.output) == (0, "Every schema reads its earlier versions.\n")
    result = CliRunner().invoke(commands.app, ["register"])
    assert result.exit_code == 2
    assert "CRYPTOVIZ_SCHEMA_REGISTRY_URL is not set" in result.output


def test_a_registry_that_does_not_answer_is_waited_for_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTOVIZ_SCHEMA_REGISTRY_URL", "http://someone:secret@127.0.0.1:1/apis")
    result = CliRunner().invoke(commands.app, ["register", "--wait", "1"])
    assert "Waiting up to 1 s for the schema registry: the schema registry http://127.0.0.1:1/apis" in result.output
    assert "Connection refused" in str(result.exception)
    assert "secret" not in result.output + str(result.exception)


def test_an_unknown_id_is_asked_for_once_in_a_while() -> None:
    with http_server() as server:
        server.serve("/schemas/ids/7", '{"error_code": 40403, "message": "Schema 7 not found"}', status=404)
        ids = RegistrySchemaIds(server.url(""))
        for _ in range(100):
            with pytest.raises(LookupError):
                ids.schema(7)
        assert len(server.requests) == 1
        server.serve("/schemas/ids/7", json.dumps({"schema": schema_text(TRADES)}))
        ids._missed_until.clear()  # as after a few seconds
        for _ in range(3):
            assert ids.schema(7) == schema_text(TRADES)
        assert len(server.requests) == 2


def test_ids_beyond_what_registries_give_out_are_not_asked_for() -> None:
    with http_server() as server, pytest.raises(LookupError):
        RegistrySchemaIds(server.url("")).schema(2**31)
    assert not server.requests


def misbehaving(server: HttpServer, how: str) -> None:
    match how:
        case "not a registry":
            server.serve("/schemas/ids/7", "<h1>Not found</h1>", status=404)
        case "wrong password":
            server.serve("/schemas/ids/7", '{"error_code": 40101, "message": "Unauthorized"}', status=401)
        case "broken":
            server.serve("/schemas/ids/7", '{"error_code": 50001, "message": "Error in the backend"}', status=500)
        case "no schema":
            server.serve("/schemas/ids/7", "{}")
        case "no JSON":
            server.serve("/schemas/ids/7", "schema")
        case "slow":
            server.routes["/schemas/ids/7"] = lambda exchange: exchange.drip(every_s=0.5)
        case "reset":
            server.routes["/schemas/ids/7"] = lambda exchange: exchange.reset()


@pytest.mark.parametrize("how", ["not a registry", "wrong password", "broken", "no schema", "no JSON", "slow", "reset"])
def test_a_registry_that_misbehaves_makes_readers_wait(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_registry, "TIMEOUT_S", 0.3)
    with http_server() as server:
        misbehaving(server, how)
        began = time.monotonic()
        with pytest.raises(LogUnavailable, match=server.address):
            RegistrySchemaIds(server.url("")).schema(7)
        assert time.monotonic() - began < 10


def test_a_password_in_the_address_is_not_shown() -> None:
    assert shown("http://someone:secret@registry:8081/apis?x=1") == "http://registry:8081/apis?x=1"
    assert shown("http://registry:8081") == "http://registry:8081"
