"""What a source reaches: the market's feed and history, the news feeds, and whose data they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from adapters.kraken.config import KrakenConfig
from adapters.kraken.feed import KrakenFeed
from adapters.kraken.recording import RecordingFeed
from adapters.kraken.rest import KrakenHistory
from adapters.rss.assets import known_assets
from adapters.rss.reader import RssReader
from adapters.simulator.news import SOURCES as SIMULATED_SOURCES
from adapters.simulator.pairs import SimulatedPairs
from adapters.simulator.server import Simulator
from adapters.web.client import WebClient
from adapters.web.pages import WebPageReader
from application.courtesy import GiveWay, at_once
from application.market.backfill import Backfill
from application.market.collect import MarketCollector
from application.market.pair_names import PairNames
from application.news.collect import NewsCollector, NewsSource
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.market_feed import MarketFeed
from application.ports.market_reads import MarketReads
from application.ports.news_reads import NewsReads
from application.ports.pair_listing import PairListing
from application.ports.telemetry import Telemetry
from application.ports.trade_history import TradeHistory
from domain.market.candle import Interval
from domain.news.tags import Asset, Tags
from domain.sources import NewsFeed
from domain.values import Origin, Pair
from entrypoints.settings import Settings
from entrypoints.source import Source

_LISTING_S = 5.0  # somebody waits for it who saves a choice of pairs


@dataclass(slots=True)
class Outside:
    """`feed_of` makes the feed of some pairs. `news` are the source's own feeds, or those of the settings.

    The simulator, where there is one, is a server of its own: `stop` ends it.
    """

    feed_of: Callable[[Sequence[Pair]], MarketFeed]
    history: TradeHistory | None
    news: dict[str, str]
    news_origin: Origin
    private_hosts: list[str] = field(default_factory=list)
    simulator: Simulator | None = None
    names: PairNames | None = None

    def stop(self) -> None:
        """Close what was opened here."""
        if self.names:
            self.names.close()
        if self.simulator:
            self.simulator.stop()

    def news_collector(
        self,
        feeds: Sequence[NewsFeed],
        event_log: EventLog,
        reads: NewsReads,
        clock: Clock,
        telemetry: Telemetry,
        interval_s: int,
        pairs: Callable[[], Sequence[Pair]],
    ) -> NewsCollector:
        """What polls these feeds and reads their articles' pages. Feeds that are not the source's own are real.

        Articles are tagged with the base assets of `pairs`, as they are then.
        """
        web = WebClient(allow_private_hosts=self.private_hosts)
        sources = [
            NewsSource(feed.name, feed.url, self.news_origin if self.news.get(feed.name) == feed.url else Origin.LIVE)
            for feed in feeds
        ]
        return NewsCollector(
            sources,
            RssReader(web),
            WebPageReader(web),
            event_log,
            reads,
            clock,
            telemetry,
            interval_s=interval_s,
            tags=lambda: tags_for(tuple(pairs())),
        )

    def backfill(
        self,
        collector: MarketCollector,
        reads: MarketReads,
        clock: Clock,
        telemetry: Telemetry,
        settings: Settings,
        give_way: GiveWay = at_once,
    ) -> Backfill | None:
        """What fetches the history from the venue; a recording has none."""
        if self.history is None:
            return None
        # The simulator makes a million trades a day: nobody wants them all before the page is a minute old.
        since = Interval.H1 if self.simulator else Interval.D1
        return Backfill(self.history, collector, reads, clock, telemetry, settings.pairs, since, give_way)


def news_of(settings: Settings, source: Source) -> dict[str, str]:
    """The news feeds by name, for whoever only shows them: the simulator's URLs are known to whoever runs it."""
    if settings.feeds_are_users or source.origin is Origin.LIVE:
        return settings.feeds
    return dict.fromkeys(SIMULATED_SOURCES.values(), "") if source.origin is Origin.SIMULATED else {}


def own_feeds(settings: Settings, source: Source) -> frozenset[str]:
    """The news feeds that are the simulator's own: nobody else can read them."""
    is_simulators = source.origin is Origin.SIMULATED and not settings.feeds_are_users
    return frozenset(SIMULATED_SOURCES.values()) if is_simulators else frozenset()


def open_outside(settings: Settings, source: Source, clock: Clock, telemetry: Telemetry) -> Outside:
    """Make what the source reaches; nothing is connected yet, but the simulator runs. Raises KrakenError."""
    if source.origin is Origin.RECORDING:
        assert source.recording
        recording = RecordingFeed(
            source.recording, pairs=settings.pairs, speed=settings.speed, clock=clock, telemetry=telemetry
        )
        news = settings.feeds if settings.feeds_are_users else {}
        return Outside(lambda _pairs: recording, None, news, Origin.LIVE, settings.allow_private_hosts)
    ws_url, rest_url, simulator = settings.kraken_ws_url, settings.kraken_rest_url, None
    news, news_origin, private_hosts = settings.feeds, Origin.LIVE, list(settings.allow_private_hosts)
    if source.origin is Origin.SIMULATED:
        simulator = Simulator(clock=clock.now)
        simulator.start()
        ws_url, rest_url = simulator.ws_url, simulator.rest_url
        if not settings.feeds_are_users:
            news, news_origin = simulator.feeds, Origin.SIMULATED
            private_hosts.append(simulator.address)

    names = pair_names_of(settings, source, clock, telemetry)

    def feed_of(pairs: Sequence[Pair]) -> MarketFeed:
        config = KrakenConfig(url=ws_url, pairs=tuple(map(str, pairs)), origin=source.origin)
        return KrakenFeed(config, clock=clock, telemetry=telemetry, hint=names.hint if names else _no_hint)

    history = KrakenHistory(
        rest_url, origin=Origin.SIMULATED if simulator else Origin.BACKFILL, clock=clock, telemetry=telemetry
    )
    return Outside(feed_of, history, news, news_origin, private_hosts, simulator, names)


def pair_names_of(settings: Settings, source: Source, clock: Clock, telemetry: Telemetry) -> PairNames | None:
    """The names of the pairs that a source has, fetched in the background; a recording is played as it is."""
    if source.origin is Origin.RECORDING:
        return None
    listing: PairListing = SimulatedPairs()
    if source.origin is Origin.LIVE:
        listing = KrakenHistory(
            settings.kraken_rest_url, origin=Origin.BACKFILL, clock=clock, telemetry=telemetry, timeout_s=_LISTING_S
        )
    names = PairNames(listing)
    names.begin()
    return names


def _no_hint(_pair: str) -> str:
    return ""


@lru_cache(maxsize=4)
def tags_for(pairs: tuple[Pair, ...]) -> Tags:
    """Tags that follow these pairs: their base assets, by the names that are known of them."""
    known = known_assets()
    bases = dict.fromkeys(pair.base for pair in pairs)
    return Tags(known.get(base) or Asset.unnamed(base) for base in bases)
