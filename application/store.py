"""From the log to the read models: one batch of the log, one transaction of the store, the reader's place with it."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from application.dead_letters import APPLY, LOG_RECORD, letter_of, letter_of_failed
from application.isolation import Failed, is_of_the_surroundings, isolate
from application.ports.checkpoints import Checkpoint, CheckpointReads
from application.ports.clock import Clock
from application.ports.event_log import (
    BEGINNING,
    Cursor,
    CursorTooOld,
    EventLog,
    LogReader,
    Place,
    Recorded,
    Unreadable,
)
from application.ports.store import Store, Transaction
from application.ports.telemetry import Telemetry
from application.topics import ANALYTICS_EVENTS, ARTICLES, DEAD_LETTERS, EVENTS_OF, FEED_EVENTS, TICKERS, TRADES
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge, replaced, roll_up, storable
from domain.market.feed_health import FeedHealth, evolve_feed, feed_name
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ARTICLE_EVENTS
from domain.values import Origin, Pair

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

READER = "store"
INGESTION = "ingest:"  # the readers of a log with partitions, one for each: `ingest:rawtrade/0`
TOPICS = (TICKERS, TRADES, ARTICLES, FEED_EVENTS, ANALYTICS_EVENTS, DEAD_LETTERS)
_FEED_KINDS = frozenset(EVENTS_OF[FEED_EVENTS]) - {CandleImported}
_INTERVALS = tuple(Interval)
_BATCH = 5_000
_ANSWER_S = 1.0  # for a log on other machines
_GATHER_S = 0.2  # what comes meanwhile is one transaction


def stored_up_to(places: CheckpointReads) -> Place:
    """How far the tables are with the log, whoever fills them: this projection, or the ingestion's tasks."""
    own = places.checkpoints(READER).get(READER)
    place = Place.at(own.cursor) if own else Place({})
    for checkpoint in places.checkpoints(INGESTION).values():
        place = place.joined(Place.at(checkpoint.cursor))
    return place


def read_up_to(
    event_log: EventLog, topics: Collection[str], after: Place, until: Place
) -> Iterator[Recorded | Unreadable]:
    """The records of `topics` after one place and up to another, as far as they are retained. Raises LogUnavailable."""
    until = until.within(topics)
    place = after.within(topics)
    if place.reaches(until):
        return
    with reader_from(event_log, topics, place.cursor) as reader:
        while not place.reaches(until):
            records = reader.read(limit=_BATCH, timeout_s=1.0)
            yield from (record for record in records if until.covers(record.position))
            place = place.joined(Place.at(reader.cursor))


def reader_from(event_log: EventLog, topics: Collection[str], after: Cursor) -> LogReader:
    """Read on after a place; from the oldest one that is left, and saying so, where that has been deleted unread."""
    try:
        return event_log.reader(topics, after=after)
    except CursorTooOld as error:
        oldest = Place.at(error.oldest).within(topics).cursor
    log.error("the log has deleted records that were not read", topics=sorted(topics), reading_from=oldest)
    return event_log.reader(topics, after=oldest)


class ReadModels:
    """Writes what records of the log say into a store's transaction."""

    def __init__(self, clock: Clock, telemetry: Telemetry, *, origin: Origin) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._origin = origin

    def apply(self, records: Sequence[Recorded | Unreadable], tx: Transaction) -> None:
        """Write what a batch of records says. Idempotent, and independent of how the log is cut into batches."""
        by_kind: dict[type[Event], list[Event]] = {}
        letters: list[DeadLettered] = []
        for record in records:
            if isinstance(record, Recorded):
                by_kind.setdefault(type(record.event), []).append(record.event)
            else:
                letters.append(self._letter(record))
        tx.add_tickers(_only(by_kind, TickerUpdated))
        _fold_trades(tx.add_trades(_only(by_kind, TradeExecuted)), tx)
        fold_imported(_only(by_kind, CandleImported), tx)
        tx.add_articles([article for kind in ARTICLE_EVENTS for article in _only(by_kind, kind)])
        tx.add_sentiments(_only(by_kind, SentimentScored))
        tx.add_forecasts([*_only(by_kind, ForecastIssued), *_only(by_kind, ForecastScored)])
        _fold_feeds([record.event for record in records if isinstance(record, Recorded)], tx)
        tx.add_dead_letters([*_only(by_kind, DeadLettered), *letters])
        tx.settle_dead_letters(_only(by_kind, DeadLetterSettled))

    def apply_each(
        self,
        records: Sequence[Recorded | Unreadable],
        tx: Transaction,
        reader: str,
        value_of: Callable[[Event], bytes],
        apply: Callable[[Sequence[Recorded | Unreadable], Transaction], None] | None = None,
    ) -> Sequence[Failed[Recorded | Unreadable]]:
        """Write what a batch says, after it could not be written as a whole: a record that fails alone is a dead letter.

        Returns those that failed. `value_of` gives an event's bytes; `apply` writes instead of this class's own. Raises
        StoreUnavailable, LogUnavailable.
        """

        def attempt(part: Sequence[Recorded | Unreadable]) -> None:
            with tx.savepoint():
                (apply or self.apply)(part, tx)

        failed = isolate(records, attempt)
        now = self._clock.now()
        tx.add_dead_letters([self._letter_of_failed(one, reader, value_of, now) for one in failed])
        return failed

    def _letter_of_failed(
        self, failed: Failed[Recorded | Unreadable], reader: str, value_of: Callable[[Event], bytes], now: datetime
    ) -> DeadLettered:
        self._telemetry.count("dead_letters", kind=APPLY)
        log.error(
            "a record of the log could not be processed", reader=reader, topic=failed.record.topic,
            at=str(failed.record.position), reason=failed.failure.reason, location=failed.failure.location,
        )  # fmt: skip
        return letter_of_failed(failed, reader, value_of, now=now, origin=self._origin)

    def _letter(self, record: Unreadable) -> DeadLettered:
        self._telemetry.count("dead_letters", kind=LOG_RECORD)
        log.error("a record of the log was refused", topic=record.topic, at=str(record.position), reason=record.reason)
        return letter_of(record, now=self._clock.now(), origin=self._origin)


class StoreProjection(ReadModels):
    """Keeps the read models up with the log. Each batch is applied once, however often it is read."""

    def __init__(
        self, event_log: EventLog, store: Store, clock: Clock, telemetry: Telemetry, *, origin: Origin
    ) -> None:
        super().__init__(clock, telemetry, origin=origin)
        self._log = event_log
        self._store = store

    def run(self, stop: threading.Event) -> None:
        """Apply what comes until `stop` is set."""
        with self._reader() as reader:
            while not stop.is_set():
                if self._apply_next(reader, timeout_s=0.25) < _BATCH:
                    stop.wait(_GATHER_S)

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Apply all that the log holds now; returns how many records that was."""
        applied = 0
        head = Place.at(self._log.head()).within(TOPICS)
        with self._reader() as reader:
            while True:
                # A log on other machines has nothing ready at once: its head says whether there is more.
                is_there = Place.at(reader.cursor).reaches(head)
                count = self._apply_next(reader, timeout_s=0 if is_there else _ANSWER_S)
                if is_there and not count:
                    return applied
                applied += count
                if progress and count:
                    progress(count)

    def _reader(self) -> LogReader:
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(READER)
        return reader_from(self._log, TOPICS, checkpoint.cursor if checkpoint else BEGINNING)

    def _apply_next(self, reader: LogReader, *, timeout_s: float) -> int:
        records = reader.read(limit=_BATCH, timeout_s=timeout_s)
        if records:
            self._apply_batch(records, Checkpoint(reader.cursor))
            counts = Counter((r.event.name, r.event.origin) for r in records if isinstance(r, Recorded))
            for (kind, origin), count in counts.items():
                self._telemetry.count("events", count, kind=kind, origin=origin)
        return len(records)

    def _apply_batch(self, records: Sequence[Recorded | Unreadable], checkpoint: Checkpoint) -> None:
        try:
            with self._store.begin() as tx:
                self.apply(records, tx)
                tx.save_checkpoint(READER, checkpoint)
        except Exception as error:  # whatever a record may cause
            if is_of_the_surroundings(error):
                raise
            with self._store.begin() as tx:
                self.apply_each(records, tx, READER, self._log.value_of)
                tx.save_checkpoint(READER, checkpoint)


def _only(by_kind: dict[type[Event], list[Event]], kind: type[E]) -> list[E]:
    return by_kind.get(kind, [])  # type: ignore[return-value]  # filed under their own type above


def _fold_trades(trades: Sequence[TradeExecuted], tx: Transaction) -> None:
    """Merge the candles of trades that were not stored before into the stored ones, in all intervals."""
    if trades:
        minutes = candles_of(trades)
        _merge_into([*minutes, *(c for _, longer in _rolled_up(minutes, Interval.M1) for c in longer)], tx)


def fold_imported(imported: Sequence[CandleImported], tx: Transaction) -> None:
    """Merge a venue's own candles, and roll them up where nothing better is known of a longer bucket."""
    _merge_into([event.candle() for event in imported], tx)
    series: dict[tuple[Pair, Interval], set[datetime]] = {}
    for event in imported:
        series.setdefault((event.pair, event.interval), set()).add(event.start)
    for (pair, interval), starts in series.items():
        _roll_up_imported(pair, interval, starts, tx)


def _roll_up_imported(pair: Pair, interval: Interval, starts: Collection[datetime], tx: Transaction) -> None:
    first, last = Interval.D1.start_of(min(starts)), Interval.D1.start_of(max(starts)) + Interval.D1.length
    parts = [replace(c, source=CandleSource.ROLLED_UP) for c in tx.candles_between(pair, interval, first, last)]
    for longer, candles in _rolled_up(parts, interval):
        starts = {longer.start_of(start) for start in starts}
        _merge_into([candle for candle in candles if candle.start in starts], tx)


def _rolled_up(candles: Sequence[Candle], interval: Interval) -> Iterator[tuple[Interval, Sequence[Candle]]]:
    """The candles of each longer interval. Joining has no order: each is made from the fewer ones of the interval before."""
    for longer in _INTERVALS[_INTERVALS.index(interval) + 1 :]:
        candles = roll_up(candles, longer)
        yield longer, candles


def _merge_into(partial: Sequence[Candle], tx: Transaction) -> None:
    present = tx.candles({candle.bucket for candle in partial})
    merged = dict(present)
    for candle in partial:
        known = merged.get(candle.bucket)
        merged[candle.bucket] = candle if known is None else merge(known, candle)
    tx.put_candles([storable(candle) for bucket, candle in merged.items() if candle != present.get(bucket)])
    tx.keep_replaced(replaced([*present.values(), *partial], merged))


def _fold_feeds(events: Iterable[Event], tx: Transaction) -> None:
    new = tx.add_feed_events([event for event in events if type(event) in _FEED_KINDS])
    names = {name for event in new if (name := feed_name(event))}
    if not names:
        return
    health: dict[str, FeedHealth] = tx.feed_health(names)
    for event in new:
        name = feed_name(event)
        after = evolve_feed(health.get(name), event) if name else None
        if name and after:
            health[name] = after
    tx.put_feed_health([health[name] for name in names])
