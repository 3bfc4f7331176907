"""Port: what queries read of the market."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.ports.page import Page, Window
from domain.market.candle import Candle, Interval
from domain.market.continuity import Run, TradeContinuity
from domain.market.feed import TradeIdsRestarted
from domain.market.feed_health import FeedHealth
from domain.market.gap import TradeGap
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Pair

Quote = tuple[Decimal, Decimal]
"""Best bid and best ask; zero where there was none."""

Touch = tuple[int, int]
"""When a candle was last written, in the store's own order of commits; later writes have higher ones. (0, 0) is before all."""


class AsOfTooOld(Exception):
    """The trades that would say what was known then have aged out; `oldest` is the oldest trade still kept."""

    def __init__(self, oldest: datetime) -> None:
        super().__init__(f"trades are kept since {oldest.isoformat()}: candles as of an earlier time cannot be told")
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class StoredTradeIds:
    """The venue ids of a pair's stored trades: the highest, and runs between them that are neither stored nor known to be
    missing. The longest thousand of them at most.
    """

    last: int | None
    missing: tuple[Run, ...]


class MarketReads(Protocol):
    """Tickers, trades, candles and feeds. Lists are newest first, candles oldest first. Safe for several threads."""

    def latest_tickers(self, *, as_of: datetime | None = None) -> list[TickerUpdated]:
        """The latest ticker of each pair, by pair."""
        ...

    def tickers(self, pair: Pair, window: Window) -> Page[TickerUpdated]:
        """One pair's tickers by time."""
        ...

    def trades(self, pair: Pair | None, window: Window) -> Page[TradeExecuted]:
        """Trades by time and id, of one pair or of all."""
        ...

    def trades_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TradeExecuted]:
        """A pair's trades within `start`..`end` (exclusive), oldest first, read in chunks."""
        ...

    def tickers_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TickerUpdated]:
        """A pair's tickers within `start`..`end` (exclusive), oldest first, read in chunks."""
        ...

    def quotes(self, pair: Pair, window: Window) -> list[Quote]:
        """The quotes of the latest `limit` tickers within the window (no cursor), latest first."""
        ...

    def candles(self, pair: Pair, interval: Interval, window: Window) -> Page[Candle]:
        """Candles by start. With `start` the page begins there and cursors lead on; without it is the latest page,
        and cursors lead back. With `as_of`, a candle recorded later is recomputed from the trades recorded by then;
        raises AsOfTooOld where those have aged out.
        """
        ...

    def candles_after(self, touch: Touch, *, limit: int) -> list[tuple[Candle, Touch]]:
        """Candles that were written after `touch`, in the order in which they last were: what a stream resumes with."""
        ...

    def last_touch(self) -> Touch:
        """The latest touch that `candles_after` would tell of now; (0, 0) without any candle."""
        ...

    def pairs(self) -> list[Pair]:
        """The pairs of which trades, tickers or candles are stored, by name."""
        ...

    def feeds(self, *, as_of: datetime | None = None) -> list[FeedHealth]:
        """The health of each feed, by name; `last_message_at` includes the latest ticker or trade of a pair."""
        ...

    def gaps(self, pair: Pair, *, as_of: datetime | None = None) -> list[TradeGap]:
        """Every stretch in which trades of the pair were missed, latest first."""
        ...

    def continuity(self, pair: Pair, first: int = 0, last: int = 2**63 - 1) -> TradeContinuity:
        """Which trade ids (of the venue's own) are stored, from the first to the last, and which are missing between.

        Of those within `first`..`last`.
        """
        ...

    def id_restarts(self, pair: Pair) -> list[TradeIdsRestarted]:
        """Where the venue did not go on with its ids, in the order in which it was found."""
        ...

    def trade_at(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        """The trade stored under an id; None without one."""
        ...

    def trade_id_bounds(
        self, pair: Pair, *, as_of: datetime | None = None
    ) -> tuple[TradeExecuted, TradeExecuted] | None:
        """The trades with the lowest and the highest venue id; None without any.

        With `as_of`, of those recorded up to then. It is looked for among the trades of the 100,000 lowest ids: None
        where more than that were fetched later and lie before all that was known.
        """
        ...

    def stored_ids(self, pair: Pair, *, above: int | None = None) -> StoredTradeIds:
        """Compare the ids of the stored trades with their number; `above` an id up to which nothing is missing."""
        ...

    def lags(self, pairs: Sequence[Pair], start: datetime, end: datetime) -> dict[Pair, list[float]]:
        """How many seconds after they were made trades were recorded, of the latest hundred of each pair.

        Only those that the venue sent live, recorded within `start`..`end` (exclusive).
        """
        ...

    def trade_before(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        """The stored trade with the highest venue id below `trade_id`; None without any."""
        ...
