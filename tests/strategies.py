"""Hypothesis strategies for domain events: anything that their constructors allow."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from application.topics import EVENTS_OF
from domain.alerting.alert import AlertAcknowledged, AlertRaised, AlertResolved, AlertSilenced
from domain.alerting.kinds import KINDS, Kind
from domain.alerting.rule import AlertRuleChanged, AlertRuleCreated, AlertRuleDisabled, AlertRuleEnabled, RuleTerms
from domain.alerting.watchlist import PairUnwatched, PairWatched
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import LABELS, SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
from domain.market.candle import Interval
from domain.market.feed import (
    FeedConnected,
    FeedConnecting,
    FeedDisconnected,
    FeedEnded,
    SubscriptionRejected,
    TradeGapDetected,
    TradeGapFilled,
    TradeHistoryRequested,
    TradeIdsRestarted,
)
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticleCompleted, ArticlePublished, ArticleRevised
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.values import PRECISION, SCALE, Origin, Pair, Side

PAIRS = tuple(Pair(name) for name in ("BTC/USD", "ETH/USD", "SOL/USD", "DOGE/USD"))

pairs = st.sampled_from(PAIRS) | st.from_regex(r"[A-Z0-9]{1,16}/[A-Z0-9]{1,16}", fullmatch=True).map(Pair)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone comes from `timezones`
texts = st.text(st.characters(codec="utf-8"), max_size=80)
names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)
counts = st.integers(0, 2**40)
_UNITS = 10**SCALE  # decimals are drawn as integers: the default context would round them to 28 digits
_MOST = 10**PRECISION - 1


@st.composite
def decimals(draw: st.DrawFn, low: int = -_MOST, high: int = _MOST) -> Decimal:
    """A number that fits decimal(38,18), of any number of decimal places, within `low`..`high` units of 10**-18."""
    step = draw(st.sampled_from((1, 10**10, _UNITS)))
    first, last = -(-low // step), high // step
    if first > last:
        step, first, last = 1, low, high
    number = draw(st.integers(first, last) | st.integers(max(first, -(10**6)), min(last, 10**6))) * step
    places = draw(st.integers(0, SCALE))  # 2, 2.0 and 2.000 are the same number, written differently
    while number % 10 ** (SCALE - places):
        places += 1
    return Decimal(f"{number // 10 ** (SCALE - places)}E-{places}")


prices = decimals(1)
amounts = decimals(0)  # zero or more
signed = decimals()
_times: dict[str, st.SearchStrategy[Any]] = {
    "occurred_at": times,
    "recorded_at": times,
    "origin": st.sampled_from(Origin),
}


def _facts(event: type[Event], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(event, **_times, **fields)


trades: st.SearchStrategy[TradeExecuted] = _facts(
    TradeExecuted,
    venue=names,
    pair=pairs,
    trade_id=st.integers(-(2**63), 2**63 - 1),
    price=prices,
    volume=prices,
    side=st.none() | st.sampled_from(Side),
    order_type=st.none() | texts,
)
tickers: st.SearchStrategy[TickerUpdated] = _facts(
    TickerUpdated,
    venue=names,
    pair=pairs,
    last=prices,
    **dict.fromkeys(("bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h"), amounts),
    change_24h=signed,
    pct_change=signed,
    frame_hash=st.none() | names,
)
_ARTICLE: dict[str, st.SearchStrategy[Any]] = {
    "source": names,
    "guid": names,
    **dict.fromkeys(("url", "title", "summary", "content", "extracted_by"), texts),
    "authors": st.lists(texts, max_size=3).map(tuple),
    "tags": st.lists(names, max_size=3).map(tuple),
    "published_at": st.none() | times,
    "scraped_at": times,
}
_LATER = {"revision": st.integers(2, 2**40), "first_recorded_at": times}
articles: st.SearchStrategy[ArticlePublished] = _facts(ArticlePublished, **_ARTICLE)
raised_alerts: st.SearchStrategy[AlertRaised] = _facts(
    AlertRaised,
    alert_id=names,
    sequence=counts,
    rule_id=names,
    pair=pairs,
    kind=names,
    pct_change=signed,
    price=prices,
    reference_price=prices,
    window_s=counts,
    observed=st.none() | signed,
    usual=st.none() | signed,
)


def _terms(kind: Kind) -> st.SearchStrategy[RuleTerms]:
    threshold = kind.threshold
    return st.builds(
        RuleTerms,
        title=names,
        kind=st.just(kind.name),
        pair=st.none() | pairs,
        threshold_pct=decimals(1, int(threshold.most) * _UNITS) if threshold else st.just(Decimal(0)),
        window_s=st.sampled_from(kind.windows_s or (kind.shortest_s, 300, kind.longest_s)),
        notify=st.lists(names, max_size=3, unique=True).map(tuple),
    )


rule_terms = st.sampled_from(list(KINDS.values())).flatmap(_terms)


@st.composite
def imported_candles(draw: st.DrawFn) -> CandleImported:
    """Candles whose high and low enclose open and close, on a start of their interval."""
    low, one, other, high = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
    open_, close = draw(st.permutations((one, other)))
    interval = draw(st.sampled_from(Interval))
    fact: CandleImported = draw(
        _facts(
            CandleImported,
            venue=names,
            pair=pairs,
            interval=st.just(interval),
            start=times.map(interval.start_of),
            **{name: st.just(price) for name, price in zip(("open", "high", "low", "close"), (open_, high, low, close), strict=True)},
            volume=amounts,
            vwap=st.none() | amounts,
            trades=counts,
        )
    )  # fmt: skip
    return fact


@st.composite
def forecasts(draw: st.DrawFn) -> ForecastIssued:
    """Forecasts whose interval encloses the price and has a width."""
    bounds = draw(st.lists(prices, min_size=3, max_size=3).filter(lambda found: len(set(found)) > 1))
    lower, price, upper = sorted(bounds)
    fact: ForecastIssued = draw(
        _facts(
            ForecastIssued,
            pair=pairs,
            horizon_s=st.integers(1, 2**31),
            target_at=times,
            price=st.just(price),
            lower=st.just(lower),
            upper=st.just(upper),
            level=decimals(1, _UNITS - 1),
            model=names,
            served_because=texts,
            served=st.booleans(),
        )
    )
    return fact


_FEED = {"venue": names, "pair": names}
_GAP = {"venue": names, "pair": pairs, "first": counts, "last": counts, "since": times, "until": times}
_RULE = {"rule_id": names, "sequence": counts}
_ALERT = {"alert_id": names, "sequence": counts}
_WATCH = {"sequence": counts, "pair": pairs}
_reason = {"reason": texts, "next_try_at": st.none() | times}

_STRATEGIES: dict[type[Event], Callable[[], st.SearchStrategy[Any]]] = {
    TradeExecuted: lambda: trades,
    TickerUpdated: lambda: tickers,
    ArticlePublished: lambda: articles,
    ArticleRevised: lambda: _facts(ArticleRevised, **_ARTICLE, **_LATER),
    ArticleCompleted: lambda: _facts(ArticleCompleted, **_ARTICLE, **_LATER),
    AlertRaised: lambda: raised_alerts,
    FeedConnecting: lambda: _facts(FeedConnecting, **_FEED, endpoint=texts),
    FeedConnected: lambda: _facts(FeedConnected, **_FEED),
    FeedDisconnected: lambda: _facts(FeedDisconnected, **_FEED, **_reason),
    FeedEnded: lambda: _facts(FeedEnded, **_FEED),
    SubscriptionRejected: lambda: _facts(SubscriptionRejected, **_FEED, channel=names, reason=texts),
    TradeGapDetected: lambda: _facts(TradeGapDetected, **_GAP),
    TradeHistoryRequested: lambda: _facts(TradeHistoryRequested, **_GAP),
    TradeGapFilled: lambda: _facts(TradeGapFilled, **_GAP),
    TradeIdsRestarted: lambda: _facts(
        TradeIdsRestarted, venue=names, pair=pairs, first=counts, offset=counts, reason=texts
    ),
    CandleImported: imported_candles,
    NewsSourcePolled: lambda: _facts(NewsSourcePolled, source=names, entries=counts, new=counts, left_out=counts),
    NewsSourceFailed: lambda: _facts(NewsSourceFailed, source=names, **_reason),
    NewsSourceRecovered: lambda: _facts(NewsSourceRecovered, source=names),
    SentimentScored: lambda: _facts(
        SentimentScored,
        article_event_id=names,
        article_recorded_at=times,
        model=names,
        model_version=names,
        score=decimals(-_UNITS, _UNITS),
        label=st.sampled_from(LABELS),
    ),
    ForecastIssued: forecasts,
    ForecastScored: lambda: _facts(
        ForecastScored,
        forecast_event_id=names,
        pair=pairs,
        horizon_s=counts,
        model=names,
        actual=prices,
        naive=prices,
        inside=st.booleans(),
    ),
    AlertRuleCreated: lambda: _facts(AlertRuleCreated, **_RULE, terms=rule_terms, enabled=st.booleans()),
    AlertRuleChanged: lambda: _facts(AlertRuleChanged, **_RULE, terms=rule_terms, enabled=st.booleans()),
    AlertRuleDisabled: lambda: _facts(AlertRuleDisabled, **_RULE),
    AlertRuleEnabled: lambda: _facts(AlertRuleEnabled, **_RULE),
    PairWatched: lambda: _facts(PairWatched, **_WATCH),
    PairUnwatched: lambda: _facts(PairUnwatched, **_WATCH),
    AlertAcknowledged: lambda: _facts(AlertAcknowledged, **_ALERT),
    AlertResolved: lambda: _facts(AlertResolved, **_ALERT),
    AlertSilenced: lambda: _facts(AlertSilenced, **_ALERT, until=times),
    DeadLettered: lambda: _facts(
        DeadLettered,
        kind=names,
        place=names,
        reason=texts,
        raw=st.binary(max_size=200),
        partition=st.none() | st.integers(0, 2**31 - 1),
        offset=st.none() | counts,
    ),
    DeadLetterSettled: lambda: _facts(
        DeadLetterSettled, letter_id=names, outcome=st.sampled_from(("redriven", "dropped"))
    ),
}

EVENT_TYPES = tuple(event for events in EVENTS_OF.values() for event in events)


def events_of(event: type[Event]) -> st.SearchStrategy[Any]:
    """Events of one type."""
    return _STRATEGIES[event]()


any_events: st.SearchStrategy[Event] = st.sampled_from(EVENT_TYPES).flatmap(events_of)
