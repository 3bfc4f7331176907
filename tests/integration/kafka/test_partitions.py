"""Partitions that are added while the log is written and read."""

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined]

from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.topics import TopicAdmin, TopicSettings
from adapters.memory.schema_ids import MemorySchemaIds
from adapters.system.clock import SystemClock
from application.ports.event_log import BEGINNING, LogReader, Recorded
from application.topics import TOPICS, TRADES
from domain.values import Pair
from tests.facts import trade
from tests.servers.running import Running
from tests.servers.stack import own_server
from tests.waiting import until

PAIRS = tuple(Pair(f"{base}/USD") for base in ("BTC", "ETH", "SOL", "ADA", "XRP", "DOGE", "DOT", "LINK"))


@pytest.fixture
def broker(pytestconfig: pytest.Config) -> Iterator[Running]:
    """A broker of this test alone, as partitions cannot be taken away again."""
    with own_server(pytestconfig, "kafka") as server:
        TopicAdmin(server.endpoint).create(TopicSettings(), wait_s=30, say=print)
        yield server


def _log(broker: Running, schema_ids: MemorySchemaIds, pairs: tuple[Pair, ...] = PAIRS) -> KafkaEventLog:
    return KafkaEventLog(KafkaConfig(broker.endpoint, pairs), schema_ids, SystemClock())


def _read(reader: LogReader, into: dict[str, list[int]], partitions: set[str]) -> None:
    for record in reader.read(limit=1_000, timeout_s=0.2):
        if isinstance(record, Recorded):
            into.setdefault(record.event.key, []).append(int(record.event.event_id.rpartition(":")[2]))
            partitions.add(record.position.partition)


def test_added_partitions_are_written_and_read_while_running_and_what_moves_is_told(
    broker: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    schema_ids = MemorySchemaIds()
    seen: dict[str, list[int]] = {}
    partitions: set[str] = set()
    written = 0

    def write() -> None:
        nonlocal written
        written += 1
        log.append([trade(written, pair=pair) for pair in PAIRS])

    def all_is_seen() -> bool:
        _read(reader, seen, partitions)
        return all(len(seen.get(pair, [])) >= written for pair in PAIRS)

    with _log(broker, schema_ids) as log, _log(broker, schema_ids) as elsewhere:
        elsewhere.head()  # it knows three partitions
        with log.reader(TOPICS, after=BEGINNING) as reader:
            write()
            assert until(all_is_seen)
            assert partitions == {f"{TRADES}/{number}" for number in range(3)}
            assert log.moved_pairs() == {}
            admin = AdminClient({"bootstrap.servers": broker.endpoint})
            for future in admin.create_partitions([NewPartitions(topic, 6) for topic in TOPICS]).values():
                future.result(20)

            def they_are_used() -> bool:
                write()
                return all_is_seen() and len(partitions) == 6

            assert until(they_are_used, seconds=40)
            assert until(all_is_seen)
            assert {pair: sorted(ids) for pair, ids in seen.items()} == {
                pair: list(range(1, written + 1)) for pair in PAIRS
            }
            cursor = reader.cursor
        with elsewhere.reader([TRADES], after=cursor) as resumed:
            write()
            again: dict[str, list[int]] = {}

            def all_came() -> bool:
                _read(resumed, again, set())
                return len(again) == len(PAIRS)

            assert until(all_came)
            assert all(ids == [written] for ids in again.values())
        said = "".join(capfd.readouterr())
        assert "partitions were added" in said
        assert "ADA/USD" in said
    turned = (PAIRS[1], PAIRS[0], *PAIRS[2:])
    with _log(broker, schema_ids, turned) as reordered:
        assert reordered.moved_pairs() == {PAIRS[0]: (0, 1), PAIRS[1]: (1, 0)}
