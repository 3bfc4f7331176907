"""A small market in memory behind the API: fakes of the read ports, the log and the store, under the real commands."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Self, TypeVar, cast

from adapters.forecasting.models import SERVED
from adapters.memory.event_log import MemoryEventLog
from adapters.memory.log_inspection import MemoryLogInspection
from application.alerting.commands import AlertCommands
from application.alerting.deliveries import DeliveryCommands
from application.alerting.preview import RulePreview
from application.analytics.backtest.backtests import Backtests
from application.analytics.market_statistics import MarketStatistics
from application.analytics.news_price import NewsPrice
from application.dead_letters import DeadLetterCommands
from application.ports.alert_reads import AlertReads, KeptLetter
from application.ports.checkpoints import Checkpoint
from application.ports.deliveries import DeliveryReads, DeliveryStore, KnownDelivery
from application.ports.event_log import BEGINNING, Cursor, EventLog, Recorded
from application.ports.forecast_reads import ForecastReads, KnownForecast, TrackRecordRead
from application.ports.market_reads import MarketReads, Quote, Touch
from application.ports.news_reads import NewsReads, ScoredArticle
from application.ports.page import InvalidPageCursor, Page, Window
from application.ports.sentiment_reads import SentimentReads
from application.ports.store import Store
from application.store import READER
from application.tables_up_to import TablesUpTo
from application.topics import DEAD_LETTERS
from domain.alerting.alert import Alert, AlertRaised, AlertStatus, fold_alert
from domain.alerting.delivery import Delivery, DeliveryState
from domain.analytics.forecast import ForecastIssued, ForecastScored
from domain.analytics.sentiment import SentimentScored, TagSentiment, tag_sentiment
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.errors import ConcurrencyError
from domain.event import Event
from domain.market.candle import Candle, Interval, candles_of
from domain.market.feed import FeedConnected, TradeIdsRestarted
from domain.market.feed_health import FeedHealth, evolve_feed
from domain.market.gap import TradeGap
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.news.article import ArticlePublished
from domain.sources import NewsFeed
from domain.values import Origin, Pair, Side
from entrypoints.api.house import House
from entrypoints.api.services import Component, Services
from tests.house import house_at, key_of
from tests.unit.api.operations import operations_over

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC, ETH, DOGE = Pair("BTC/USD"), Pair("ETH/USD"), Pair("DOGE/USD")
PAIRS = (BTC, ETH, DOGE)

T = TypeVar("T")


def trade(number: int, pair: Pair = BTC, *, price: str = "97000.10", origin: Origin = Origin.LIVE) -> TradeExecuted:
    at = NOON + timedelta(seconds=number)
    return TradeExecuted(
        venue="kraken", pair=pair, trade_id=number, price=Decimal(price), volume=Decimal("0.00100000"), side=Side.BUY,
        order_type="market", occurred_at=at, recorded_at=at, origin=origin,
    )  # fmt: skip


def ticker(number: int, pair: Pair = BTC) -> TickerUpdated:
    at = NOON + timedelta(seconds=number)
    one = Decimal("1.50")
    return TickerUpdated(
        venue="kraken", pair=pair, last=Decimal("97000.10"), bid=one, bid_qty=one, ask=one, ask_qty=one, volume_24h=one,
        vwap_24h=one, low_24h=one, high_24h=one, change_24h=Decimal("-1E+2"), pct_change=Decimal("-0.10"),
        occurred_at=at, recorded_at=at, origin=Origin.LIVE,
    )  # fmt: skip


def article(number: int, *tags: str) -> ArticlePublished:
    at = NOON + timedelta(seconds=number)
    return ArticlePublished(
        source="CoinDesk", guid=f"g/{number}", url="https://example.org/a", title=f"Title {number}", summary="S",
        content="C", authors=("Ann",), tags=tags, published_at=None, scraped_at=at, extracted_by="trafilatura",
        occurred_at=at, recorded_at=at, origin=Origin.LIVE,
    )  # fmt: skip


def raised(number: int, pair: Pair = BTC) -> AlertRaised:
    at = NOON + timedelta(seconds=number)
    return AlertRaised(
        alert_id=f"{number:020x}", sequence=1, rule_id="default", pair=pair, kind="price-move",
        pct_change=Decimal("-1.2300000000"), price=Decimal(98), reference_price=Decimal(100), window_s=300,
        occurred_at=at, recorded_at=at, origin=Origin.LIVE,
    )  # fmt: skip


def connected(pair: Pair = BTC, *, at: datetime = NOON) -> FeedConnected:
    return FeedConnected(venue="kraken", pair=pair, occurred_at=at, recorded_at=at, origin=Origin.LIVE)


def canonical_pair(text: str) -> Pair:
    pair = Pair.parse(text)
    return Pair(pair.replace("XBT/", "BTC/").replace("XDG/", "DOGE/"))


class FakeClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


class TablesPlaces:
    """The log position of the tables: the head of the log, but `lags_at` for the next `lags_for` looks at it."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log
        self.lags_at: Cursor = BEGINNING
        self.lags_for = 0.0
        self.looks = 0

    def checkpoints(self, prefix: str) -> dict[str, Checkpoint]:
        if prefix == READER:
            self.looks += 1
        own = {READER: Checkpoint(self.lags_at if self.looks <= self.lags_for else self._log.head())}
        return {name: checkpoint for name, checkpoint in own.items() if name.startswith(prefix)}


class World:
    """Everything that was appended, and the read ports over it; `keep_up` does what the store's projection does."""

    def __init__(self, origin: Origin = Origin.LIVE) -> None:
        self.origin = origin
        self.clock = FakeClock()
        self.log = MemoryEventLog()
        self.places = TablesPlaces(self.log)
        self.trades_list: list[TradeExecuted] = []
        self.ticker_list: list[TickerUpdated] = []
        self.article_list: list[ScoredArticle] = []
        self.touched: dict[tuple[Pair, Interval, datetime], tuple[Candle, Touch]] = {}
        self.health: dict[str, FeedHealth] = {}
        self.gap_list: list[TradeGap] = []
        self.restarts: list[TradeIdsRestarted] = []
        self.forecast_list: list[KnownForecast] = []
        self.records: list[TrackRecordRead] = []
        self.delivery_rows: dict[tuple[str, str], Delivery] = {}
        self.states: dict[Pair, str] = {}
        self.stream_events: dict[str, list[Event]] = {}
        self.letters = Letters(self.log)
        self.read_again: list[Event] = []  # what a dead letter of Kraken's says, once it is understood
        self.components: dict[str, Component] = {"database": Component("ok", essential=True)}
        self.house_box = house_at(self.clock)
        self._services: Services | None = None
        self.commands = AlertCommands(
            cast("Store", self), cast("AlertReads", self), self.clock,
            origin=origin, changed=lambda: None, check_channels=self.house_box.channels().must_be_there,
        )  # fmt: skip
        self.commands.set_up(PAIRS)
        self.operations = operations_over(self.log, self.house_box.engine(), self.clock)

    @property
    def house(self) -> House:
        return self.house_box.services()

    def key(self, *scopes: str) -> str:
        """A new API key's text."""
        return key_of(self.house_box, *scopes)

    def services(self) -> Services:
        if self._services is None:
            self._services = self._make_services()
        return self._services

    def change(self, **fields: Any) -> None:
        """Serve from services with other fields."""
        self._services = replace(self._services or self._make_services(), **fields)

    def _make_services(self) -> Services:
        return Services(
            origin=self.origin,
            profile="embedded",
            started_at=NOON - timedelta(minutes=1),
            pairs=PAIRS,
            feeds=(NewsFeed("CoinDesk", "https://user:secret@coindesk.com/rss"),),
            own_feeds=frozenset(),
            feed_interval_s=300,
            canonical_pair=canonical_pair,
            clock=self.clock,
            event_log=cast("EventLog", self.log),
            market=cast("MarketReads", self),
            news=cast("NewsReads", self),
            alerts=cast("AlertReads", self),
            deliveries=cast("DeliveryReads", self),
            delivery_commands=DeliveryCommands(cast("DeliveryStore", self), self.clock),
            forecasts=cast("ForecastReads", self),
            sentiment=cast("SentimentReads", self),
            commands=self.commands,
            news_price=NewsPrice(cast("MarketReads", self), cast("NewsReads", self), self.clock, pairs=PAIRS),
            statistics=MarketStatistics(cast("MarketReads", self), self.clock, pairs=PAIRS),
            operations=self.operations,
            backtests=Backtests(cast("MarketReads", self), cast("SentimentReads", self), self.clock, SERVED),
            preview=RulePreview(
                cast("MarketReads", self),
                cast("NewsReads", self),
                cast("ForecastReads", self),
                self.clock,
                origin=self.origin,
                pairs=PAIRS,
            ),
            dead_letters=self.letters,
            letters=DeadLetterCommands(
                cast("EventLog", self.log), self.letters, self.clock, {"kraken-frame": lambda _letter: self.read_again}
            ),
            tables=TablesUpTo(self.log, MemoryLogInspection(self.log), self.places, self.clock),
            health=lambda: cast("Mapping[str, Component]", self.components),
        )

    def happens(self, *events: Event) -> None:
        """Append to the log and keep the read models up."""
        self.keep_up(*events)
        self.log.append(events)

    def keep_up(self, *events: Event) -> None:
        position = int(self.log.head())
        for event in events:
            position += 1
            match event:
                case TradeExecuted():
                    self.trades_list.append(event)
                    self._touch(event.pair, position)
                case TickerUpdated():
                    self.ticker_list.append(event)
                case ArticlePublished():
                    self.article_list.append(ScoredArticle(event))
                case SentimentScored():
                    self.article_list = [
                        ScoredArticle(one.article, event) if one.article.event_id == event.article_event_id else one
                        for one in self.article_list
                    ]
                case ForecastIssued():
                    self.forecast_list.append(KnownForecast(event))
                case ForecastScored():
                    self.forecast_list = [
                        KnownForecast(
                            known.issued, event if known.issued.event_id == event.forecast_event_id else known.scored
                        )
                        for known in self.forecast_list
                    ]
                case AlertRaised():
                    self.stream_events[f"alert:{event.alert_id}"] = [event]
                case FeedConnected():
                    health = evolve_feed(self.health.get(event.pair), event)
                    assert health
                    self.health[event.pair] = health

    def _touch(self, pair: Pair, position: int) -> None:
        for part, interval in enumerate(Interval):
            for candle in candles_of([t for t in self.trades_list if t.pair == pair], interval):
                if candle.closed_by == (self.trades_list[-1].occurred_at, self.trades_list[-1].trade_id):
                    self.touched[candle.bucket] = (candle, (position, part))

    # --- the market's reads ---

    def latest_tickers(self, *, as_of: datetime | None = None) -> list[TickerUpdated]:
        return list({one.pair: one for one in self.ticker_list}.values())

    def tickers(self, pair: Pair, window: Window) -> Page[TickerUpdated]:
        return _page([one for one in reversed(self.ticker_list) if one.pair == pair], window)

    def trades(self, pair: Pair | None, window: Window) -> Page[TradeExecuted]:
        known = [one for one in self.trades_list if window.as_of is None or one.recorded_at <= window.as_of]
        return _page([one for one in reversed(known) if pair in (None, one.pair)], window)

    def trades_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TradeExecuted]:
        return (one for one in self.trades_list if one.pair == pair and start <= one.occurred_at < end)

    def tickers_since(self, pair: Pair, start: datetime, end: datetime) -> Iterator[TickerUpdated]:
        return (one for one in self.ticker_list if one.pair == pair and start <= one.occurred_at < end)

    def quotes(self, pair: Pair, window: Window) -> list[Quote]:
        return [(one.bid, one.ask) for one in reversed(self.ticker_list) if one.pair == pair][: window.limit]

    def candles(self, pair: Pair, interval: Interval, window: Window) -> Page[Candle]:
        if window.as_of is None:
            known = [candle for candle, _ in self.touched.values()]
        else:
            known = candles_of([one for one in self.trades_list if one.recorded_at <= window.as_of], interval)
        candles = [c for c in known if (c.pair, c.interval) == (pair, interval)]
        return _page(sorted(candles, key=lambda candle: candle.start), window)

    def candles_after(self, touch: Touch, *, limit: int) -> list[tuple[Candle, Touch]]:
        rows = sorted(self.touched.copy().values(), key=lambda row: row[1])
        return [row for row in rows if row[1] > touch][:limit]

    def last_touch(self) -> Touch:
        return max((touch for _, touch in self.touched.copy().values()), default=(0, 0))

    def pairs(self) -> list[Pair]:
        return sorted({one.pair for one in self.trades_list})

    def feeds(self, *, as_of: datetime | None = None) -> list[FeedHealth]:
        return list(self.health.values())

    def gaps(self, pair: Pair, *, as_of: datetime | None = None) -> list[TradeGap]:
        return [one for one in self.gap_list if as_of is None or one.recorded_at <= as_of]

    def trade_id_bounds(
        self, pair: Pair, *, as_of: datetime | None = None
    ) -> tuple[TradeExecuted, TradeExecuted] | None:
        known = [one for one in self.trades_list if one.pair == pair and (as_of is None or one.recorded_at <= as_of)]
        trades = sorted(known, key=lambda one: one.trade_id)
        return (trades[0], trades[-1]) if trades else None

    def id_restarts(self, pair: Pair) -> list[TradeIdsRestarted]:
        return [one for one in self.restarts if one.pair == pair]

    def trade_before(self, pair: Pair, trade_id: int) -> TradeExecuted | None:
        before = [one for one in self.trades_list if one.pair == pair and one.trade_id < trade_id]
        return max(before, key=lambda one: one.trade_id, default=None)

    def lags(self, pairs: Sequence[Pair], start: datetime, end: datetime) -> dict[Pair, list[float]]:
        found: dict[Pair, list[float]] = {}
        for trade in self.trades_list:
            if trade.pair in pairs and start <= trade.recorded_at < end:
                found.setdefault(trade.pair, []).append((trade.recorded_at - trade.occurred_at).total_seconds())
        return found

    # --- the news' and alerting's reads ---

    def articles(
        self, window: Window, *, tag: str | None = None, source: str | None = None, text: str | None = None
    ) -> Page[ScoredArticle]:
        def fits(one: ArticlePublished) -> bool:
            return (tag is None or tag in one.tags) and source in (None, one.source) and (text or "") in one.title

        return _page([one for one in reversed(self.article_list) if fits(one.article)], window)

    def article(self, article_id: str, *, as_of: datetime | None = None) -> ScoredArticle | None:
        found = next((one for one in self.article_list if one.article.article_id == article_id), None)
        if found is None or as_of is None:
            return found
        if found.article.recorded_at > as_of:
            return None
        known = found.sentiment is not None and found.sentiment.recorded_at <= as_of
        return found if known else ScoredArticle(found.article)

    def latest(self, event_ids: Collection[str]) -> dict[str, ArticlePublished]:
        return {one.article.event_id: one.article for one in self.article_list if one.article.event_id in event_ids}

    def since(self, source: str, start: datetime) -> list[ArticlePublished]:
        return [one.article for one in self.article_list if one.article.source == source]

    def recorded(self, tag: str, start: datetime, end: datetime) -> list[datetime]:
        tagged = [one.article.recorded_at for one in self.article_list if tag in one.article.tags]
        return sorted(at for at in tagged if start <= at < end)

    def sentiment(
        self, interval: Interval, window: Window, *, tag: str | None = None, as_first_known: bool = False
    ) -> Page[TagSentiment]:
        """Each article here has one score, which is the first as well."""
        scores: dict[tuple[datetime, str], list[SentimentScored]] = {}
        for one in self.article_list:
            for name in one.article.tags if one.sentiment else ():
                if one.sentiment and tag in (None, name):
                    key = (interval.start_of(one.article.recorded_at), name)
                    scores.setdefault(key, []).append(one.sentiment)
        rows = [tag_sentiment(name, interval, start, found) for (start, name), found in sorted(scores.items())]
        return _page(rows, window)

    def alerts(
        self,
        window: Window,
        *,
        status: AlertStatus | None = None,
        pair: Pair | None = None,
        now: datetime | None = None,
    ) -> Page[Alert]:
        found = [fold_alert(events) for name, events in self.stream_events.items() if name.startswith("alert:")]
        folded = [alert.at(now) if alert and now else alert for alert in found]
        fitting = [a for a in folded if a and status in (None, a.status) and pair in (None, a.raised.pair)]
        return _page(sorted(fitting, key=lambda alert: alert.raised.occurred_at, reverse=True), window)

    def streams(self, prefix: str, *, as_of: datetime | None = None) -> dict[str, list[Event]]:
        return {name: list(events) for name, events in self.stream_events.items() if name.startswith(prefix)}

    def has_streams(self, prefix: str) -> bool:
        return any(name.startswith(prefix) for name in self.stream_events)

    def forecasts(
        self, window: Window, *, pair: Pair | None = None, horizon_s: int | None = None, model: str | None = None
    ) -> Page[KnownForecast]:
        def fits(one: ForecastIssued) -> bool:
            chosen = one.served if model is None else one.model == model
            return chosen and pair in (None, one.pair) and horizon_s in (None, one.horizon_s)

        return _page([known for known in reversed(self.forecast_list) if fits(known.issued)], window)

    def track_records(
        self, *, pair: Pair | None = None, horizon_s: int | None = None, last: int, as_of: datetime | None = None
    ) -> list[TrackRecordRead]:
        return [one for one in self.records if pair in (None, one.pair) and horizon_s in (None, one.horizon_s)]

    def forecasting_states(self) -> Mapping[Pair, str]:
        return self.states

    # --- the store, as far as commands need it ---

    @contextmanager
    def begin(self) -> Iterator[Self]:
        yield self

    def load(self, stream: str, *, as_of: datetime | None = None) -> list[Event]:
        return list(self.stream_events.get(stream, []))

    load_all = streams

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> None:
        present = self.stream_events.setdefault(stream, [])
        if len(present) != expected_version:
            raise ConcurrencyError(f"{stream} was changed by somebody else: read it again")
        present.extend(events)

    def put_alerts(self, alerts: Sequence[Alert]) -> None: ...

    def delivery(self, alert_id: str, channel_id: str) -> Delivery | None:
        return self.delivery_rows.get((alert_id, channel_id))

    def put_delivery(self, delivery: Delivery) -> None:
        self.delivery_rows[delivery.alert_id, delivery.channel_id] = delivery

    def deliveries(self, window: Window, *, state: DeliveryState | None = None) -> Page[KnownDelivery]:
        found = [one for one in reversed(self.delivery_rows.values()) if state in (None, one.state)]
        return _page([KnownDelivery(one, BTC, "price-move") for one in found], window)


class Letters:
    """Dead letters, straight from the log."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log

    def dead_letters(
        self, window: Window, *, kind: str | None = None, place: str | None = None, outcome: str | None = "open"
    ) -> Page[KeptLetter]:
        found = [
            kept for kept in reversed(self._all().values())
            if kind in (None, kept.letter.kind) and place in (None, kept.letter.place) and outcome in (None, kept.outcome)
        ]  # fmt: skip
        return _page(found, window)

    def dead_letter(self, letter_id: str) -> KeptLetter | None:
        return self._all().get(letter_id)

    def _all(self) -> dict[str, KeptLetter]:
        found: dict[str, KeptLetter] = {}
        with self._log.reader([DEAD_LETTERS], after=BEGINNING) as reader:
            for record in reader.read(limit=10_000, timeout_s=0):
                event = record.event if isinstance(record, Recorded) else None
                if isinstance(event, DeadLettered):
                    found[event.letter_id] = KeptLetter(event, "open")
                elif isinstance(event, DeadLetterSettled):
                    found[event.letter_id] = replace(found[event.letter_id], outcome=event.outcome)
        return found


def _page(rows: list[T], window: Window) -> Page[T]:
    if window.cursor is not None and not window.cursor.isdigit():
        raise InvalidPageCursor(f"'{window.cursor}' is not a cursor")
    start = int(window.cursor or 0)
    end = start + window.limit
    return Page(rows[start:end], str(end) if end < len(rows) else None)
