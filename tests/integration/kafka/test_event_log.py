"""The log on Kafka keeps the contract of every event log, and its own promises."""

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError, Producer, TopicPartition

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Unencodable
from adapters.kafka import config as settings
from adapters.kafka.config import KafkaConfig
from adapters.kafka.log_reader import KafkaLogReader
from adapters.kafka.offsets import Offsets
from adapters.memory.clock import FixedClock
from adapters.memory.schema_ids import MemorySchemaIds
from application.ports.event_log import (
    BEGINNING,
    Cursor,
    CursorTooOld,
    InvalidCursor,
    LogReader,
    LogUnavailable,
    Place,
)
from application.topics import ARTICLES, DEAD_LETTERS, TICKERS, TOPICS, TRADES
from domain.values import Pair
from tests import builders
from tests.contracts.event_log import EventLogContract, RetentionContract, drain, events
from tests.facts import BTC, ETH, ticker, trade
from tests.integration.kafka.conftest import DeletableKafkaLog
from tests.servers.running import Running

SOL, PEPE = Pair("SOL/USD"), Pair("PEPE/EUR")


class TestKafka(EventLogContract, RetentionContract):
    """The fixture `log` is in conftest."""


def test_pairs_are_placed_by_their_position_and_others_as_librdkafka_would(
    log: DeletableKafkaLog, broker: Running
) -> None:
    sources = [builders.article(source=name) for name in ("CoinDesk", "Cointelegraph", "The Block", "Börse")]
    log.append([trade(1), trade(2, pair=ETH), trade(3, pair=SOL), trade(4, pair=PEPE), *sources])
    with log.reader(TOPICS, after=BEGINNING) as reader:
        at = {record.event.key: record.position.partition for record in drain(reader, 8)}
    assert (at[BTC], at[ETH]) == ("rawtrade/0", "rawtrade/1")
    assert {key: at[key] for key in at if key not in (BTC, ETH)} == {
        key: f"{ARTICLES if '/' not in key else TRADES}/{hashed(broker.endpoint, key)}"
        for key in (SOL, PEPE, *(source.key for source in sources))
    }


def hashed(bootstrap_servers: str, key: str) -> int | None:
    """Where a producer of somebody else, with librdkafka's `consistent` partitioner, would put a key."""
    found: list[int | None] = []
    producer = Producer({"bootstrap.servers": bootstrap_servers, "partitioner": "consistent"})
    producer.produce(DEAD_LETTERS, b"", key, on_delivery=lambda error, message: found.append(message.partition()))
    assert producer.flush(20) == 0
    return found[0]


@pytest.mark.parametrize(
    "cursor",
    ["1", "7", "rawtrade/3:0", "rawtrade/00:0", "weather/0:1", "rawtrade/0:999999", "rawtrade/1:999999", "/0:1"],
)  # fmt: skip
def test_a_place_that_this_log_never_had_is_refused(log: DeletableKafkaLog, cursor: str) -> None:
    log.append([trade(1), trade(2, pair=ETH)])
    with pytest.raises(InvalidCursor):
        log.reader([TRADES], after=Cursor(cursor))


def test_each_partition_is_resumed_at_its_own_place(log: DeletableKafkaLog) -> None:
    log.append([trade(number, pair=(BTC, ETH)[number % 2]) for number in range(10)])
    with log.reader([TRADES], after=BEGINNING) as reader:
        first = drain(reader, 4, limit=1)
        place = reader.cursor
    with log.reader([TRADES], after=place) as reader:
        rest = drain(reader, 6)
    assert sorted(r.event.occurred_at for r in (*first, *rest)) == [trade(number).occurred_at for number in range(10)]
    assert Place.at(place).numbers.keys() <= {"rawtrade/0", "rawtrade/1", "rawtrade/2"}


def test_an_unnamed_partition_of_a_named_topic_is_one_that_was_not_read(log: DeletableKafkaLog) -> None:
    log.append([trade(1), trade(2, pair=ETH), ticker()])
    with log.reader([TRADES], after=log.oldest()) as reader:
        drain(reader, 2)
        only_btc = Cursor(f"rawtrade/0:{Place.at(reader.cursor).numbers['rawtrade/0']}")
    if log.oldest() == BEGINNING:  # nothing was ever deleted: all of it can still be read
        with log.reader([TRADES], after=only_btc) as reader:
            assert events(drain(reader, 1)) == [trade(2, pair=ETH)]
    log.delete_before(log.head())
    with pytest.raises(CursorTooOld):
        log.reader([TRADES], after=only_btc)
    log.append([ticker(last="2")])
    with log.reader([TICKERS], after=only_btc) as reader:  # nothing is said of tickers: all that is retained
        assert events(drain(reader, 1)) == [ticker(last="2")]


def test_a_reader_whose_place_is_deleted_is_told_each_time(log: DeletableKafkaLog, broker: Running) -> None:
    log.append([trade(1), trade(2)])
    log.delete_before(log.head())
    log.append([trade(3)])
    begins = Offsets(KafkaConfig(broker.endpoint, ())).begins([TRADES])
    begins["rawtrade", 0] -= 1  # as if it had been deleted since the place was looked at
    with reader_at(broker, begins) as reader:
        for _ in range(2):
            with pytest.raises(CursorTooOld) as refusal:
                reader.read(limit=10, timeout_s=10)
    assert refusal.value.oldest == log.oldest()


def test_a_topic_that_was_made_anew_is_no_silent_gap(log: DeletableKafkaLog, broker: Running) -> None:
    log.append([trade(1)])
    beyond = {
        partition: end + 100 for partition, end in Offsets(KafkaConfig(broker.endpoint, ())).ends([TRADES]).items()
    }
    with (
        reader_at(broker, beyond) as reader,
        pytest.raises(LogUnavailable, match=r"before our place .* has lost records"),
    ):
        reader.read(limit=10, timeout_s=10)


def reader_at(broker: Running, starts: dict[tuple[str, int], int]) -> LogReader:
    config = KafkaConfig(broker.endpoint, ())
    return KafkaLogReader(config, Offsets(config), AvroCodec(MemorySchemaIds()), FixedClock(), starts)


def test_head_and_oldest_are_quick_enough_to_be_asked_often(log: DeletableKafkaLog) -> None:
    log.append([trade(1)])
    assert Place.at(log.head()).reaches(Place.at(log.oldest()))
    assert Place.at(log.head()).numbers["rawtrade/0"] >= 0


def test_a_frame_of_16_mib_in_a_dead_letter_fits(log: DeletableKafkaLog) -> None:
    letter = builders.dead_letter(b"x" * 16 * 1024 * 1024)
    log.append([letter])
    with log.reader([DEAD_LETTERS], after=BEGINNING) as reader:
        assert events(drain(reader, 1)) == [letter]


def test_what_is_too_large_for_the_topics_is_refused_before_anything_is_sent(log: DeletableKafkaLog) -> None:
    head = log.head()
    with pytest.raises(Unencodable, match=r"has 20,971,6.. bytes: expected at most 20 MiB"):
        log.append([trade(1), builders.dead_letter(b"x" * 20 * 1024 * 1024)])
    assert log.head() == head


def test_a_full_buffer_makes_append_wait_not_fail(log: DeletableKafkaLog, monkeypatch: pytest.MonkeyPatch) -> None:
    of = settings.producer
    monkeypatch.setattr(settings, "producer", lambda config: of(config) | {"queue.buffering.max.messages": 10})
    facts = [trade(number) for number in range(500)]
    log.append(facts)
    with log.reader([TRADES], after=BEGINNING) as reader:
        assert events(drain(reader, 500)) == facts


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The first producer fails for good, as librdkafka's do when idempotence can no longer be kept."""
    made: list[Any] = []

    class Broken:
        def produce(self, topic: str, value: bytes, key: str, partition: int, reported: Any) -> None:
            reported(KafkaError(KafkaError._FATAL, "out of sequence", fatal=True), None)

        def flush(self, timeout: float) -> int:
            return 0

        def purge(self) -> None:
            pass

    def producer(config: dict[str, Any]) -> Any:
        made.append(config)
        return Broken() if len(made) == 1 else Producer(config)

    monkeypatch.setattr("adapters.kafka.producer.Producer", producer)
    yield
    assert len(made) == 2


@pytest.mark.usefixtures("broken")
def test_after_a_fatal_error_the_next_append_has_a_new_producer(log: DeletableKafkaLog) -> None:
    with pytest.raises(LogUnavailable, match="out of sequence"):
        log.append([trade(1)])
    log.append([trade(1)])
    with log.reader([TRADES], after=BEGINNING) as reader:
        assert events(drain(reader, 1)) == [trade(1)]


def test_marks_of_a_foreign_transaction_are_no_records(log: DeletableKafkaLog, broker: Running) -> None:
    stranger = Producer({"bootstrap.servers": broker.endpoint, "transactional.id": "stranger"})
    stranger.init_transactions(20)
    log.append([trade(1)])
    for finish in (stranger.abort_transaction, stranger.commit_transaction):
        stranger.begin_transaction()
        stranger.produce(TRADES, b"junk", partition=0)
        stranger.flush(20)
        finish(20)
    with log.reader([TRADES], after=BEGINNING) as reader:
        found: list[object] = []
        while batch := reader.read(limit=10, timeout_s=0):
            found += batch
    assert [type(record).__name__ for record in found] == ["Recorded", "Unreadable"]
    with log.reader([TRADES], after=log.head()) as reader:
        assert list(reader.read(limit=10, timeout_s=0)) == []


def test_a_tombstone_is_unreadable(log: DeletableKafkaLog, broker: Running) -> None:
    producer = Producer({"bootstrap.servers": broker.endpoint})
    producer.produce(TRADES, None, "BTC/USD", partition=0)
    producer.flush(20)
    with log.reader([TRADES], after=BEGINNING) as reader:
        [record] = reader.read(limit=10, timeout_s=20)
    assert "has 0 bytes" in record.reason  # type: ignore[union-attr]


def test_a_missing_topic_is_a_sentence(
    log: DeletableKafkaLog, broker: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.kafka.offsets.TOPICS", (*TOPICS, "weather"))
    offsets = Offsets(KafkaConfig(broker.endpoint, ()))
    with pytest.raises(LogUnavailable, match="has no topic weather: run `cryptoviz topics create`"):
        offsets.partitions()
    assert TopicPartition(TRADES, 0).topic in log._offsets.partitions()
