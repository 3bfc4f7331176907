"""Reading candles, also as they were known at an earlier time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from adapters.sql.listing import latest_known
from adapters.sql.market_rows import CANDLE_COLUMNS, REPLACED_COLUMNS, to_candle, to_trade
from adapters.sql.page_cursor import decode_cursor, encode_cursor
from adapters.sql.tables import candle_data, replaced_candle, trade_data
from adapters.sql.types import UtcTime
from application.ports.market_reads import AsOfTooOld
from application.ports.page import InvalidPageCursor, Page, Window
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge, roll_up
from domain.values import Pair

_ON, _BACK = "on", "back"  # where a cursor leads


def candle_page(connection: Connection, pair: Pair, interval: Interval, window: Window) -> Page[Candle]:
    """A page by start: onwards from `window.start`, or without one the latest page, from where cursors lead back."""
    direction, after = _place(window)
    series = and_(candle_data.c.pair == pair, candle_data.c.interval == interval.value)
    candles: list[Candle] = []
    more = True
    while more and len(candles) < window.limit:
        rows = list(connection.execute(_rows(series, window, direction, after)).all())
        more = len(rows) > window.limit
        rows = rows[: window.limit]
        if rows:
            after = rows[-1].start
        if direction == _BACK:
            rows.reverse()
        found = [to_candle(row) for row in rows]
        if window.as_of is not None:
            found = _as_of(connection, found, window.as_of)
        candles = candles + found if direction == _ON else found + candles
    if len(candles) > window.limit:
        more = True
        candles = candles[: window.limit] if direction == _ON else candles[-window.limit :]
    if not more or not candles:
        return Page(candles)
    return Page(candles, encode_cursor("candles", direction, candles[-1 if direction == _ON else 0].start))


def _place(window: Window) -> tuple[str, datetime | None]:
    if window.cursor is None:
        return (_BACK if window.start is None else _ON), None
    direction, after = decode_cursor(window.cursor, "candles", str, datetime)
    if direction not in (_ON, _BACK) or not isinstance(after, datetime):
        raise InvalidPageCursor("not a cursor of a list of candles: expected a next_cursor that one gave out")
    return str(direction), after


def _rows(series: ColumnElement[bool], window: Window, direction: str, after: datetime | None) -> Select[Any]:
    at = candle_data.c.start
    query = select(*CANDLE_COLUMNS).where(series)
    if window.start is not None:
        query = query.where(at >= window.start)
    if window.end is not None:
        query = query.where(at < window.end)
    if window.as_of is not None:
        query = query.where(at <= latest_known(window.as_of))
    if after is not None:
        query = query.where(at > after if direction == _ON else at < after)
    return query.order_by(at if direction == _ON else at.desc()).limit(window.limit + 1)


def _as_of(connection: Connection, candles: list[Candle], as_of: datetime) -> list[Candle]:
    """What was known of these candles of one series, oldest first: those recorded later are made again."""
    known: list[Candle] = []
    for is_later, group in groupby(candles, key=lambda candle: candle.recorded_at > as_of):
        run = list(group)
        known += _recomputed(connection, run, as_of) if is_later else run
    return known


def _recomputed(connection: Connection, candles: list[Candle], as_of: datetime) -> list[Candle]:
    pair, interval = candles[0].pair, candles[0].interval
    wanted = {candle.start for candle in candles}
    start, end = candles[0].start, candles[-1].end
    _must_be_kept(connection, candles)
    at = trade_data.c.timestamp
    query = select(trade_data).where(
        trade_data.c.pair == pair, at >= start, at < end, trade_data.c.recorded_at <= as_of
    )
    rows: Iterator[Row[Any]] = iter(connection.execution_options(yield_per=5_000).execute(query))
    made: dict[datetime, Candle] = {}
    for candle in candles_of(map(to_trade, rows), interval):
        if candle.start in wanted:
            present = made.get(candle.start)
            made[candle.start] = candle if present is None else merge(present, candle)
    if wanted - made.keys():
        made = _imported(connection, pair, interval, start, end, as_of) | made
    return [made[candle.start] for candle in candles if candle.start in made]


def _imported(
    connection: Connection, pair: Pair, interval: Interval, start: datetime, end: datetime, as_of: datetime
) -> dict[datetime, Candle]:
    """What a venue's own candles said of these buckets by then, rolled up where there were only shorter ones."""
    known: dict[datetime, Candle] = {}
    for length in Interval:  # the shortest first
        found = roll_up([replace(candle, source=CandleSource.ROLLED_UP) for candle in known.values()], length)
        for table, columns in ((candle_data.c, CANDLE_COLUMNS), (replaced_candle.c, REPLACED_COLUMNS)):
            query = select(*columns).where(
                table.pair == pair, table.interval == length.value, table.start >= start, table.start < end,
                table.source == CandleSource.IMPORTED.value, table.recorded_at <= as_of,
            )  # fmt: skip
            found += map(to_candle, connection.execute(query))
        known = {}
        for candle in found:
            other = known.get(candle.start)
            known[candle.start] = candle if other is None else merge(other, candle)
        if length is interval:
            break
    return known


def _must_be_kept(connection: Connection, candles: list[Candle]) -> None:
    """Raise AsOfTooOld when trades that made one of these candles have aged out, the oldest of a pair's first."""
    made_of_trades = [candle for candle in candles if candle.source >= CandleSource.TRADES_WITHOUT_IDS]
    if not made_of_trades:
        return  # a venue's own candles were made of none
    first, pair, at = made_of_trades[0], trade_data.c.pair, trade_data.c.timestamp
    oldest = connection.scalar(select(func.min(at, type_=UtcTime(nullable=True))).where(pair == first.pair))
    if oldest is None or oldest >= first.end:
        raise AsOfTooOld(oldest or made_of_trades[-1].end)
    if oldest >= first.start:  # perhaps the bucket began earlier
        in_bucket = and_(pair == first.pair, at < first.end)
        numbered = trade_data.c.trade_id >= 0 if first.source is CandleSource.TRADES else trade_data.c.trade_id < 0
        kept = connection.scalar(select(func.count()).select_from(trade_data).where(in_bucket, numbered))
        if (kept or 0) < first.trades:
            raise AsOfTooOld(oldest)
