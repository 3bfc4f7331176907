"""The analytics' tasks: which minutes a batch's trades touch, candles made again, forecasts, and scores of articles."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.avro.values import micros
from adapters.spark.sift import sift_moments
from application.analytics.sentiment import reader_name, score_each
from application.isolation import is_of_the_surroundings, isolate
from application.market.recompute import CANDLES
from application.ports.event_log import Recorded, Unreadable
from application.ports.store import Transaction
from application.store import fold_imported
from application.topics import FEED_EVENTS, TRADES
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import Pair
from entrypoints.jobs.executor import Services, Tally, Tools, tools
from entrypoints.jobs.tasks import FRAME, Done, Reading, told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Touched = tuple[str, list[int]]
"""A pair, and its minutes' starts in microseconds since 1970."""


def take_candles(services: Services, end: bytes, batches: Iterable[Any]) -> Iterator[Any]:
    """Merge the imported candles among feed events, and tell which minutes the trades (`trade`: pair, time) touch.

    An imported candle that cannot be merged becomes a dead letter. Trades that cannot be are the ingestion's to keep.
    """
    own, reading = tools(services), Reading()
    touched: dict[str, set[int]] = {}
    imported: dict[Pair, list[Recorded | Unreadable]] = {}
    for batch in batches:
        reading.note(batch)
        of_trades = pc.equal(batch.column("topic"), TRADES)
        _touch(own, batch.filter(of_trades), end, touched, reading)
        for record in own.read(batch.select(FRAME).filter(pc.equal(batch.column("topic"), FEED_EVENTS))):
            if isinstance(record, Recorded) and isinstance(record.event, CandleImported):
                imported.setdefault(record.event.pair, []).append(record)
    for records in imported.values():
        _merge_imported(own, records)
    done = reading.done
    if done:
        done[0].minutes = {pair: sorted(minutes) for pair, minutes in touched.items()}
    yield from told(done)


def _merge_imported(own: Tools, records: Sequence[Recorded | Unreadable]) -> None:
    try:
        with own.store.begin() as tx:
            _fold_imported(records, tx)
    except Exception as error:  # whatever a record may cause
        if is_of_the_surroundings(error):
            raise
        with own.store.begin() as tx:
            own.read_models(Tally()).apply_each(records, tx, CANDLES, own.event_log.value_of, _fold_imported)


def _fold_imported(records: Sequence[Recorded | Unreadable], tx: Transaction) -> None:
    events = [record.event for record in records if isinstance(record, Recorded)]
    fold_imported([event for event in events if isinstance(event, CandleImported)], tx)


def _touch(own: Tools, trades: Any, end: bytes, touched: dict[str, set[int]], reading: Reading) -> None:
    if not len(trades):
        return
    try:
        sifted = sift_moments(trades.column("trade"), end=end, now=own.clock.now())
        moments = pa.table({"pair": sifted.pairs, "minute": sifted.minutes}).group_by(["pair", "minute"]).aggregate([])
        found, doubts = moments.to_pylist(), sifted.doubtful
    except Exception as error:  # whatever a record may cause: each gets the second look
        if is_of_the_surroundings(error):
            raise
        found, doubts = [], np.ones(len(trades), np.bool_)
    for moment in found:
        touched.setdefault(moment["pair"], set()).add(moment["minute"])
    if not np.any(doubts):
        return
    doubtful = trades.select(FRAME).filter(pa.array(doubts))
    for record, raw in zip(own.read(doubtful), doubtful.column("value").to_pylist(), strict=True):
        reading.seen_again(record, raw)
        if isinstance(record, Recorded) and isinstance(record.event, TradeExecuted):
            minute = micros(Interval.M1.start_of(record.event.occurred_at))
            touched.setdefault(record.event.pair, set()).add(minute)


def recount_and_forecast(services: Services, touched: Sequence[Touched], batches: Iterable[Any]) -> Iterator[Any]:
    """Make the candles of the touched pairs whose numbers come in, in a column `id`; then forecast from those that closed.

    A minute whose candle cannot be made becomes a dead letter; the others go on.
    """
    own = tools(services)
    for batch in batches:
        for number in batch.column("id").to_pylist():
            name, minutes = touched[number]
            pair = Pair(name)
            changed = _recount(own, pair, minutes) if minutes else 0
            if pair in services.pairs:
                while own.forecasting.advance_apart(pair):
                    pass
            yield from told([Done("candles", number, last=0, records=len(minutes), stored=changed)])


def _recount(own: Tools, pair: Pair, minutes: Sequence[int]) -> int:
    changed = 0

    def attempt(part: Sequence[int]) -> None:
        nonlocal changed
        changed += own.recount.recount(pair, {_EPOCH + timedelta(microseconds=minute) for minute in part})

    failed_records = own.failed_records(Tally())
    for one in isolate(minutes, attempt):
        place = f"{CANDLES}/{pair}/{Interval.M1.value}"
        failed_records.set_aside_from(place, one.record // 1_000_000, b"", one.failure, CANDLES)
    for refused in own.recount.take_refused():
        place = f"{CANDLES}/{pair}/{refused.candle.interval.value}"
        start = micros(refused.candle.start) // 1_000_000
        failed_records.set_aside_from(place, start, b"", refused.failure, CANDLES)
    return changed


def score_articles(services: Services, batches: Iterable[Any]) -> Iterator[Any]:
    """Score the articles of a partition; one that fails becomes a dead letter.

    What cannot be read, the ingestion keeps as dead letters.
    """
    own, reading = tools(services), Reading()
    for batch in batches:
        reading.note(batch)
        failed = score_each(list(own.read(batch)), own.sentiment, own.event_log, own.clock.now())
        own.failed_records(Tally()).set_aside(failed, reader_name(own.sentiment))
    yield from told(reading.done)
