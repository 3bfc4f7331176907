"""From events, candles and feeds to the stream's messages."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import structlog

from application.ports.event_log import Cursor, Recorded, Unreadable
from application.ports.news_reads import ScoredArticle
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
from entrypoints.api.services import Services
from entrypoints.api.stream.channels import Message
from entrypoints.api.stream.places import Place, place_of, to_wire

log = structlog.get_logger(__name__)

_FEED_EVENTS = tuple(kind for kind in EVENTS_OF[FEED_EVENTS] if kind is not CandleImported)


def log_messages(services: Services, records: Sequence[Recorded | Unreadable]) -> list[Message]:
    """What a batch of the log says on tickers, trades, articles and alerts.

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
        case AlertRaised() | AlertAcknowledged() | AlertResolved() | AlertSilenced():
            alert = _alert_after(services, event)
            if alert is None:
                return None
            channel, names, row = "alerts", (alert.raised.pair,), partial(alert_row, alert)
        case _:
            return None
    cursor = to_wire(record.cursor, services.origin)
    return Message(channel, names, place_of(record.cursor), cursor=cursor, origin=event.origin, row=row)


def _alert_after(services: Services, event: AlertEvent) -> Alert | None:
    """The alert as `event` left it."""
    if isinstance(event, AlertRaised):
        return evolve_alert(None, event)
    stream = f"alert:{event.alert_id}"
    history = services.alerts.streams(stream).get(stream, [])
    alert = fold_alert(past for past in history if isinstance(past, AlertEvent) and past.sequence <= event.sequence)
    if alert is None:
        log.warning("an alert that changed is not in the store: its row is not streamed", alert=event.alert_id)
    return alert


def candle_messages(services: Services, candles: Sequence[tuple[Candle, Cursor]]) -> list[Message]:
    """Touched candles as messages."""
    now = services.clock.now()
    return [
        Message(
            "candles",
            (candle.pair,),
            place_of(cursor),
            cursor=to_wire(cursor, services.origin),
            origin=candle.origin,
            row=partial(candle_row, candle, now),
        )
        for candle, cursor in candles
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


def feed_message(services: Services, row: FeedRow, cursor: Cursor, place: Place | None) -> Message:
    """A feed's present row."""
    wire = to_wire(cursor, services.origin)
    return Message("feeds", (row.name,), place, cursor=wire, origin=row.origin, row=lambda: row)


def feed_messages(services: Services, records: Sequence[Recorded | Unreadable]) -> list[Message]:
    """The present rows of the feeds that a batch of the log tells of, each once, in the order of the log."""
    touched = touched_feeds(records)
    if not touched:
        return []
    rows = {row.name: row for row in feed_rows(services)}
    last = sorted(touched.items(), key=lambda item: place_of(item[1].cursor))
    return [feed_message(services, rows[n], r.cursor, place_of(r.cursor)) for n, r in last if n in rows]
