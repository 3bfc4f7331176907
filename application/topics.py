"""The log's topics, and which event goes to which."""

from domain.alerting.alert import AlertAcknowledged, AlertRaised, AlertResolved, AlertSilenced
from domain.alerting.rule import AlertRuleChanged, AlertRuleCreated, AlertRuleDisabled, AlertRuleEnabled
from domain.alerting.watchlist import PairUnwatched, PairWatched
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.event import Event
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
from domain.news.article import ARTICLE_EVENTS
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered

TICKERS = "rawticker"
TRADES = "rawtrade"
ARTICLES = "rawarticle"
ALERTS = "rawalert"
FEED_EVENTS = "feedevent"
ANALYTICS_EVENTS = "analyticsevent"
ALERT_EVENTS = "alertevent"  # rules, watchlist, and what became of alerts; rawalert has raised alerts only
DEAD_LETTERS = "deadletter"

EVENTS_OF: dict[str, tuple[type[Event], ...]] = {
    TICKERS: (TickerUpdated,),
    TRADES: (TradeExecuted,),
    ARTICLES: ARTICLE_EVENTS,
    ALERTS: (AlertRaised,),
    FEED_EVENTS: (
        FeedConnecting,
        FeedConnected,
        FeedDisconnected,
        FeedEnded,
        SubscriptionRejected,
        TradeGapDetected,
        TradeHistoryRequested,
        TradeGapFilled,
        CandleImported,
        NewsSourcePolled,
        NewsSourceFailed,
        NewsSourceRecovered,
        TradeIdsRestarted,
    ),
    ANALYTICS_EVENTS: (SentimentScored, ForecastIssued, ForecastScored),
    ALERT_EVENTS: (
        AlertRuleCreated,
        AlertRuleChanged,
        AlertRuleDisabled,
        PairWatched,
        PairUnwatched,
        AlertAcknowledged,
        AlertResolved,
        AlertSilenced,
        AlertRuleEnabled,
    ),
    DEAD_LETTERS: (DeadLettered, DeadLetterSettled),
}

TOPICS = tuple(EVENTS_OF)
_TOPIC_OF: dict[type[Event], str] = {event: topic for topic, events in EVENTS_OF.items() for event in events}


def topic_of(event: Event) -> str:
    """The topic that an event is appended to."""
    return _TOPIC_OF[type(event)]


def topic_of_kind(event: type[Event]) -> str:
    """The topic of events of a type."""
    return _TOPIC_OF[event]
