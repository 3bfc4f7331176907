"""The analytics job: what is derived from the log and the tables, candles, forecasts and sentiment. `cryptoviz analytics` runs it."""

import threading
from functools import partial

import structlog
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's own examples call it

from adapters.avro.schema_ids import SchemaIds
from adapters.sentiment.models import sentiment_model
from adapters.spark.decoding import EndMark, decoded
from adapters.spark.queries import Step
from application.ports.places import Place
from application.ports.store import Store, StoreUnavailable
from application.store import stored_up_to
from application.topics import ARTICLES, FEED_EVENTS, TRADES
from entrypoints.jobs.analytics_tasks import Touched, recount_and_forecast, score_articles, take_candles
from entrypoints.jobs.executor import Services
from entrypoints.jobs.tasks import place_after, records_of, run_tasks
from entrypoints.jobs.writers import Writers

log = structlog.get_logger(__name__)

_POLL_S = 0.2
_WAIT_AT_MOST_S = 60.0


def analytics_steps(services: Services, schema_ids: SchemaIds, store: Store, stop: threading.Event) -> list[Step]:
    """Each step reads its topics at its own pace, and keeps its own place among them.

    A sentiment model's step is named by its version: another one finds no checkpoint, and scores all articles again.
    """
    model = sentiment_model(services.sentiment_model).identity
    return [
        Step("candles", (TRADES, FEED_EVENTS), CandleBatches(services, schema_ids, store, stop)),
        Step(f"sentiment-{model.model}-{model.version}", (ARTICLES,), partial(_score, services)),
    ]


def _score(services: Services, batch: DataFrame) -> int:
    return records_of(run_tasks(batch, partial(score_articles, services)))


class CandleBatches:
    """Makes the candles that a batch's trades touch again, once the ingestion has stored those trades; then forecasts."""

    def __init__(self, services: Services, schema_ids: SchemaIds, store: Store, stop: threading.Event) -> None:
        self._services = services
        self._writers = Writers(schema_ids, [TRADES])
        self._store = store
        self._stop = stop
        self._end = EndMark.fresh()

    def __call__(self, batch: DataFrame) -> int:
        """Bring the candles up to the end of a batch. Raises StoreUnavailable, LogUnavailable, and what Spark raises."""
        trade = decoded(F.col("value"), TRADES, self._writers.of(TRADES), self._end, ("pair", "timestamp"))
        frame = batch.withColumn("trade", F.when(F.col("topic") == TRADES, trade))
        done = run_tasks(frame, partial(take_candles, self._services, self._end.value))
        touched: dict[str, set[int]] = {}
        for one in done:
            self._writers.learn(one.topic, one.other_schemas)
            for pair, minutes in one.minutes.items():
                touched.setdefault(pair, set()).update(minutes)
        if touched:
            self._wait_until_stored(place_after(done).within([TRADES]))
        # The pairs without trades too: their bars close by the clock.
        pairs = sorted({*map(str, self._services.pairs), *touched})
        self._recount(batch, [(pair, sorted(touched.get(pair, ()))) for pair in pairs])
        return records_of(done)

    def _recount(self, batch: DataFrame, touched: list[Touched]) -> None:
        pairs = batch.sparkSession.range(0, len(touched), 1, len(touched))  # a task each
        run_tasks(pairs, partial(recount_and_forecast, self._services, touched))

    def _wait_until_stored(self, place: Place) -> None:
        """The log is read by two jobs, each at its own pace: candles are made of what the other one has stored."""
        stored = Place({})
        for _ in range(int(_WAIT_AT_MOST_S / _POLL_S)):
            with self._store.begin() as tx:
                stored = stored_up_to(tx)
            if stored.reaches(place):
                return
            if self._stop.wait(_POLL_S):
                break
        raise StoreUnavailable(
            f"the trades up to {place.cursor} are not stored yet, only up to {stored.within([TRADES]).cursor}: "
            "candles wait for the ingestion job"
        )
