"""What the price did after an article, and how often it does as much when there is no news.

Joined by `recorded_at`, the time from which anybody here could know the article. The price before it is the last one of
a closed minute that ended by then; the price after it that of so many minutes later. What is usual is measured on the
week before, in windows of the same length side by side (not overlapping, so that each is an observation of its own),
which start at multiples of 5 minutes and have no article of the tag recorded within an hour of their start.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.page import Window
from domain.market.candle import Candle, Interval
from domain.news.article import ArticlePublished
from domain.values import ZERO, Pair, percent_change, quotient

HORIZONS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=60))
LOOK_BACK = timedelta(days=7)
QUIET = timedelta(minutes=60)  # no article of the tag within this of a window's start
_FRESH = timedelta(minutes=10)  # a price older than this is none: nothing was traded, or we were not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a pair's price did in `windows` windows without news: the mean of its absolute changes, in percent."""

    windows: int
    mean_abs_change_pct: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReaction:
    """What a pair's price did within `horizon` after an article was recorded; `change_pct` is signed, in percent.

    `share_as_large` is the share (0 to 1) of the windows without news in which it moved at least as much. What is not
    known is None, and `reason` says why.
    """

    pair: Pair
    horizon: timedelta
    price_before: Decimal | None
    price_after: Decimal | None
    change_pct: Decimal | None
    usual: Usual | None
    share_as_large: Decimal | None
    reason: str | None


class NewsPrice:
    """Looks up what prices did after an article. Bounded: a week of 5-minute candles for each pair it is about."""

    def __init__(self, market: MarketReads, news: NewsReads, clock: Clock, *, pairs: Sequence[Pair]) -> None:
        self._market = market
        self._news = news
        self._clock = clock
        self._pairs = pairs

    def after(self, article: ArticlePublished, *, as_of: datetime | None = None) -> list[PriceReaction]:
        """For each configured pair whose base the article is tagged with and each horizon; as was known at `as_of`.

        Raises AsOfTooOld where the trades of then have aged out.
        """
        now = self._clock.now() if as_of is None else min(as_of, self._clock.now())
        about = [pair for pair in self._pairs if pair.base in article.tags]
        return [reaction for pair in about for reaction in self._of_pair(pair, article, now, as_of)]

    def _of_pair(
        self, pair: Pair, article: ArticlePublished, now: datetime, as_of: datetime | None
    ) -> list[PriceReaction]:
        start = Interval.M1.start_of(article.known_since)
        minutes = self._prices(pair, Interval.M1, start - _FRESH, start + HORIZONS[-1], now, as_of)
        week = self._prices(pair, Interval.M5, start - LOOK_BACK - _FRESH, start, now, as_of)
        news = self._news.recorded(pair.base, start - LOOK_BACK - QUIET, start + Interval.M1.length)
        reactions = []
        for horizon in HORIZONS:
            changes = list(_changes_without_news(week, news, horizon, start))
            reactions.append(_reaction(pair, horizon, start, minutes, changes, now))
        return reactions

    def _prices(
        self, pair: Pair, interval: Interval, start: datetime, end: datetime, now: datetime, as_of: datetime | None
    ) -> "_Prices":
        most = (end - start) // interval.length + 1
        window = Window(start=start, end=end, as_of=as_of, limit=most)
        return _Prices([candle for candle in self._market.candles(pair, interval, window).items if candle.end <= now])


class _Prices:
    """Closing prices of closed candles, oldest first."""

    def __init__(self, candles: Sequence[Candle]) -> None:
        self._ends = [candle.end for candle in candles]
        self._closes = [candle.close for candle in candles]

    def at(self, time: datetime) -> Decimal | None:
        """The last price by then; None where it was too old."""
        index = bisect_right(self._ends, time) - 1
        return self._closes[index] if index >= 0 and time - self._ends[index] <= _FRESH else None


def _changes_without_news(
    prices: _Prices, news: Sequence[datetime], horizon: timedelta, before: datetime
) -> Iterable[Decimal]:
    """Changes in percent over windows of `horizon` that end by `before`, latest first. `news` is sorted."""
    end = Interval.M5.start_of(before)
    while end - horizon >= before - LOOK_BACK:
        start = end - horizon
        if bisect_right(news, start + QUIET) == bisect_left(news, start - QUIET):
            first, last = prices.at(start), prices.at(end)
            if first is not None and last is not None:
                yield percent_change(first, last)
        end = start


def _reaction(
    pair: Pair, horizon: timedelta, start: datetime, minutes: _Prices, changes: Sequence[Decimal], now: datetime
) -> PriceReaction:
    before = minutes.at(start)
    is_over = start + horizon <= now
    after = minutes.at(start + horizon) if is_over else None
    change = percent_change(before, after) if before is not None and after is not None else None
    usual = share = None
    if changes:
        count = Decimal(len(changes))
        usual = Usual(windows=len(changes), mean_abs_change_pct=quotient(sum(map(abs, changes), ZERO), count))
        if change is not None:
            share = quotient(Decimal(sum(abs(one) >= abs(change) for one in changes)), count)
    return PriceReaction(
        pair=pair, horizon=horizon, price_before=before, price_after=after, change_pct=change, usual=usual,
        share_as_large=share, reason=_reason(pair, horizon, before, after, is_over=is_over, compared=bool(changes)),
    )  # fmt: skip


def _reason(
    pair: Pair, horizon: timedelta, before: Decimal | None, after: Decimal | None, *, is_over: bool, compared: bool
) -> str | None:
    minutes = horizon // timedelta(minutes=1)
    if before is None:
        return f"no price of {pair} is known from when the article was recorded"
    if not is_over:
        return f"the {minutes} minutes after the article are not over"
    if after is None:
        return f"no price of {pair} is known from {minutes} minutes after the article"
    if not compared:
        return f"no {minutes} minutes without news and with prices were found in the {LOOK_BACK.days} days before"
    return None
