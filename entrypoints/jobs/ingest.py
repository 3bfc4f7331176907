"""The ingestion job: Kafka -> tables, by Spark Structured Streaming. `cryptoviz ingest` runs it."""

from collections.abc import Sequence
from functools import partial

import structlog
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's own examples call it

from adapters.avro.schema_ids import SchemaIds
from adapters.spark.decoding import EndMark, decoded
from adapters.spark.queries import Step
from application.topics import ANALYTICS_EVENTS, ARTICLES, DEAD_LETTERS, FEED_EVENTS, TICKERS, TRADES
from entrypoints.jobs.executor import Services
from entrypoints.jobs.ingest_tasks import store_market, store_rest
from entrypoints.jobs.tasks import Done, records_of, run_tasks
from entrypoints.jobs.writers import Writers

log = structlog.get_logger(__name__)


def ingestion_steps(services: Services, schema_ids: SchemaIds) -> list[Step]:
    """The many by columns, the few record by record. Alerts are not here: who raises them writes them to the tables."""
    return [
        Step("market", (TRADES, TICKERS), MarketBatches(services, schema_ids)),
        Step("rest", (ARTICLES, FEED_EVENTS, ANALYTICS_EVENTS, DEAD_LETTERS), partial(_store_rest, services)),
    ]


class MarketBatches:
    """Stores batches of trades and tickers; learns the schemas that they were written with as they come."""

    def __init__(self, services: Services, schema_ids: SchemaIds) -> None:
        self._services = services
        self._writers = Writers(schema_ids, (TRADES, TICKERS))
        self._end = EndMark.fresh()

    def __call__(self, batch: DataFrame) -> int:
        """Store a batch. Raises LogUnavailable, and what Spark raises."""
        value, topic = F.col("value"), F.col("topic")
        trade, ticker = (decoded(value, name, self._writers.of(name), self._end) for name in (TRADES, TICKERS))
        frame = batch.select(
            "*", F.when(topic == TRADES, trade).alias("trade"), F.when(topic == TICKERS, ticker).alias("ticker")
        )
        done = run_tasks(frame, partial(store_market, self._services, self._end.value))
        for one in done:
            self._writers.learn(one.topic, one.other_schemas)
        _say(done)
        return records_of(done)


def _store_rest(services: Services, batch: DataFrame) -> int:
    done = run_tasks(batch, partial(store_rest, services))
    _say(done)
    return records_of(done)


def _say(done: Sequence[Done]) -> None:
    refused = sum(one.dead_letters for one in done)
    if refused:
        log.warning("records were refused; see `cryptoviz dead-letters list`", count=refused)
