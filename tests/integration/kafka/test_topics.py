"""`cryptoviz topics`: made once, looked at, compared."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from typer.testing import CliRunner, Result

from adapters.kafka.config import LARGEST_RECORD
from adapters.kafka.topics import TopicSettings, _compared
from application.topics import TOPICS, TRADES
from entrypoints.cli import topics
from tests.facts import trade
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.servers.running import Running
from tests.waiting import until

Cli = Callable[..., Result]


@pytest.fixture
def cli(broker: Running, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS", broker.endpoint)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(topics.app, arguments)


def test_a_second_run_changes_nothing(cli: Cli) -> None:
    result = cli("create")
    assert (result.exit_code, result.output) == (0, "All topics are there.\n")


def test_the_topics_are_listed_with_their_records(cli: Cli, log: DeletableKafkaLog) -> None:
    log.append([trade(number) for number in range(1234)])
    result = cli("list")
    assert result.exit_code == 0
    rows = {cells[0]: cells[1:] for line in result.output.splitlines() if (cells := line.replace("│", "").split())}
    assert rows[TRADES] == ["3", "1", "1,234", "30", "days"]
    assert rows["rawarticle"][-2:] == ["for", "ever"]
    assert set(TOPICS) <= rows.keys()


@pytest.fixture
def shorter_retention(broker: Running) -> Iterator[None]:
    """Somebody has changed rawtrade's retention by hand."""
    admin = AdminClient({"bootstrap.servers": broker.endpoint})

    def retain(days: int) -> None:
        changed = ConfigEntry("retention.ms", str(days * 86_400_000), incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, TRADES, incremental_configs=[changed])
        for future in admin.incremental_alter_configs([resource]).values():
            future.result()
        assert until(lambda: retained() == changed.value)  # the broker tells of it a little later

    def retained() -> str:
        [future] = admin.describe_configs([ConfigResource(ResourceType.TOPIC, TRADES)]).values()
        return str(future.result()["retention.ms"].value)

    retain(7)
    yield
    retain(30)


@pytest.mark.usefixtures("shorter_retention")
def test_a_topic_that_differs_is_reported(cli: Cli, broker: Running) -> None:
    result = cli("create")
    assert result.exit_code == 1
    assert (
        "topic rawtrade has retention.ms=604800000, expected retention.ms=2592000000: change it with" in result.output
    )
    assert f"--bootstrap-server {broker.endpoint} --entity-type topics --entity-name rawtrade --alter" in result.output
    assert result.output.count("cryptoviz: ") == 1
    assert cli("create", "--retention-days", "7").output.count("cryptoviz: ") == 1  # now it is rawticker that differs


def test_partitions_and_replicas_that_differ_are_reported(cli: Cli) -> None:
    result = cli("create", "--partitions", "5", "--replication", "2")
    assert result.exit_code == 1
    assert "topic rawtrade has 3 partitions, expected 5: give --partitions 3, or delete the topic" in result.output
    assert "topic rawtrade has 1 replicas, expected 2: move its partitions" in result.output


def test_each_setting_has_its_place() -> None:
    made = TopicSettings(replication=3, retention_days=2, compression="zstd")
    assert made.of(TRADES) == {
        "cleanup.policy": "delete", "compression.type": "zstd", "max.message.bytes": str(LARGEST_RECORD),
        "retention.ms": "172800000", "retention.bytes": "-1", "min.insync.replicas": "2",
    }  # fmt: skip
    assert made.of("alertevent")["retention.ms"] == "-1"


def test_brokers_that_do_not_answer_are_waited_for_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    result = CliRunner().invoke(topics.app, ["create", "--wait", "5"])
    assert "Waiting up to 5 s for the brokers: Kafka at 127.0.0.1:1 did not answer" in result.output
    assert str(result.exception).startswith("Kafka at 127.0.0.1:1 did not answer within 3 s")


@pytest.mark.parametrize("command", ["create", "list"])
def test_without_brokers_the_setting_is_named(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.delenv("CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS", raising=False)
    result = CliRunner().invoke(topics.app, [command])
    assert result.exit_code == 2
    assert "CRYPTOVIZ_KAFKA_BOOTSTRAP_SERVERS is not set: expected host:port" in result.output


@pytest.mark.parametrize("arguments", [["--partitions", "0"], ["--compression", "rar"], ["--retention-days", "0"]])
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(topics.app, ["create", *arguments]).exit_code == 2


def test_larger_records_than_ours_are_no_difference() -> None:
    class Found:
        partitions: dict[int, Any] = {}  # noqa: RUF012

    made = TopicSettings(partitions=0).of(TRADES) | {"max.message.bytes": str(LARGEST_RECORD * 2)}
    assert _compared(TRADES, Found(), made, TopicSettings(partitions=0), "x") == []
