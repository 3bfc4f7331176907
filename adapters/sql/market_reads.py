"""What queries read of the market: tickers, trades, feeds, and which trades are missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Row, Select, Table, func, select, true, tuple_, union_all
from sqlalchemy import literal as bind

from adapters.sql.candle_reads import candle_page
from adapters.sql.engine import reading
from adapters.sql.event_json import decode_event
from adapters.sql.listing import Listing, known_by
from adapters.sql.market_rows import to_health, to_ticker, to_trade
from adapters.sql.statements import each_value
from adapters.sql.stored_ids import stored_ids
from adapters.sql.tables import candle_data, feed_data, feed_event, ticker_data, trade_data
from adapters.sql.touches import candles_after, last_touch
from application.ports.market_reads import Quote, StoredTradeIds, Touch
from application.ports.page import Page, Window
from domain.market.candle import Candle, Interval
from domain.market.continuity import Run, TradeContinuity
from domain.market.feed import TradeGapDetected, TradeGapFilled, TradeIdsRestarted
from domain.market.feed_health import FeedHealth, FeedKind, evolve_feed
from domain.market.gap import TradeGap, gaps_of
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair

_TICKERS = Listing("tickers", ticker_data, ticker_data.c.timestamp, (ticker_data.c.event_id,))
_TRADES = Listing("trades", trade_data, trade_data.c.timestamp, (trade_data.c.pair, trade_data.c.trade_id))
_TRADES_OF_PAIR = Listing("trades", trade_data, trade_data.c.timestamp, (trade_data.c.trade_id,))
_LATEST = 100
_LOWEST = 100_000  # trades looked at for the first that was known at a time
_SENT_LIVE = (Origin.LIVE, Origin.SIMULATED)
_CHUNK = 5_000  # trades or tickers read at once


class SqlMarketReads:
    """See application.ports.market_reads.MarketReads. Each call reads one snapshot, on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest_tickers(self, *, as_of: datetime | None = None) -> list[TickerUpdated]:
        """The latest ticker of each pair, by pair."""
        with reading(self._engine) as connection:
            return [to_ticker(row) for row in _latest_of_each_pair(connection, ticker_data, as_of)]

    def tickers(self, pair: Pair, window: Window) -> Page[TickerUpdated]:
        """One pair's tickers by time."""
        query = select(ticker_data).where(ticker_data.c.pair == pair)
        with reading(self._engine) as connection:
            return _TICKERS.page(connection, query, window, to_ticker)

    def trades(self, pair: Pair | None, window: Window) -> Page[TradeExecuted]:
        """Trades by time and id, of one pair or of all."""
        with reading(self._engine) as connection:
            if pair is not None:
                query = _TRADES.within(select(trade_data).where(trade_data.c.pair == pair), window)
            else:  # the index is by pair: the newest of all are among the newest of each
                newest = _of_each_pair(connection, trade_data, lambda of_pair: _TRADES.within(of_pair, window))
                order = [newest.c[column.key or ""].desc() for column in _TRADES.key]
                query = select(newest).order_by(*order).limit(window.limit + 1)
            rows = connection.execute(query).all()
        return _TRADES.cut(rows, window, to_trade)

    def trades_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TradeExecuted]:
        """A pair's trades within `start`..`end` (exclusive), oldest first, read in chunks.

        Each chunk is a snapshot of its own: one that lasted as long as the reader would keep SQLite's WAL growing.
        """
        return map(to_trade, self._since(_TRADES_OF_PAIR, pair, start, end))

    def tickers_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TickerUpdated]:
        """A pair's tickers within `start`..`end` (exclusive), oldest first, read in chunks like the trades."""
        return map(to_ticker, self._since(_TICKERS, pair, start, end))

    def _since(self, listing: Listing, pair: Pair, start: datetime, end: datetime) -> Iterator[Row[Any]]:
        table, at = listing.table, listing.at
        query = select(table).where(table.c.pair == pair, at < end).order_by(*listing.key).limit(_CHUNK)
        after = at >= start
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(query.where(after)).all()
            yield from rows
            if len(rows) < _CHUNK:
                return
            last = [bind(getattr(rows[-1], column.key or ""), column.type) for column in listing.key]
            after = tuple_(*listing.key) > tuple_(*last)

    def quotes(self, pair: Pair, window: Window) -> list[Quote]:
        """Bid and ask of the latest tickers, without the rest of them: there may be ten thousands."""
        query = select(ticker_data.c.bid, ticker_data.c.ask).where(ticker_data.c.pair == pair)
        with reading(self._engine) as connection:
            rows = connection.execute(_TICKERS.within(query, window)).all()
        return [(row.bid, row.ask) for row in rows[: window.limit]]

    def candles(self, pair: Pair, interval: Interval, window: Window) -> Page[Candle]:
        """Candles by start, oldest first. Raises AsOfTooOld, InvalidPageCursor."""
        with reading(self._engine) as connection:
            return candle_page(connection, pair, interval, window)

    def candles_after(self, touch: Touch, *, limit: int) -> list[tuple[Candle, Touch]]:
        """Candles written after a touch, in the order in which they last were."""
        with reading(self._engine) as connection:
            return candles_after(connection, touch, limit)

    def last_touch(self) -> Touch:
        """The latest touch that `candles_after` would tell of now."""
        with reading(self._engine) as connection:
            return last_touch(connection)

    def pairs(self) -> list[Pair]:
        """The pairs of which trades, tickers or candles are stored, by name."""
        with reading(self._engine) as connection:
            tables = (trade_data, ticker_data, candle_data)
            names = {name for table in tables for name in connection.scalars(select(each_value(table.c.pair)))}
        return sorted(Pair(name) for name in names)

    def feeds(self, *, as_of: datetime | None = None) -> list[FeedHealth]:
        """The health of each feed, by name; as of a time, folded from what had befallen the feeds by then."""
        with reading(self._engine) as connection:
            if as_of is None:
                feeds = [to_health(row) for row in connection.execute(select(feed_data))]
            else:
                feeds = _folded(connection, as_of)
            came = _last_messages(connection, as_of)
        return sorted((_with_last_message(health, came) for health in feeds), key=lambda health: health.name)

    def gaps(self, pair: Pair, *, as_of: datetime | None = None) -> list[TradeGap]:
        """Every stretch in which trades of the pair were missed, latest first, as its events recorded by then tell."""
        of_gaps = (feed_event.c.feed == pair, feed_event.c.name.in_([TradeGapDetected.name, TradeGapFilled.name]))
        query = select(feed_event.c.name, feed_event.c.event_version, feed_event.c.payload).where(*of_gaps)
        if as_of is not None:
            query = query.where(feed_event.c.recorded_at <= as_of)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(feed_event.c.position)).all()
        found = gaps_of(decode_event(row.name, row.event_version, row.payload) for row in rows)
        return sorted(found, key=lambda gap: (gap.start, gap.first), reverse=True)

    def continuity(self, pair: Pair, first: int = 0, last: int = 2**63 - 1) -> TradeContinuity:
        """Which trade ids (of the venue's own) are stored, from the first to the last, and which are missing between.

        Of those within `first`..`last`.
        """
        number = trade_data.c.trade_id
        of_pair = (trade_data.c.pair == pair, number >= first, number <= last)
        with reading(self._engine) as connection:
            lowest = connection.scalar(select(func.min(number)).where(*of_pair))
            highest = connection.scalar(select(func.max(number)).where(*of_pair))
            row = connection.execute(select(feed_data).where(feed_data.c.name == pair)).one_or_none()
        if lowest is None or highest is None:
            return TradeContinuity()
        open_runs: list[Run] = []
        if row:
            health = to_health(row)
            open_runs = [*health.open_runs, *health.history_runs]
        return TradeContinuity(lowest, highest, _within(open_runs, lowest, highest))

    def id_restarts(self, pair: Pair) -> list[TradeIdsRestarted]:
        """Where the venue did not go on with its ids, in the order in which it was found."""
        query = select(feed_event.c.name, feed_event.c.event_version, feed_event.c.payload)
        of_pair = feed_event.c.feed == pair, feed_event.c.name == TradeIdsRestarted.name
        with reading(self._engine) as connection:
            rows = connection.execute(query.where(*of_pair).order_by(feed_event.c.position)).all()
        events = [decode_event(row.name, row.event_version, row.payload) for row in rows]
        return [event for event in events if isinstance(event, TradeIdsRestarted)]

    def trade_at(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        """The trade stored under an id; None without one."""
        query = select(trade_data).where(trade_data.c.pair == pair, trade_data.c.trade_id == trade_id)
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return to_trade(row) if row else None

    def trade_id_bounds(
        self, pair: Pair, *, as_of: datetime | None = None
    ) -> tuple[TradeExecuted, TradeExecuted] | None:
        """The trades with the lowest and the highest venue id, of those recorded up to `as_of`; None without any."""
        number = trade_data.c.trade_id
        of_pair = select(trade_data).where(trade_data.c.pair == pair, number >= 0)
        with reading(self._engine) as connection:
            first = connection.execute(of_pair.order_by(number).limit(1)).one_or_none()
            last = connection.execute(of_pair.order_by(number.desc()).limit(1)).one_or_none()
            if as_of is not None and first and first.recorded_at > as_of:
                lowest = of_pair.order_by(number).limit(_LOWEST).subquery()
                known = select(lowest).where(lowest.c.recorded_at <= as_of)
                first = connection.execute(known.order_by(lowest.c.trade_id).limit(1)).one_or_none()
            if as_of is not None and last and last.recorded_at > as_of:
                # Those of the latest times: to walk down the ids would read all that came since.
                latest = _TRADES_OF_PAIR.within(of_pair, Window(as_of=as_of, limit=_LATEST)).subquery()
                last = connection.execute(select(latest).order_by(latest.c.trade_id.desc()).limit(1)).one_or_none()
        return (to_trade(first), to_trade(last)) if first and last else None

    def stored_ids(self, pair: Pair, *, above: int | None = None) -> StoredTradeIds:
        """Compare the ids of the stored trades with their number, in one snapshot.

        Counting reads the key's index alone; where the number is right, nothing else is read.
        """
        with reading(self._engine) as connection:
            return stored_ids(connection, pair, above)

    def lags(self, pairs: Sequence[Pair], start: datetime, end: datetime) -> dict[Pair, list[float]]:
        """How many seconds after they were made trades were recorded, of the latest hundred of each pair."""
        found: dict[Pair, list[float]] = {}
        if not pairs:
            return found
        column = trade_data.c
        latest = [
            select(column.pair, column.timestamp, column.recorded_at, column.origin)
            .where(column.pair == pair, column.timestamp < end, column.recorded_at < end)
            .order_by(column.timestamp.desc())
            .limit(_LATEST)
            .subquery()
            for pair in pairs
        ]
        with reading(self._engine) as connection:
            rows = connection.execute(union_all(*(select(one) for one in latest))).all()
        for row in rows:
            if start <= row.recorded_at < end and row.origin in _SENT_LIVE:
                found.setdefault(Pair(row.pair), []).append((row.recorded_at - row.timestamp).total_seconds())
        return found

    def trade_before(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        """The stored trade with the highest venue id below `trade_id`; None without any."""
        number = trade_data.c.trade_id
        query = select(trade_data).where(trade_data.c.pair == pair, number >= 0, number < trade_id)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(number.desc()).limit(1)).one_or_none()
        return to_trade(row) if row else None


def _of_each_pair(connection: Connection, table: Table, some: Callable[[Select[Any]], Select[Any]]) -> FromClause:
    """What `some` selects from the rows of a pair, of every pair that the table has."""
    pairs = each_value(table.c.pair)
    if (
        connection.dialect.name == "postgresql"
    ):  # planning for many chunks takes longer than reading: once for all pairs
        found = some(select(table).where(table.c.pair == pairs.c.value)).lateral()
        return select(found).select_from(pairs.join(found, true())).subquery()
    names = connection.scalars(select(pairs)).all() or [""]
    return union_all(*(select(some(select(table).where(table.c.pair == name)).subquery()) for name in names)).subquery()


def _latest_of_each_pair(connection: Connection, table: Table, as_of: datetime | None) -> list[Row[Any]]:
    at, then = table.c.timestamp, table.c.event_id if table is ticker_data else table.c.trade_id

    def latest(of_pair: Select[Any]) -> Select[Any]:
        return of_pair.where(*known_by(table, at, as_of)).order_by(at.desc(), then.desc()).limit(1)

    if connection.dialect.name == "sqlite":  # asked often: composing a union takes longer than a few small questions
        names = sorted(connection.scalars(select(each_value(table.c.pair))))
        queries = [latest(select(table).where(table.c.pair == name)) for name in names]
        return [row for query in queries for row in connection.execute(query)]
    found = _of_each_pair(connection, table, latest)
    return list(connection.execute(select(found).order_by(found.c.pair)))


def _folded(connection: Connection, as_of: datetime) -> list[FeedHealth]:
    query = select(feed_event.c.feed, feed_event.c.name, feed_event.c.event_version, feed_event.c.payload)
    feeds: dict[str, FeedHealth | None] = {}
    for row in connection.execute(query.where(feed_event.c.recorded_at <= as_of).order_by(feed_event.c.position)):
        event = decode_event(row.name, row.event_version, row.payload)
        feeds[row.feed] = evolve_feed(feeds.get(row.feed), event)
    return [health for health in feeds.values() if health]


def _last_messages(connection: Connection, as_of: datetime | None) -> dict[str, datetime]:
    """When each pair's latest ticker or trade came, by pair."""
    came: dict[str, datetime] = {}
    for table in (ticker_data, trade_data):
        for row in _latest_of_each_pair(connection, table, as_of):
            if row.origin != Origin.BACKFILL:  # a trade fetched afterwards is no sign of life of the feed
                came[row.pair] = max(row.recorded_at, came.get(row.pair, row.recorded_at))
    return came


def _with_last_message(health: FeedHealth, came: dict[str, datetime]) -> FeedHealth:
    if health.kind is not FeedKind.MARKET:
        return health
    times = [at for at in (health.last_message_at, came.get(health.name)) if at]
    return replace(health, last_message_at=max(times, default=None))


def _within(runs: list[Run], first: int, last: int) -> list[Run]:
    """Runs cut to `first`..`last`, sorted and disjoint."""
    joined: list[Run] = []
    for start, end in sorted((max(start, first), min(end, last)) for start, end in runs):
        if start > end:
            continue
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
