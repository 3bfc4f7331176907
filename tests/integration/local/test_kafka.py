"""A broker of our own keeps what it acknowledged, whatever ends it."""

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.integration.local.processes import processes_in
from tests.servers.running import Running
from tests.waiting import until


def test_an_acknowledged_record_outlives_kill_9_and_a_stop(fresh_kafka: Running) -> None:
    servers = fresh_kafka.endpoint
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(20)
    for number, end in enumerate((fresh_kafka.kill, fresh_kafka.stop)):
        acknowledged = _produce(servers, b"record %d" % number)
        assert acknowledged == number
        end()
        assert until(lambda: processes_in(fresh_kafka.service.directory) == [])
        fresh_kafka.start()
    assert _consume(servers, 2) == [b"record 0", b"record 1"]


def test_topics_are_not_made_by_whoever_asks_for_them(fresh_kafka: Running) -> None:
    admin = AdminClient({"bootstrap.servers": fresh_kafka.endpoint})
    admin.list_topics("unheard-of", timeout=20)
    assert "unheard-of" not in admin.list_topics(timeout=20).topics


def _produce(servers: str, value: bytes) -> int | None:
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    offsets: list[int | None] = []
    producer.produce("kept", value, partition=0, on_delivery=lambda error, message: offsets.append(message.offset()))
    assert producer.flush(20) == 0
    return offsets[0]


def _consume(servers: str, count: int) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "test", "enable.auto.commit": False})
    consumer.assign([TopicPartition("kept", 0, 0)])
    values = [message.value() for message in consumer.consume(count, timeout=20)]
    consumer.close()
    return values
