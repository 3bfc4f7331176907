"""What the operator reads of Kafka and the registry."""

import json

import pytest
from confluent_kafka.schema_registry import Schema

from adapters.kafka.config import KafkaConfig
from adapters.kafka.log_inspection import KafkaLogInspection
from adapters.kafka.schema_listing import RegistrySchemaListing
from adapters.kafka.schema_registry import RegistrySchemaIds, registry_client, subject_of
from adapters.kafka.schemas import SchemaAdmin
from application.ports.event_log import LogUnavailable
from application.topics import TOPICS, TRADES
from schemas_avro import schema_text
from tests.contracts.log_inspection import LogInspectionContract, RetentionInspectionContract, found_in
from tests.facts import BTC, ETH, trade
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.servers.http import http_server
from tests.servers.running import Running


@pytest.fixture
def inspection(broker: Running) -> KafkaLogInspection:
    return KafkaLogInspection(KafkaConfig(broker.endpoint, (BTC, ETH)))


class TestKafka(LogInspectionContract, RetentionInspectionContract): ...


def test_each_partition_is_told(log: DeletableKafkaLog, inspection: KafkaLogInspection) -> None:
    before = found_in(inspection)[TRADES].partitions
    log.append([trade(1), trade(2), trade(3, pair=ETH)])
    after = found_in(inspection)[TRADES]
    grown = [new.last - old.last for old, new in zip(before, after.partitions, strict=True)]
    assert (len(grown), sorted(grown), after.bytes) == (3, [0, 1, 2], None)


def test_the_registrys_versions_are_listed(fresh_schema_registry: Running) -> None:
    url = fresh_schema_registry.endpoint
    listing = RegistrySchemaListing(url)
    client = registry_client(url)
    SchemaAdmin(url).register()
    client.register_schema("somebody-elses-value", Schema('"string"', "AVRO"))
    subjects = listing.subjects()
    assert [one.subject for one in subjects] == [subject_of(topic) for topic in TOPICS]
    ids = RegistrySchemaIds(url)
    for topic, subject in zip(TOPICS, subjects, strict=True):
        last = subject.versions[-1]
        assert json.loads(last.schema) == json.loads(schema_text(topic))
        assert last.schema_id == ids.id_of(topic, schema_text(topic))
    grown = json.loads(schema_text(TRADES))
    grown["fields"].append({"name": "remark", "type": ["null", "string"], "default": None})
    client.register_schema(subject_of(TRADES), Schema(json.dumps(grown), "AVRO"))
    versions = {one.subject: [version.version for version in one.versions] for one in listing.subjects()}
    assert versions[subject_of(TRADES)] == [*(v.version for v in subjects[1].versions), len(subjects[1].versions) + 1]


def test_a_registry_that_does_not_answer_is_said() -> None:
    with http_server() as nobody:
        url = nobody.url("").rstrip("/")
    with pytest.raises(LogUnavailable, match="schema registry"):
        RegistrySchemaListing(url).subjects()
