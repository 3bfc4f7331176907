"""What the handlers need, handed in. The session behind it may be swapped (simulator -> live) while the API serves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from application.alerting.commands import AlertCommands
from application.alerting.deliveries import DeliveryCommands
from application.alerting.preview import RulePreview
from application.analytics.backtest.backtests import Backtests
from application.analytics.market_statistics import MarketStatistics
from application.analytics.news_price import NewsPrice
from application.dead_letters import DeadLetterCommands
from application.market.pair_names import PairNames
from application.ports.alert_reads import AlertReads, DeadLetterReads
from application.ports.clock import Clock
from application.ports.deliveries import DeliveryReads
from application.ports.event_log import EventLog
from application.ports.forecast_reads import ForecastReads
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.sentiment_reads import SentimentReads
from application.progress import PartState
from application.tables_up_to import TablesUpTo
from domain.errors import InvalidValue
from domain.sources import NewsFeed
from domain.values import Origin, Pair
from entrypoints.api.operations import Operations


class NotReady(Exception):
    """There is no session to serve from yet; the message says what is being waited for, `parts` how they are."""

    def __init__(self, message: str, parts: Mapping[str, PartState] | None = None) -> None:
        super().__init__(message)
        self.parts = parts or {}


Component = PartState
"""How a part of the system is. Without an `essential` one that is down or starting the API cannot serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One session: whose data it is, what is configured, and the use cases and read models over it.

    `canonical_pair` reads a pair as people write it (`BTC-USD`, Kraken's `XBT-USD`); it raises InvalidValue for what
    has no pair's form. `own_feeds` are the simulator's own. `paused` tells who paused a feed, by its name; `chosen_at`
    is when it was decided what is collected, None where nobody has decided.
    `health` reports the session\'s parts; it must answer at once, from any thread and on the event loop.
    """

    origin: Origin
    profile: str
    started_at: datetime
    pairs: tuple[Pair, ...]
    feeds: tuple[NewsFeed, ...]
    own_feeds: frozenset[str]
    feed_interval_s: int
    canonical_pair: Callable[[str], Pair]
    clock: Clock
    event_log: EventLog
    market: MarketReads
    news: NewsReads
    alerts: AlertReads
    deliveries: DeliveryReads
    delivery_commands: DeliveryCommands
    forecasts: ForecastReads
    sentiment: SentimentReads
    commands: AlertCommands
    preview: RulePreview
    news_price: NewsPrice
    backtests: Backtests
    statistics: MarketStatistics
    operations: Operations
    dead_letters: DeadLetterReads
    letters: DeadLetterCommands
    tables: TablesUpTo
    health: Callable[[], Mapping[str, Component]]
    paused: Mapping[str, str] = field(default_factory=dict)
    chosen_at: datetime | None = None
    pair_names: PairNames | None = None

    def find_pair(self, text: str, *, among: Iterable[Pair] | None = None) -> Pair | None:
        """Return the pair that a text means, among the configured ones by default; case does not matter for finding it."""
        try:
            pair = self.canonical_pair(text)
        except InvalidValue:
            return None
        return pair.found_in(self.pairs if among is None else among)


CurrentServices = Callable[[], Services]
"""Asked at each request; the same object until another session, other pairs or other feeds are served.

Raises NotReady between sessions.
"""
