"""The stored events that a rule's detector would have heard, oldest first."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter

from application.ports.forecast_reads import ForecastReads
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.page import Window
from domain.alerting.kinds import FEED_SILENT, FORECAST_BROKEN, SENTIMENT_SWING, SPREAD_WIDENING
from domain.alerting.rule import RuleTerms
from domain.analytics.sentiment import SentimentScored
from domain.event import Event
from domain.market.candle import Interval
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Pair

Heard = tuple[Event, Decimal | None]
"""An event, and the pair's last price then where the detector needs to be told."""

_PAGE = 1_000
_SCORED_WITHIN = timedelta(days=7)  # older articles that are first seen now are left out


class StoredEvents:
    """Reads them from the read models in chunks."""

    def __init__(self, market: MarketReads, news: NewsReads, forecasts: ForecastReads) -> None:
        self._market = market
        self._news = news
        self._forecasts = forecasts

    def heard(self, terms: RuleTerms, pair: Pair, start: datetime, end: datetime) -> Iterator[Heard]:
        """Within `start`..`end` (exclusive), and before it as far as the detector looks back."""
        kind = terms.watches
        since = _before(start, kind.reach * timedelta(seconds=terms.window_s))
        if kind is FORECAST_BROKEN:
            yield from self._forecast_events(pair, terms.window_s, since, end)
        elif kind is SENTIMENT_SWING:
            yield from self._scores(pair, since, end)
        elif kind is SPREAD_WIDENING:
            yield from ((ticker, None) for ticker in self._market.tickers_since(pair, since, end))
        elif kind is FEED_SILENT:
            yield from ((message, None) for message in self._messages(pair, since, end))
        else:
            yield from ((trade, None) for trade in self._market.trades_since(pair, since, end))

    def _messages(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TradeExecuted | TickerUpdated]:
        trades = self._market.trades_since(pair, start, end)
        return heapq.merge(trades, self._market.tickers_since(pair, start, end), key=attrgetter("recorded_at"))

    def _forecast_events(self, pair: Pair, horizon_s: int, start: datetime, end: datetime) -> Iterator[Heard]:
        """Each forecast with its score: for this kind it does not matter which forecast comes first."""
        window = Window(start=start, end=end, limit=_PAGE)
        while True:
            page = self._forecasts.forecasts(window, pair=pair, horizon_s=horizon_s)
            for known in page.items:
                yield known.issued, None
                if known.scored:
                    yield known.scored, None
            if page.next_cursor is None:
                return
            window = Window(start=start, end=end, limit=_PAGE, cursor=page.next_cursor)

    def _scores(self, pair: Pair, start: datetime, end: datetime) -> Iterator[Heard]:
        """The scores of the articles that are tagged with the pair's asset, by when these were recorded."""
        scores: list[SentimentScored] = []
        cursor = None
        while True:
            window = Window(start=_before(start, _SCORED_WITHIN), end=end, limit=_PAGE, cursor=cursor)
            page = self._news.articles(window, tag=pair.base)
            scores += [
                found.sentiment
                for found in page.items
                if found.sentiment and start <= found.sentiment.article_recorded_at < end
            ]
            cursor = page.next_cursor
            if cursor is None:
                break
        for score in sorted(scores, key=lambda score: (score.article_recorded_at, score.event_id)):
            yield score, self._price_at(pair, score.article_recorded_at)

    def _price_at(self, pair: Pair, at: datetime) -> Decimal | None:
        """The last closed minute's closing price."""
        window = Window(end=_before(at, Interval.M1.length), limit=1)
        candles = self._market.candles(pair, Interval.M1, window).items
        return candles[-1].close if candles else None


def _before(at: datetime, span: timedelta) -> datetime:
    """So much earlier; or the beginning of time, where a hostile `start` leaves no room."""
    earliest = datetime.min.replace(tzinfo=at.tzinfo)
    return at - span if at - earliest > span else earliest
