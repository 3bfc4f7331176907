"""The broker and the registry die while events flow; afterwards all that was acknowledged is there, and all goes on."""

import threading
import time
from collections.abc import Callable

import pytest

from adapters.avro.codec import AvroCodec
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.kafka.schemas import SchemaAdmin
from adapters.kafka.topics import TopicAdmin, TopicSettings
from adapters.system.clock import SystemClock
from application.ports.event_log import BEGINNING, Cursor, LogUnavailable, Recorded, Unreadable
from application.topics import TRADES, topic_of
from domain.market.trade import TradeExecuted
from tests.facts import BTC, ETH, ticker, trade
from tests.integration.kafka.conftest import kafka_log
from tests.servers.running import Running
from tests.waiting import until

BATCH = 20


@pytest.fixture
def mortal(fresh_kafka: Running) -> Running:
    """A broker with our topics, to be killed and started again."""
    TopicAdmin(fresh_kafka.endpoint).create(TopicSettings(), wait_s=30, say=print)
    return fresh_kafka


class Appending(threading.Thread):
    """Appends batches until told to stop, each again until it is acknowledged, as the log writer does."""

    def __init__(self, log: KafkaEventLog) -> None:
        super().__init__()
        self._log = log
        self._stopping = threading.Event()
        self.acknowledged = 0
        self.refusals: list[str] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                batch = [trade(self.acknowledged + number, pair=(BTC, ETH)[number % 2]) for number in range(BATCH)]
                try:
                    self._log.append(batch)
                except LogUnavailable as unavailable:
                    self.refusals.append(str(unavailable))
                    continue
                self.acknowledged += BATCH
        except BaseException as error:
            self.failure = error
            raise

    def stop(self) -> None:
        self._stopping.set()
        self.join(60)
        assert not self.is_alive()
        assert self.failure is None


def read_on(reader: Callable[[], list[Recorded | Unreadable]], ids: list[int], wanted: int) -> None:
    """Read trades until `wanted` different ids are known, through whatever outage."""
    deadline = time.monotonic() + 60
    while len(set(ids)) < wanted:
        assert time.monotonic() < deadline, f"only {len(set(ids))} of {wanted} came"
        try:
            records = reader()
        except LogUnavailable:
            continue
        for record in records:
            assert isinstance(record, Recorded)
            assert isinstance(record.event, TradeExecuted)
            ids.append(record.event.trade_id)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_broker_loses_nothing_that_was_acknowledged(mortal: Running) -> None:
    with kafka_log(mortal.endpoint, delivery_timeout_s=3.0, answer_timeout_s=2.0) as log:
        start = log.head()
        with log.reader([TRADES], after=start) as reader:
            ids: list[int] = []
            writer = Appending(log)
            writer.start()
            try:
                for _ in range(2):
                    known = writer.acknowledged
                    assert until(lambda: writer.acknowledged >= known + 5 * BATCH, seconds=30)  # noqa: B023
                    read_on(lambda: list(reader.read(limit=500, timeout_s=1)), ids, known)
                    mortal.kill()
                    with pytest.raises(LogUnavailable, match=mortal.endpoint):  # each in bounded time
                        log.head()
                    with pytest.raises(LogUnavailable, match=mortal.endpoint):
                        _read_until_refused(lambda: list(reader.read(limit=500, timeout_s=0.5)), ids)
                    refused = len(writer.refusals)
                    assert until(lambda: len(writer.refusals) > refused, seconds=30)  # noqa: B023
                    mortal.start()
            finally:
                writer.stop()
            read_on(lambda: list(reader.read(limit=500, timeout_s=1)), ids, writer.acknowledged)
            while batch := reader.read(limit=500, timeout_s=2):  # part of a batch may be there that nobody acknowledged
                ids += [
                    r.event.trade_id for r in batch if isinstance(r, Recorded) and isinstance(r.event, TradeExecuted)
                ]
            place = reader.cursor
        assert all("did not acknowledge 20 records within 3 s" in refusal for refusal in writer.refusals)
        again: list[int] = []
        with log.reader([TRADES], after=start) as reader:
            while batch := reader.read(limit=1000, timeout_s=0):
                again += [
                    r.event.trade_id for r in batch if isinstance(r, Recorded) and isinstance(r.event, TradeExecuted)
                ]
        assert set(range(writer.acknowledged)) <= set(again)
        assert in_order(again)
        assert sorted(set(ids)) == sorted(set(again))  # the reader that lived through it missed nothing
        log.append([trade(10**6)])
        with log.reader([TRADES], after=place) as reader:
            last = [record for record in reader.read(limit=1000, timeout_s=10) if isinstance(record, Recorded)]
        assert last[-1].event == trade(10**6)


def _read_until_refused(reader: Callable[[], list[Recorded | Unreadable]], ids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ids += [r.event.trade_id for r in reader() if isinstance(r, Recorded) and isinstance(r.event, TradeExecuted)]


def in_order(ids: list[int]) -> bool:
    """Whether the first appearances of each pair's ids grow: a batch that was sent again repeats, it does not overtake."""
    for pair in (0, 1):
        first = [number for number in dict.fromkeys(ids) if number % 2 == pair]
        if first != sorted(first):
            return False
    return True


def test_without_a_broker_every_call_says_so_in_time(mortal: Running) -> None:
    nobody = "127.0.0.1:1"
    with kafka_log(nobody, delivery_timeout_s=2.0, answer_timeout_s=1.0) as log:
        calls: list[Callable[[], object]] = [
            log.head,
            log.oldest,
            lambda: log.append([trade(1)]),
            lambda: log.reader([TRADES], after=BEGINNING),
            lambda: log.reader([TRADES], after=Cursor("rawtrade/0:1")),
        ]
        for call in calls:
            began = time.monotonic()
            with pytest.raises(LogUnavailable, match=r"Kafka at 127\.0\.0\.1:1 did not answer within 1 s"):
                call()
            assert time.monotonic() - began < 5
    with kafka_log(f"{nobody},{mortal.endpoint}") as log:  # one of several brokers is enough
        log.append([trade(1)])


def test_a_broker_that_hangs_is_given_up_in_time_and_used_again(mortal: Running) -> None:
    with kafka_log(mortal.endpoint, delivery_timeout_s=2.0, answer_timeout_s=1.0) as log:
        log.append([trade(1)])
        with log.reader([TRADES], after=log.head()) as reader:
            with mortal.hanging():
                for call in (log.head, lambda: log.append([trade(2)]), lambda: reader.read(limit=1, timeout_s=0)):
                    began = time.monotonic()
                    with pytest.raises(LogUnavailable, match=mortal.endpoint):
                        call()
                    assert time.monotonic() - began < 10
            assert until(lambda: _is_taken(log, [trade(3)]), seconds=30)
            ids: list[int] = []
            read_on(lambda: list(reader.read(limit=10, timeout_s=1)), ids, 1)
            assert set(ids) <= {2, 3}  # a batch that was given up may have arrived all the same


def _is_taken(log: KafkaEventLog, batch: list[TradeExecuted]) -> bool:
    try:
        log.append(batch)
    except LogUnavailable:
        return False
    return True


def test_a_registry_that_dies_is_waited_for(mortal: Running, fresh_schema_registry: Running) -> None:
    registry = fresh_schema_registry
    SchemaAdmin(registry.endpoint).register()
    writing = KafkaEventLog(KafkaConfig(mortal.endpoint, ()), RegistrySchemaIds(registry.endpoint), SystemClock())
    reading = KafkaEventLog(KafkaConfig(mortal.endpoint, ()), RegistrySchemaIds(registry.endpoint), SystemClock())
    with writing, reading:
        place = writing.head()
        writing.append([trade(1)])
        with reading.reader([TRADES], after=place) as reader:
            assert [r.event for r in reader.read(limit=9, timeout_s=20) if isinstance(r, Recorded)] == [trade(1)]
            registry.kill()
            writing.append([trade(2)])  # known ids go on
            assert [r.event for r in reader.read(limit=9, timeout_s=20) if isinstance(r, Recorded)] == [trade(2)]
        with pytest.raises(LogUnavailable, match=r"schema registry .* did not answer"):
            writing.append([ticker()])
        ignorant = KafkaEventLog(KafkaConfig(mortal.endpoint, ()), RegistrySchemaIds(registry.endpoint), SystemClock())
        with ignorant, ignorant.reader([TRADES], after=place) as reader:
            for _ in range(2):  # an unknown id waits: it is no dead letter
                with pytest.raises(LogUnavailable, match=r"schema registry .* did not answer"):
                    reader.read(limit=9, timeout_s=20)
            registry.start()
            found = [r.event for r in reader.read(limit=9, timeout_s=20) if isinstance(r, Recorded)]
            assert found == [trade(1), trade(2)]
        writing.append([ticker()])


def test_a_schema_that_is_not_registered_is_a_sentence(fresh_schema_registry: Running) -> None:
    ids = RegistrySchemaIds(fresh_schema_registry.endpoint)
    with pytest.raises(LogUnavailable, match=r"our schema of rawtrade .*: run `cryptoviz schemas register`"):
        ids.id_of(topic_of(trade()), '{"type": "record", "name": "Another", "fields": []}')
    assert AvroCodec(ids)
