"""From events, candles and feeds to the stream's messages."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog

from application.ports.event_log import Place, Position, Recorded, Unreadable
from application.ports.forecast_reads import KnownForecast
from application.ports.market_reads import Touch
from application.ports.news_reads import ScoredArticle
from application.streams import folded
from application.topics import EVENTS_OF, FEED_EVENTS
from domain.alerting.alert import (
    Alert,
    AlertAcknowledged,
    AlertEvent,
    AlertRaised,
    AlertResolved,
    AlertSilenced,
    evolve_alert,
    fold_alert,
)
from domain.analytics.forecast import ForecastIssued
from domain.market.candle import Candle
from domain.market.feed_health import feed_name
from domain.market.history import CandleImported
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from entrypoints.api.feeds import feed_rows
from entrypoints.api.rows.alerting import alert_row
from entrypoints.api.rows.feeds import FeedRow
from entrypoints.api.rows.market import candle_row, ticker_row, trade_row
from entrypoints.api.rows.news import article_row
from entrypoints.api.rows.predictions import prediction_row
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import Message

log = structlog.get_logger(__name__)

_FEED_EVENTS = tuple(kind for kind in EVENTS_OF[FEED_EVENTS] if kind is not CandleImported)


def log_messages(services: Services, records: Sequence[Recorded | Unreadable]) -> list[Message]:
    """What a batch of the log says on tickers, trades, articles, forecasts and alerts.

    Unreadable records are the store's to keep as dead letters; a stream goes on after them.
    """
    messages = []
    for record in records:
        if isinstance(record, Recorded):
            message = _message(services, record)
            if message:
                messages.append(message)
    return messages


def _message(services: Services, record: Recorded) -> Message | None:
    event = record.event
    row: Callable[[], msgspec.Struct]
    names: tuple[str, ...]
    match event:
        case TradeExecuted():
            channel, names, row = "trades", (event.pair,), partial(trade_row, event)
        case TickerUpdated():
            channel, names, row = "tickers", (event.pair,), partial(ticker_row, event)
        case ArticlePublished():
            channel, names, row = "articles", event.tags, partial(article_row, ScoredArticle(event))
        case ForecastIssued(served=True):
            channel, names, row = "predictions", (event.pair,), partial(prediction_row, KnownForecast(event))
        case AlertRaised() | AlertAcknowledged() | AlertResolved() | AlertSilenced():
            alert = _alert_after(services, event)
            if alert is None:
                return None
            channel, names, row = "alerts", (alert.raised.pair,), partial(alert_row, alert)
        case _:
            return None
    return Message(channel, names, origin=event.origin, row=row, position=record.position)


def _alert_after(services: Services, event: AlertEvent) -> Alert | None:
    """The alert as `event` left it."""
    if isinstance(event, AlertRaised):
        return evolve_alert(None, event)
    stream = f"alert:{event.alert_id}"
    history = services.alerts.streams(stream).get(stream, [])
    past = [one for one in history if isinstance(one, AlertEvent) and one.sequence <= event.sequence]
    alert = next(iter(folded({stream: past}, fold_alert)), None)
    if alert is None:
        log.warning("an alert that changed is not in the store: its row is not streamed", alert=event.alert_id)
    return alert


def candle_messages(services: Services, candles: Sequence[tuple[Candle, Touch]]) -> list[Message]:
    """Candles that were written, as messages."""
    now = services.clock.now()
    return [
        Message("candles", (candle.pair,), origin=candle.origin, row=partial(candle_row, candle, now), touch=touch)
        for candle, touch in candles
    ]


def touched_feeds(records: Sequence[Recorded | Unreadable]) -> dict[str, Recorded]:
    """The last event of each feed that something befell."""
    touched: dict[str, Recorded] = {}
    for record in records:
        if isinstance(record, Recorded) and isinstance(record.event, _FEED_EVENTS):
            name = feed_name(record.event)
            if name:
                touched[name] = record
    return touched


def feed_message(row: FeedRow, position: Position | None = None, told: Place | None = None) -> Message:
    """A feed's present row."""
    return Message("feeds", (row.name,), origin=row.origin, row=lambda: row, position=position, told=told)


def feed_messages(services: Services, records: Sequence[Recorded | Unreadable], told: Place) -> list[Message]:
    """The present rows of the feeds that a batch of the log tells of, each once; with the last, all up to `told` is told."""
    touched = touched_feeds(records)
    if not touched:
        return []
    rows = [row for row in feed_rows(services) if row.name in touched]
    last = len(rows) - 1
    return [
        feed_message(row, touched[row.name].position, told if number == last else None)
        for number, row in enumerate(rows)
    ]
