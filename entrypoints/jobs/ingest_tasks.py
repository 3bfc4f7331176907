"""The ingestion's tasks: a partition of a topic -> rows, dead letters and the place after them, in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from adapters.spark.sift import Sifted, sift_tickers, sift_trades
from adapters.sql.store import SqlTransaction
from application.isolation import Failure, is_of_the_surroundings
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Recorded, Unreadable
from application.ports.places import Place
from application.ports.store import Transaction
from application.store import INGESTION, READER
from application.topics import TICKERS, TRADES
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from entrypoints.jobs.executor import Services, Tally, Tools, tools
from entrypoints.jobs.market_rows import add_tickers, add_trades
from entrypoints.jobs.tasks import FRAME, Done, Reading, SourceFailed, kept, told

log = structlog.get_logger(__name__)


@dataclass
class _Taken:
    """What a task has read: good rows by topic, and what was looked at one by one."""

    reading: Reading = field(default_factory=Reading)
    rows: dict[str, list[Any]] = field(default_factory=dict)
    looked_at: list[Recorded | Unreadable] = field(default_factory=list)


def store_market(services: Services, end: bytes, batches: Iterable[Any]) -> Iterator[Any]:
    """Trades and tickers: a frame's columns, and `trade` and `ticker` as Spark decoded them."""

    def store(own: Tools, whole: Iterator[Any]) -> list[Done]:
        taken = _Taken()
        now = own.clock.now()
        for batch in whole:
            taken.reading.note(batch)
            for topic, column, sift in ((TRADES, "trade", sift_trades), (TICKERS, "ticker", sift_tickers)):
                of_topic = pc.equal(batch.column("topic"), topic)
                part = batch if of_topic.true_count == len(batch) else batch.filter(of_topic)
                if len(part):
                    sifted: Sifted = sift(part.column(column), end=end, now=now)
                    taken.rows.setdefault(topic, []).append(sifted.rows)
                    _look_again(own, part, sifted, taken)
        return _store(own, taken)

    yield from told(_stored(tools(services), batches, store))


def store_rest(services: Services, batches: Iterable[Any]) -> Iterator[Any]:
    """All other topics, record by record; imported candles are left to the analytics job, which makes candles."""

    def store(own: Tools, whole: Iterator[Any]) -> list[Done]:
        taken = _Taken()
        for batch in whole:
            taken.reading.note(batch)
            taken.looked_at += (record for record in own.read(batch) if not _is_imported_candle(record))
        return _store(own, taken)

    yield from told(_stored(tools(services), batches, store))


def _stored(own: Tools, batches: Iterable[Any], store: Callable[[Tools, Iterator[Any]], list[Done]]) -> list[Done]:
    """Store a partition as a whole; where that fails, record by record, and those that fail alone are dead letters."""
    frames: list[Any] = []
    whole = kept(batches, frames)
    try:
        return store(own, whole)
    except SourceFailed:
        raise
    except Exception as error:  # whatever a record may cause
        if is_of_the_surroundings(error):
            raise
        log.warning("a batch is stored record by record", reason=Failure.of(error).reason)
    for _ in whole:
        pass  # the rest of it goes into `frames`
    return _store_each(own, frames)


def _store_each(own: Tools, frames: Sequence[Any]) -> list[Done]:
    tally, reading = Tally(), Reading()
    for frame in frames:
        reading.note(frame)
    records = [record for frame in frames for record in own.read(frame) if not _is_imported_candle(record)]
    models = own.read_models(tally)

    def apply(part: Sequence[Recorded | Unreadable], tx: Transaction) -> None:
        events = [record.event for record in part if isinstance(record, Recorded)]
        tx.add_tickers([event for event in events if isinstance(event, TickerUpdated)])
        trades = tx.add_trades([event for event in events if isinstance(event, TradeExecuted)])
        models.apply([record for record in part if not _is_of_market(record)], tx)
        tally.count(TRADES, len(trades))

    with own.store.begin() as tx:
        failed = models.apply_each(records, tx, READER, own.event_log.value_of, apply)
        _save_places(tx, reading.done)
    refused = [record for record in records if isinstance(record, Unreadable)] + [one.record for one in failed]
    for one in reading.done:
        one.stored = tally[one.topic]
        one.dead_letters = sum(record.position.partition == one.name for record in refused)
    return reading.done


def _is_imported_candle(record: Recorded | Unreadable) -> bool:
    return isinstance(record, Recorded) and isinstance(record.event, CandleImported)


def _is_of_market(record: Recorded | Unreadable) -> bool:
    return isinstance(record, Recorded) and isinstance(record.event, TickerUpdated | TradeExecuted)


def _look_again(own: Tools, part: Any, sifted: Sifted, taken: _Taken) -> None:
    if not sifted.doubtful.any():
        return
    doubtful = part.select(FRAME).filter(pa.array(sifted.doubtful))
    for record, raw in zip(own.read(doubtful), doubtful.column("value").to_pylist(), strict=True):
        taken.looked_at.append(record)
        taken.reading.seen_again(record, raw)


def _store(own: Tools, taken: _Taken) -> list[Done]:
    tally = Tally()
    good = [record.event for record in taken.looked_at if isinstance(record, Recorded)]
    tickers = [event for event in good if isinstance(event, TickerUpdated)]
    trades = [event for event in good if isinstance(event, TradeExecuted)]
    others = [record for record in taken.looked_at if not _is_of_market(record)]
    done = taken.reading.done
    if not done:
        return []
    with own.store.begin() as tx:
        # The locks in one order, tickers' before trades', each kind's pairs all at once.
        if TICKERS in taken.rows:
            added = add_tickers(tx.connection, pa.Table.from_batches(taken.rows[TICKERS]), {t.pair for t in tickers})
            tally.count(TICKERS, added)
            tx.add_tickers(tickers)
        if TRADES in taken.rows:
            added = add_trades(tx.connection, pa.Table.from_batches(taken.rows[TRADES]), {t.pair for t in trades})
            tally.count(TRADES, added + len(tx.add_trades(trades)))
        own.read_models(tally).apply(others, tx)
        _save_places(tx, done)
    for one in done:
        one.stored = tally[one.topic]
        one.dead_letters = sum(isinstance(r, Unreadable) and r.position.partition == one.name for r in taken.looked_at)
    return done


def _save_places(tx: SqlTransaction, done: Sequence[Done]) -> None:
    for one in done:
        tx.save_checkpoint(INGESTION + one.name, Checkpoint(Place({one.name: one.last}).cursor))
