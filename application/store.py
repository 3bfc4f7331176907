"""From the log to the read models: one batch of the log, one transaction of the store, the reader's place with it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, Cursor, EventLog, LogReader, Recorded, Unreadable
from application.ports.store import Bucket, Store, Transaction
from application.ports.telemetry import Telemetry
from application.topics import ANALYTICS_EVENTS, ARTICLES, DEAD_LETTERS, EVENTS_OF, FEED_EVENTS, TICKERS, TRADES
from domain.alerting.alert import fold_alert
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge, roll_up
from domain.market.feed_health import FeedHealth, evolve_feed, feed_name
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.values import Origin, Pair

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

READER = "store"
_TOPICS = (TICKERS, TRADES, ARTICLES, FEED_EVENTS, ANALYTICS_EVENTS, DEAD_LETTERS)
_FEED_KINDS = frozenset(EVENTS_OF[FEED_EVENTS]) - {CandleImported}
_INTERVALS = tuple(Interval)
_BATCH = 5_000


class StoreProjection:
    """Keeps the read models up with the log. Each batch is applied once, however often it is read."""

    def __init__(
        self, event_log: EventLog, store: Store, clock: Clock, telemetry: Telemetry, *, origin: Origin
    ) -> None:
        self._log = event_log
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._origin = origin

    def run(self, stop: threading.Event) -> None:
        """Apply what comes until `stop` is set."""
        with self._reader() as reader:
            while not stop.is_set():
                self._apply_next(reader, timeout_s=0.25)

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Apply all that the log holds now; returns how many records that was."""
        applied = 0
        with self._reader() as reader:
            while count := self._apply_next(reader, timeout_s=0):
                applied += count
                if progress:
                    progress(count)
        return applied

    def rebuild(self, progress: Callable[[int], None] | None = None) -> int:
        """Delete the read models and make them again from the log and the event store."""
        with self._store.begin() as tx:
            tx.clear_read_models()
            tx.save_checkpoint(READER, Checkpoint(BEGINNING))
            tx.put_alerts([alert for events in tx.load_all("alert:").values() if (alert := fold_alert(events))])
        return self.catch_up(progress)

    def _reader(self) -> LogReader:
        with self._store.begin() as tx:
            checkpoint = tx.checkpoint(READER)
        return self._log.reader(_TOPICS, after=checkpoint.cursor if checkpoint else BEGINNING)

    def _apply_next(self, reader: LogReader, *, timeout_s: float) -> int:
        records = reader.read(limit=_BATCH, timeout_s=timeout_s)
        if records:
            with self._store.begin() as tx:
                self.apply(records, tx)
                tx.save_checkpoint(READER, Checkpoint(reader.cursor))
            counts = Counter((r.event.name, r.event.origin) for r in records if isinstance(r, Recorded))
            for (kind, origin), count in counts.items():
                self._telemetry.count("events", count, kind=kind, origin=origin)
        return len(records)

    def apply(self, records: Sequence[Recorded | Unreadable], tx: Transaction) -> None:
        """Write what a batch of records says. Idempotent, and independent of how the log is cut into batches."""
        by_kind: dict[type[Event], list[Event]] = {}
        cursors: dict[int, Cursor] = {}
        letters: list[DeadLettered] = []
        for record in records:
            if isinstance(record, Unreadable):
                letters.append(self._letter(record))
                continue
            by_kind.setdefault(type(record.event), []).append(record.event)
            cursors[id(record.event)] = record.cursor
        tx.add_tickers(_only(by_kind, TickerUpdated))
        new_trades = tx.add_trades(_only(by_kind, TradeExecuted))
        _fold_trades(new_trades, cursors, tx)
        _fold_imported(_only(by_kind, CandleImported), cursors, tx)
        tx.add_articles(_only(by_kind, ArticlePublished))
        tx.add_sentiments(_only(by_kind, SentimentScored))
        tx.add_forecasts([*_only(by_kind, ForecastIssued), *_only(by_kind, ForecastScored)])
        _fold_feeds([record.event for record in records if isinstance(record, Recorded)], tx)
        tx.add_dead_letters([*_only(by_kind, DeadLettered), *letters])
        tx.settle_dead_letters(_only(by_kind, DeadLetterSettled))

    def _letter(self, record: Unreadable) -> DeadLettered:
        self._telemetry.count("dead_letters", kind="log-record")
        log.error("a record of the log is unreadable", topic=record.topic, cursor=record.cursor, reason=record.reason)
        now = self._clock.now()
        return DeadLettered(
            kind="log-record",
            place=f"{record.topic}@{record.cursor}",
            reason=record.reason,
            raw=record.raw,
            offset=0,  # the place says it all: reading the record again gives the same letter
            occurred_at=now,
            recorded_at=now,
            origin=self._origin,
        )


def _only(by_kind: dict[type[Event], list[Event]], kind: type[E]) -> list[E]:
    return by_kind.get(kind, [])  # type: ignore[return-value]  # filed under their own type above


def _fold_trades(trades: Sequence[TradeExecuted], cursors: dict[int, Cursor], tx: Transaction) -> None:
    """Merge the candles of trades that were not stored before into the stored ones, in all intervals."""
    if not trades:
        return
    minutes = candles_of(trades)
    last_in_minute = {(trade.pair, int(trade.occurred_at.timestamp()) // 60): n for n, trade in enumerate(trades)}
    last_touch: dict[Bucket, int] = {}
    partial = list(minutes)
    for interval in _INTERVALS:
        if interval is not Interval.M1:
            partial += roll_up(minutes, interval)
        for (pair, minute), index in last_in_minute.items():
            bucket = (pair, interval, interval.start_of(datetime.fromtimestamp(minute * 60, UTC)))
            last_touch[bucket] = max(index, last_touch.get(bucket, -1))
    _merge_into(partial, {bucket: cursors[id(trades[index])] for bucket, index in last_touch.items()}, tx)


def _fold_imported(imported: Sequence[CandleImported], cursors: dict[int, Cursor], tx: Transaction) -> None:
    """Merge a venue's own candles, and roll them up where nothing better is known of a longer bucket."""
    groups: dict[tuple[Pair, Interval], dict[Bucket, Cursor]] = {}
    for event in imported:
        # Taken out and put back: groups stand in the order of their last events, however the log is cut into batches.
        group = groups.pop((event.pair, event.interval), {})
        group[event.pair, event.interval, event.start] = cursors[id(event)]
        groups[event.pair, event.interval] = group
    _merge_into(
        [event.candle() for event in imported], {b: c for group in groups.values() for b, c in group.items()}, tx
    )
    for (pair, interval), touched in groups.items():
        _roll_up_imported(pair, interval, touched, tx)


def _roll_up_imported(pair: Pair, interval: Interval, touched: dict[Bucket, Cursor], tx: Transaction) -> None:
    starts = [start for _, _, start in touched]
    first, last = Interval.D1.start_of(min(starts)), Interval.D1.start_of(max(starts)) + Interval.D1.length
    parts = [replace(c, source=CandleSource.ROLLED_UP) for c in tx.candles_between(pair, interval, first, last)]
    for longer in _INTERVALS[_INTERVALS.index(interval) + 1 :]:
        buckets = {(pair, longer, longer.start_of(start)): cursor for (_, _, start), cursor in touched.items()}
        _merge_into([candle for candle in roll_up(parts, longer) if candle.bucket in buckets], buckets, tx)


def _merge_into(partial: Iterable[Candle], touched: dict[Bucket, Cursor], tx: Transaction) -> None:
    present = tx.candles(touched)
    merged = dict(present)
    for candle in partial:
        known = merged.get(candle.bucket)
        merged[candle.bucket] = candle if known is None else merge(known, candle)
    changed = [bucket for bucket in touched if merged[bucket] != present.get(bucket)]
    tx.put_candles([(merged[bucket], _touch(touched[bucket], bucket[1])) for bucket in changed])


def _touch(cursor: Cursor, interval: Interval) -> Cursor:
    """An event touches one bucket of each interval at most, so its place and the interval name the touch."""
    return Cursor(f"{cursor}.{_INTERVALS.index(interval)}")


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
