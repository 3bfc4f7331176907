"""kill -9 of the job, the broker, the database and the registry while trades flow: afterwards every trade is there once."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy
from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from adapters.kafka.schemas import SchemaAdmin
from adapters.sql.engine import create_engine
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.migrate import upgrade
from application.ports.event_log import LogUnavailable
from application.ports.page import Window
from application.topics import TRADES
from domain.market.candle import Interval, candles_of
from schemas_avro import schema_text
from tests.integration.spark.conftest import NewStack
from tests.integration.spark.events import trades
from tests.integration.spark.stack import PAIRS, Job, Stack, until
from tests.servers.running import Running
from tests.servers.stack import own_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Flow:
    """Trades that keep flowing into the log, a hundred or so a tenth of a second, until `stop`."""

    def __init__(self, stack: Stack) -> None:
        self.sent = 0
        self._stack = stack
        self._stop = threading.Event()
        self._trades = trades(200_000)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        chance = random.Random(5)
        while not self._stop.wait(0.1):
            some = self._trades[self.sent : self.sent + chance.randrange(1, 200)]
            try:
                self._stack.log.append(some)
            except LogUnavailable:
                continue  # those again: some of them may be there twice then
            self.sent += len(some)

    def stop(self) -> int:
        self._stop.set()
        self._thread.join()
        return self.sent


@contextmanager
def flowing(stack: Stack) -> Iterator[Flow]:
    flow = Flow(stack)
    try:
        yield flow
    finally:
        flow.stop()


def assert_every_trade_is_there_once(stack: Stack, sent: int) -> None:
    wanted = {(one.pair, one.trade_id) for one in trades(200_000)[:sent]}
    rows = stack.query("SELECT pair, trade_id FROM trade_data")
    assert len(rows) == len(wanted)
    assert {tuple(row) for row in rows} == wanted
    assert stack.count("dead_letter") == 0


def test_the_jobs_are_killed_again_and_again(stack: Stack) -> None:
    chance = random.Random()
    with flowing(stack) as flow:
        for delay_s in (0, chance.uniform(0, 2)):
            with stack.job("ingest") as ingest, stack.job("analytics") as analytics:
                before = stack.stored()
                # Killed when a task has just committed, its batch not: or a random moment later.
                until(lambda: bool(stack.stored() != before), ingest, analytics)  # noqa: B023 - awaited here
                time.sleep(delay_s)
                ingest.kill()
                analytics.kill()
        sent = flow.stop()
    with stack.job("ingest") as ingest, stack.job("analytics") as analytics:
        until(stack.caught_up, ingest, analytics)
        assert_every_trade_is_there_once(stack, sent)
        reads = SqlMarketReads(stack.engine)
        for pair in PAIRS:
            of_pair = [one for one in trades(200_000)[:sent] if one.pair == pair]
            for interval in Interval:
                wanted = sorted(candles_of(of_pair, interval), key=lambda candle: candle.start)
                window = Window(start=wanted[0].start, limit=1000)
                until(lambda: reads.candles(pair, interval, window).items == wanted, ingest, analytics)  # noqa: B023 - awaited here


def test_the_broker_is_killed(stack: Stack, broker: Running) -> None:
    with stack.job("ingest") as job, flowing(stack) as flow:
        until(lambda: stack.count("trade_data") > 500, job)
        broker.kill()
        broker.start()
        stored = stack.count("trade_data")
        until(lambda: stack.count("trade_data") > stored + 500, job)
        sent = flow.stop()
        until(stack.caught_up, job)
    assert_every_trade_is_there_once(stack, sent)


def test_the_database_is_killed(new_stack: NewStack, pytestconfig: pytest.Config) -> None:
    with own_server(pytestconfig, "database") as server:
        url = sqlalchemy.make_url(server.endpoint)
        engine = create_engine(url)
        upgrade(engine)
        engine.dispose()
        stack = new_stack(database=url)
        with stack.job("ingest") as job, flowing(stack) as flow:
            for _ in range(2):
                stored = stack.count("trade_data")
                until(lambda: stack.count("trade_data") > stored + 300, job)  # noqa: B023 - awaited here
                told = troubles(job)
                server.kill()
                stack.engine.dispose()
                until(lambda: troubles(job) > told, job)  # noqa: B023 - awaited here
                server.start()
            stored = stack.count("trade_data")
            until(lambda: stack.count("trade_data") > stored + 300, job)
            sent = flow.stop()
            until(stack.caught_up, job)
        assert_every_trade_is_there_once(stack, sent)


def troubles(job: Job) -> int:
    """How often the job has told that the database is away."""
    said = job.log.read_text(errors="replace")
    return said.count("cannot be used now") + said.count("failed and will be started again")


def test_while_the_registry_is_down_known_schemas_go_on_and_unknown_ones_wait(
    new_stack: NewStack, pytestconfig: pytest.Config
) -> None:
    with own_server(pytestconfig, "schema_registry") as server:
        SchemaAdmin(server.endpoint).register()
        # Registered elsewhere, so the job has not seen it: our schema, but for a word in its doc.
        client = SchemaRegistryClient({"url": server.endpoint, "timeout": 10})
        text = schema_text(TRADES).replace("One trade as", "A trade as")
        other = client.register_schema("spark-tests-other", Schema(text, "AVRO"))
        stack = new_stack(registry_url=server.endpoint)
        some = trades(400)
        with stack.job("ingest") as job:
            stack.log.append(some[:100])
            until(lambda: stack.count("trade_data") == 100, job)
            server.kill()
            stack.log.append(some[100:200])
            until(lambda: stack.count("trade_data") == 200, job)
            value = stack.log.codec.encode(some[300])
            producer = Producer({"bootstrap.servers": stack.kafka})
            producer.produce(TRADES, value[:1] + other.to_bytes(4, "big") + value[5:], partition=0)
            assert producer.flush(30) == 0
            until(lambda: "did not answer" in job.words(), job)
            assert stack.count("dead_letter") == 0
            server.start()
            until(lambda: stack.count("trade_data") == 201, job)
        assert stack.count("dead_letter") == 0
