"""The analytics' tasks: which minutes a batch's trades touch, candles made again, forecasts, and scores of articles."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.avro.values import micros
from adapters.spark.sift import sift_moments
from application.analytics.sentiment import scores_of
from application.market.recompute import CandleRecount
from application.ports.event_log import Recorded
from application.store import fold_imported
from application.topics import FEED_EVENTS, TRADES
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.values import Pair
from entrypoints.jobs.executor import Services, Tools, tools
from entrypoints.jobs.tasks import Done, Reading, told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRAME = ("topic", "partition", "offset", "value")

Touched = tuple[str, list[int]]
"""A pair, and its minutes' starts in microseconds since 1970."""


def take_candles(services: Services, end: bytes, batches: Iterable[Any]) -> Iterator[Any]:
    """Merge the imported candles among feed events, and tell which minutes the trades (`trade`: pair, time) touch."""
    own, reading = tools(services), Reading()
    touched: dict[str, set[int]] = {}
    imported: dict[Pair, list[CandleImported]] = {}
    for batch in batches:
        reading.note(batch)
        of_trades = pc.equal(batch.column("topic"), TRADES)
        _touch(own, batch.filter(of_trades), end, touched, reading)
        for record in own.read(batch.select(_FRAME).filter(pc.equal(batch.column("topic"), FEED_EVENTS))):
            if isinstance(record, Recorded) and isinstance(record.event, CandleImported):
                imported.setdefault(record.event.pair, []).append(record.event)
    for events in imported.values():
        with own.store.begin() as tx:
            fold_imported(events, tx)
    done = reading.done
    if done:
        done[0].minutes = {pair: sorted(minutes) for pair, minutes in touched.items()}
    yield from told(done)


def _touch(own: Tools, trades: Any, end: bytes, touched: dict[str, set[int]], reading: Reading) -> None:
    if not len(trades):
        return
    sifted = sift_moments(trades.column("trade"), end=end, now=own.clock.now())
    moments = pa.table({"pair": sifted.pairs, "minute": sifted.minutes}).group_by(["pair", "minute"]).aggregate([])
    for moment in moments.to_pylist():
        touched.setdefault(moment["pair"], set()).add(moment["minute"])
    if not np.any(sifted.doubtful):
        return
    doubtful = trades.select(_FRAME).filter(pa.array(sifted.doubtful))
    for record, raw in zip(own.read(doubtful), doubtful.column("value").to_pylist(), strict=True):
        reading.seen_again(record, raw)
        if isinstance(record, Recorded) and isinstance(record.event, TradeExecuted):
            minute = micros(Interval.M1.start_of(record.event.occurred_at))
            touched.setdefault(record.event.pair, set()).add(minute)


def recount_and_forecast(services: Services, touched: Sequence[Touched], batches: Iterable[Any]) -> Iterator[Any]:
    """Make the candles of the touched pairs whose numbers come in, in a column `id`; then forecast from those that closed."""
    own = tools(services)
    recount = CandleRecount(own.store, own.reads)
    for batch in batches:
        for number in batch.column("id").to_pylist():
            name, minutes = touched[number]
            pair, changed = Pair(name), 0
            if minutes:
                changed = recount.recount(pair, {_EPOCH + timedelta(microseconds=minute) for minute in minutes})
            if pair in services.pairs:
                while own.forecasting.advance(pair):
                    pass
            yield from told([Done("candles", number, last=0, records=len(minutes), stored=changed)])


def score_articles(services: Services, batches: Iterable[Any]) -> Iterator[Any]:
    """Score the articles of a partition; what cannot be read, the ingestion keeps as dead letters."""
    own, reading = tools(services), Reading()
    for batch in batches:
        reading.note(batch)
        events = [record.event for record in own.read(batch) if isinstance(record, Recorded)]
        articles = [event for event in events if isinstance(event, ArticlePublished)]
        own.event_log.append(scores_of(articles, own.sentiment))
    yield from told(reading.done)
