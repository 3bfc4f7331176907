"""Port: the store of read models, and of the aggregates' streams beside them."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from application.ports.checkpoints import Checkpoints
from application.ports.event_store import EventStore
from domain.alerting.alert import Alert
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
from domain.market.candle import Candle, Interval
from domain.market.feed_health import FeedHealth
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.values import Pair

Bucket = tuple[Pair, Interval, datetime]


class StoreUnavailable(Exception):
    """The store cannot be written or read now; the same call may succeed later."""


class StoreRefused(Exception):
    """The store does not take this data, now or later: a number beyond its column, say."""


class StoreDamaged(StoreUnavailable):
    """The store's file is damaged or no store: the next start keeps what can be read, and makes the rest from the log."""


class Writes(Protocol):
    """What a projection writes. Everything is idempotent by natural key."""

    def add_trades(self, trades: Sequence[TradeExecuted]) -> list[TradeExecuted]:
        """Add trades; returns those that were not there before, each once. A trade is one by (pair, trade id).

        Raises InvalidValue for a trade whose id is that of a different one, stored or earlier in `trades`.
        """
        ...

    def add_tickers(self, tickers: Sequence[TickerUpdated]) -> None:
        """Add tickers; one is one by its event id."""
        ...

    def add_articles(self, articles: Sequence[ArticlePublished]) -> None:
        """Add articles and their later versions; a version is one by its event id, and the last one is the present one."""
        ...

    def candles(self, buckets: Collection[Bucket]) -> dict[Bucket, Candle]:
        """The candles present in these buckets."""
        ...

    def candles_between(self, pair: Pair, interval: Interval, start: datetime, end: datetime) -> list[Candle]:
        """All candles of a pair that start within `start`..`end` (exclusive), oldest first."""
        ...

    def put_candles(self, candles: Sequence[Candle]) -> None:
        """Insert or replace candles; each gets the next touch (`MarketReads.candles_after`)."""
        ...

    def keep_replaced(self, candles: Sequence[Candle]) -> None:
        """Keep a venue's own candles that others took the place of: until then they were what was known."""
        ...

    def feed_health(self, names: Collection[str]) -> dict[str, FeedHealth]:
        """The health of the feeds of these names, where known."""
        ...

    def put_feed_health(self, health: Sequence[FeedHealth]) -> None:
        """Insert or replace feeds' health."""
        ...

    def add_feed_events(self, events: Sequence[Event]) -> list[Event]:
        """Keep what befell feeds; returns those that were not there before."""
        ...

    def add_sentiments(self, scores: Sequence[SentimentScored]) -> None:
        """Add sentiment scores."""
        ...

    def add_forecasts(self, forecasts: Sequence[ForecastIssued | ForecastScored]) -> None:
        """Add forecasts, and how they turned out."""
        ...

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Insert or replace alerts' present state."""
        ...

    def add_dead_letters(self, letters: Sequence[DeadLettered]) -> None:
        """Keep dead letters; one is one by its letter id."""
        ...

    def settle_dead_letters(self, settled: Sequence[DeadLetterSettled]) -> None:
        """Mark dead letters as dealt with."""
        ...

    def clear_read_models(self) -> None:
        """Delete all rows that can be made again from the log and the event store. Streams and checkpoints stay."""
        ...


class Transaction(Writes, EventStore, Checkpoints, Protocol):
    """One unit of work: rows, streams and readers' places, all or none."""

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: when its block raises, what the block wrote is undone and the rest stays.

        Raises StoreUnavailable, and StoreRefused where the data is at fault.
        """
        ...


class Store(Protocol):
    """Hands out transactions, one writer at a time."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A write transaction: committed when the block ends, rolled back when it raises.

        Raises StoreUnavailable, and StoreRefused where the data is at fault.
        """
        ...
