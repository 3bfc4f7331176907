"""Writing tickers, candles, and how feeds are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from adapters.sql.copy import copy_new_tickers, latest_ticker_times, lock_pairs, merge_candles, merge_tickers
from adapters.sql.copy_rows import candle_csv, ticker_csv
from adapters.sql.event_json import encode_event
from adapters.sql.market_rows import (
    CANDLE_COLUMNS,
    candle_row,
    health_row,
    replaced_candle_row,
    ticker_row,
    to_candle,
    to_health,
)
from adapters.sql.statements import chunks, insert_new, only_writer_of, upsert
from adapters.sql.tables import candle_data, feed_data, feed_event, replaced_candle, ticker_data
from adapters.sql.touches import touch_number
from adapters.sql.unit_of_work import UnitOfWork
from application.ports.store import Bucket
from domain.event import Event
from domain.market.candle import Candle, Interval
from domain.market.feed_health import FeedHealth, feed_name
from domain.market.ticker import TickerUpdated
from domain.values import Pair

_OF_A_MOMENT = 48  # candles: those that all eight pairs are in at one time


class MarketWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_tickers(self, tickers: Sequence[TickerUpdated]) -> None:
        """Add tickers; one is one by its event id."""
        if not tickers:
            return
        if self.connection.dialect.name == "sqlite":
            insert_new(self.connection, ticker_data, [ticker_row(ticker) for ticker in tickers])
        else:
            _add_on_postgresql(self.connection, tickers)

    def candles(self, buckets: Collection[Bucket]) -> dict[Bucket, Candle]:
        """The candles present in these buckets. Other transactions that write candles of these pairs wait for this one."""
        self._lock_candles({pair for pair, _, _ in buckets})
        wanted = set(buckets)
        by_interval: defaultdict[Interval, list[Bucket]] = defaultdict(list)
        for bucket in wanted:
            by_interval[bucket[1]].append(bucket)
        found: list[Candle] = []
        # Pairs trade in the same buckets, so few are read that nobody wants. Those of a moment are asked for at once.
        for together in [wanted] if 0 < len(wanted) <= _OF_A_MOMENT else by_interval.values():
            pairs, intervals, starts = map(set, zip(*together, strict=True))
            column = candle_data.c
            series = column.pair.in_(pairs), column.interval.in_([interval.value for interval in intervals])
            for chunk in chunks(starts):
                query = select(*CANDLE_COLUMNS).where(*series, column.start.in_(chunk))
                found += map(to_candle, self.connection.execute(query))
        return {candle.bucket: candle for candle in found if candle.bucket in wanted}

    def candles_between(self, pair: Pair, interval: Interval, start: datetime, end: datetime) -> list[Candle]:
        """All candles of a pair that start within `start`..`end` (exclusive), oldest first."""
        at = candle_data.c.start
        query = _series(pair, interval).where(at >= start, at < end).order_by(at)
        return [to_candle(row) for row in self.connection.execute(query)]

    def put_candles(self, candles: Sequence[Candle]) -> None:
        """Insert or replace candles; each gets the next touch."""
        if not candles:
            return
        self._lock_candles({candle.pair for candle in candles})
        number, first = self.next_touch or (touch_number(self.connection), 0)
        last = {candle.bucket: candle for candle in candles}
        rows = [candle_row(candle, number, nth) for nth, candle in enumerate(last.values(), first)]
        if self.connection.dialect.name == "sqlite":
            upsert(self.connection, candle_data, rows)
        else:
            merge_candles(self.connection, candle_csv(rows))
        self.next_touch = number, first + len(rows)

    def keep_replaced(self, candles: Sequence[Candle]) -> None:
        """Keep a venue's own candles that others took the place of."""
        insert_new(self.connection, replaced_candle, [replaced_candle_row(candle) for candle in candles])

    def _lock_candles(self, pairs: Collection[str]) -> None:
        if self.connection.dialect.name == "postgresql":
            lock_pairs(self.connection, candle_data, pairs)

    def feed_health(self, names: Collection[str]) -> dict[str, FeedHealth]:
        """The health of the feeds of these names, where known."""
        rows = [
            row
            for chunk in chunks(names)
            for row in self.connection.execute(select(feed_data).where(feed_data.c.name.in_(chunk)))
        ]
        return {row.name: to_health(row) for row in rows}

    def put_feed_health(self, health: Sequence[FeedHealth]) -> None:
        """Insert or replace feeds' health."""
        upsert(self.connection, feed_data, [health_row(one) for one in health])

    def add_feed_events(self, events: Sequence[Event]) -> list[Event]:
        """Keep what befell feeds; returns those that were not there before."""
        only_writer_of(self.connection, feed_event.name)
        once: dict[str, Event] = {}
        for event in events:
            once.setdefault(event.event_id, event)
        for chunk in chunks(list(once)):
            for known in self.connection.scalars(select(feed_event.c.event_id).where(feed_event.c.event_id.in_(chunk))):
                del once[known]
        insert_new(self.connection, feed_event, [_feed_event_row(event) for event in once.values()])
        return list(once.values())


def _add_on_postgresql(connection: Connection, tickers: Sequence[TickerUpdated]) -> None:
    once = {(ticker.pair, ticker.occurred_at, ticker.event_id): ticker for ticker in reversed(tickers)}
    latest = latest_ticker_times(connection, {ticker.pair for ticker in tickers})
    later: list[TickerUpdated] = []
    others: list[TickerUpdated] = []
    for ticker in once.values():
        is_later = ticker.pair not in latest or ticker.occurred_at > latest[ticker.pair]
        (later if is_later else others).append(ticker)
    if later:
        copy_new_tickers(connection, ticker_csv(later))
    if others:
        merge_tickers(connection, ticker_csv(others))


def _series(pair: Pair, interval: Interval) -> Select[Any]:
    return select(*CANDLE_COLUMNS).where(candle_data.c.pair == pair, candle_data.c.interval == interval.value)


def _feed_event_row(event: Event) -> dict[str, object]:
    return {
        "event_id": event.event_id,
        "feed": feed_name(event) or "",
        "name": event.name,
        "event_version": event.version,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "origin": event.origin,
        "payload": encode_event(event),
    }
