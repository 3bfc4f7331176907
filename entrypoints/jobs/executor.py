"""What a task needs, built once in each Python process of an executor from plain values that travel with the task."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine

from adapters.avro.codec import AvroCodec
from adapters.avro.errors import Undecodable
from adapters.forecasting.models import SERVED
from adapters.kafka.config import KafkaConfig
from adapters.kafka.event_log import KafkaEventLog
from adapters.kafka.schema_registry import RegistrySchemaIds
from adapters.sentiment.models import sentiment_model
from adapters.sql.engine import create_engine
from adapters.sql.market_reads import SqlMarketReads
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from application.analytics.forecasting import Forecasting
from application.failed_records import FailedRecords
from application.isolation import Failure, is_of_the_surroundings
from application.market.recompute import CandleRecount
from application.ports.clock import Clock
from application.ports.event_log import Position, Recorded, Unreadable
from application.ports.market_reads import MarketReads
from application.ports.sentiment_model import SentimentModel
from application.ports.telemetry import Telemetry
from application.store import ReadModels
from domain.admission import Admission
from domain.values import Origin, Pair
from entrypoints.logging import configure_logging

_CANDLES_BEHIND_AT_MOST = timedelta(seconds=15)  # a candle that has not grown for so long is closed


@dataclass(frozen=True, slots=True)
class Services:
    """Where a job's services are, whose data it is, and what is configured of it."""

    kafka_bootstrap_servers: str
    schema_registry_url: str
    database_url: str
    origin: Origin
    pairs: tuple[Pair, ...]
    sentiment_model: str


class Tally(Counter[str]):
    """Counts what a task did; the driver says it. See application.ports.telemetry.Telemetry."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        self[name] += int(amount)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """A task has no gauges."""


@dataclass(frozen=True, slots=True)
class Tools:
    """One Python process's own."""

    engine: Engine
    event_log: KafkaEventLog
    store: SqlStore
    reads: MarketReads
    codec: AvroCodec
    clock: Clock
    origin: Origin
    sentiment: SentimentModel
    forecasting: Forecasting
    recount: CandleRecount

    def read_models(self, telemetry: Telemetry) -> ReadModels:
        """Writes what records say."""
        return ReadModels(self.clock, telemetry, origin=self.origin)

    def failed_records(self, telemetry: Telemetry) -> FailedRecords:
        """Sets aside what a task of the analytics could not process."""
        return FailedRecords(self.event_log, self.clock, telemetry, origin=self.origin)

    def read(self, batch: Any) -> Iterator[Recorded | Unreadable]:
        """The records of an Arrow batch with topic, partition, offset and value, one by one, each with its reason.

        Raises LogUnavailable when the registry would have to be asked and does not answer.
        """
        admission = Admission(self.clock.now())
        columns = (batch.column(name).to_pylist() for name in ("topic", "partition", "offset", "value"))
        for topic, partition, offset, value in zip(*columns, strict=True):
            position, raw = Position(f"{topic}/{partition}", offset), value or b""
            try:
                event = self.codec.decode(topic, raw)
                reason = admission.refusal(event)
            except Undecodable as error:
                yield Unreadable(position, topic, raw, str(error))
                continue
            except Exception as error:  # whatever a record may cause
                if is_of_the_surroundings(error):
                    raise
                yield Unreadable(position, topic, raw, Failure.of(error).reason)
                continue
            yield Unreadable(position, topic, raw, reason) if reason else Recorded(position, topic, event)


@lru_cache(maxsize=1)
def tools(services: Services) -> Tools:
    """This process's tools; connections stay open from task to task."""
    configure_logging()
    engine, clock = create_engine(services.database_url), SystemClock()
    config = KafkaConfig(services.kafka_bootstrap_servers, services.pairs)
    event_log = KafkaEventLog(config, RegistrySchemaIds(services.schema_registry_url), clock)
    store, reads = SqlStore(engine), SqlMarketReads(engine)
    return Tools(
        recount=CandleRecount(store, reads),
        engine=engine,
        event_log=event_log,
        store=store,
        reads=reads,
        codec=event_log.codec,
        clock=clock,
        origin=services.origin,
        sentiment=sentiment_model(services.sentiment_model),
        forecasting=Forecasting(
            event_log,
            store,
            reads,
            clock,
            SERVED,
            FailedRecords(event_log, clock, Tally(), origin=services.origin),
            origin=services.origin,
            clock_grace=_CANDLES_BEHIND_AT_MOST,
        ),
    )
