"""Collecting what the plan says, and going on with another one when it changes: nothing is started anew but what it is about."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from adapters.kraken.names import VENUE
from application.market.backfill import Backfill
from application.market.collect import MarketCollector
from application.news.collect import NewsCollector
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.market_feed import MarketFeed
from application.progress import Progress
from application.source_troubles import SourceTroubles
from domain.event import Event
from domain.market.feed import FeedDisconnected
from domain.market.feed_health import PAUSED_BY
from domain.news.source import NewsSourceFailed
from domain.sources import BackfillAsked, NewsFeed
from domain.values import Origin, Pair
from entrypoints.outside import Outside
from entrypoints.plan import Plan, Plans, until

_NAMES_WITHIN_S = 2.0  # longer nobody waits for the venue's list: a pair whose name changes is followed later
_SILENT_AFTER_S = 60.0  # all pairs together: the venue's tickers alone come more often
_NAMES = {Origin.LIVE: "Kraken", Origin.SIMULATED: "the simulator"}


class MarketCollecting:
    """The venue's feed of the pairs that are not paused. Another choice of pairs goes over the same connection: those
    that stay are not interrupted.
    """

    def __init__(
        self,
        plans: Plans,
        outside: Outside,
        collector: MarketCollector,
        clock: Clock,
        origin: Origin,
        progress: Progress | None = None,
    ) -> None:
        self._plans = plans
        self._outside = outside
        self._collector = collector
        self._clock = clock
        self._origin = origin
        self._told: dict[str, str] = {}  # why nothing comes of a pair
        self._troubles = SourceTroubles(
            _NAMES.get(origin, VENUE), silent_after_s=None if origin is Origin.RECORDING else _SILENT_AFTER_S
        )
        if progress:
            progress.explain_by(self._troubles.look)
        self._pairs: tuple[Pair, ...] = ()

    def run(self, stop: threading.Event) -> None:
        """Collect until `stop` is set, or until a recording ends."""
        if self._plans.names:
            self._plans.names.wait(_NAMES_WITHIN_S)
        while not stop.is_set():
            plan = self._plans.present()
            self._tell(plan)
            self._pairs = plan.collected_pairs
            self._troubles.follow(self._pairs)
            feed = self._outside.feed_of(self._pairs) if self._pairs else None
            with until(stop, partial(self._must_end, feed)) as over:
                if feed:
                    feed.run(self._accept, over)
                else:
                    over.wait()
                if not over.is_set():
                    return

    def _accept(self, events: Sequence[Event]) -> None:
        self._troubles.note(events)
        self._collector.accept(events)

    def _must_end(self, feed: MarketFeed | None) -> bool:
        """Keep a feed in step with the plan. Return whether it must end: there is nothing to collect now, or there was."""
        plan = self._plans.present()
        pairs = plan.collected_pairs
        if pairs != self._pairs:
            if feed is None or not pairs:
                return True
            self._tell(plan)
            self._troubles.follow(pairs)
            feed.follow(pairs)
            self._pairs = pairs
        return False

    def _tell(self, plan: Plan) -> None:
        why = {str(pair): _paused_by(plan.paused[pair]) for pair in plan.pairs if pair in plan.paused}
        now = self._clock.now()
        self._collector.accept([
            FeedDisconnected(
                venue=VENUE, pair=pair, reason=reason, next_try_at=None,
                occurred_at=now, recorded_at=now, origin=self._origin,
            )
            for pair, reason in why.items() if self._told.get(pair) != reason
        ])  # fmt: skip
        self._told = why


class NewsCollecting:
    """The news feeds that are not paused."""

    def __init__(
        self,
        plans: Plans,
        collector_of: Callable[[tuple[NewsFeed, ...]], NewsCollector],
        event_log: EventLog,
        clock: Clock,
        origin: Origin,
        troubles: SourceTroubles | None = None,
    ) -> None:
        """`troubles` note what the collectors append; here they are told which feeds are collected."""
        self._plans = plans
        self._collector_of = collector_of
        self._troubles = troubles
        self._log = event_log
        self._clock = clock
        self._origin = origin
        self._told: dict[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Collect until `stop` is set. Raises LogUnavailable."""
        while not stop.is_set():
            plan = self._plans.present()
            self._tell(plan)
            feeds = plan.collected_feeds
            if self._troubles:
                self._troubles.follow([feed.name for feed in feeds])
            with until(stop, lambda now=feeds: self._plans.present().collected_feeds != now) as over:  # type: ignore[misc]
                if feeds:
                    self._collector_of(feeds).run(over)
                else:
                    over.wait()

    def _tell(self, plan: Plan) -> None:
        names = tuple(feed.name for feed in plan.feeds)
        why = {name: _paused_by(plan.paused[name]) for name in names if name in plan.paused}
        now = self._clock.now()
        events = [
            NewsSourceFailed(
                source=name, reason=reason, next_try_at=None, occurred_at=now, recorded_at=now, origin=self._origin
            )
            for name, reason in why.items()
            if self._told.get(name) != reason
        ]
        if events:
            self._log.append(events)
        self._told = why


class Backfilling:
    """The backfill of the pairs that are not paused, and what was asked of it."""

    def __init__(self, plans: Plans, backfill: Backfill) -> None:
        self._plans = plans
        self._backfill = backfill
        self._answered: dict[str, BackfillAsked] = {}

    def run(self, stop: threading.Event) -> None:
        """Fetch until `stop` is set."""
        with until(stop, self._kept_in_step) as over:
            self._kept_in_step()
            self._backfill.run(over)

    def _kept_in_step(self) -> bool:
        """Tell the backfill what has changed; it need not begin anew for that."""
        plan = self._plans.present()
        if self._backfill.pairs != plan.collected_pairs:
            self._backfill.follow(plan.collected_pairs)
        for pair in plan.collected_pairs:
            wish = plan.asked.get(pair)
            if wish and self._answered.get(pair) != wish:
                self._answered[pair] = wish
                self._backfill.ask(pair, wish.since)
        return False


def _paused_by(name: str) -> str:
    return PAUSED_BY + name
