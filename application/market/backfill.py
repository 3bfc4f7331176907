"""Fetching from the venue's history what we missed, and what was before our time."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from application.courtesy import GiveWay, at_once
from application.market.collect import MarketCollector
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from application.ports.telemetry import Telemetry
from application.ports.trade_history import HistoryUnavailable, TradeHistory
from domain.market.candle import Interval
from domain.market.continuity import Run
from domain.market.trade import TradeExecuted
from domain.values import Pair

log = structlog.get_logger(__name__)

_CANDLES_AT_ONCE = 720  # what Kraken's OHLC answers with
_MARGIN = timedelta(milliseconds=1)  # trades of one fill share their time, and "since" is exclusive


@dataclass(slots=True)
class Backfill:
    """Fills gaps as they are found; on start it also fetches the venue's candles, and the trades since this bucket of
    `history_since` (this UTC day, say) began, so that the candles in progress are whole.
    """

    history: TradeHistory
    collector: MarketCollector
    reads: MarketReads
    clock: Clock
    telemetry: Telemetry
    pairs: Sequence[Pair]
    history_since: Interval = Interval.D1
    give_way: GiveWay = at_once
    _given_up: set[tuple[Pair, Run]] = field(default_factory=set)
    _goes_on: dict[tuple[Pair, int], str] = field(default_factory=dict)  # the venue's token for a first id
    _asked: deque[tuple[Pair, datetime | None]] = field(default_factory=deque)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. The venue's refusals are waited out."""
        since = self.history_since.start_of(self.clock.now())
        begun: set[Pair] = set()
        candles: list[tuple[Pair, Interval]] = []
        history: list[Pair] = []
        while not stop.is_set():
            followed = self.pairs
            new = [pair for pair in followed if pair not in begun]
            if new or len(followed) < len(begun):
                begun = set(followed)
                candles = [one for one in candles if one[0] in begun]
                candles += [(pair, interval) for interval in Interval for pair in new]
                history = [*(pair for pair in history if pair in begun), *new]
            try:
                if self._asked:
                    self._answer(*self._asked[0])
                    self._asked.popleft()
                    continue
                if self.fill_gaps(stop):
                    continue
                if candles:
                    self.give_way(stop)
                    if stop.is_set():
                        return
                    self.fetch_candles(*candles[0])
                    candles.pop(0)
                    continue
                if history:
                    if self.request_history(history[0], since):
                        history.pop(0)
                    else:
                        history.append(history.pop(0))
                        stop.wait(0.5)  # no trade of that pair has come yet
                    continue
            except HistoryUnavailable as unavailable:
                self.telemetry.count("refusals", reason="history")
                candles, history = candles[1:] + candles[:1], history[1:] + history[:1]  # another one may be had
                log.warning(
                    "the venue's history is unavailable", reason=str(unavailable), retry_s=unavailable.retry_after_s
                )
                stop.wait(unavailable.retry_after_s)
                continue
            self.collector.gap_found.wait(0.5)

    def follow(self, pairs: Sequence[Pair]) -> None:
        """Fetch for these pairs from now on; of new ones the candles and the day's trades as well. From any thread."""
        self.pairs = tuple(pairs)
        self.collector.gap_found.set()

    def ask(self, pair: Pair, since: datetime | None) -> None:
        """Ask the venue again for what it did not have, and for the trades since a time before ours. From any thread."""
        self._asked.append((pair, since))
        self.collector.gap_found.set()

    def fill_gaps(self, stop: threading.Event, progress: Callable[[Pair, int], None] | None = None) -> bool:
        """Fetch what is missing now, page by page: the shortest gap of all pairs first, it need not wait for a long history.

        Returns whether there was anything to fetch. Raises HistoryUnavailable.
        """
        self.collector.gap_found.clear()
        worked = False
        while not stop.is_set() and (shortest := self._shortest()):
            self.give_way(stop)
            if stop.is_set():
                break
            pair, run = shortest
            fetched = self._fetch(pair, run)
            if progress:
                progress(pair, fetched)
            worked = True
        return worked

    def fetch_candles(self, pair: Pair, interval: Interval) -> None:
        """Take over the venue's latest candles, unless they are stored already. Raises HistoryUnavailable."""
        since = self.clock.now() - interval.length * _CANDLES_AT_ONCE
        stored = self.reads.candles(pair, interval, Window(start=since, limit=1000))
        if len(stored.items) < _CANDLES_AT_ONCE - 2:
            self.collector.accept(self.history.candles(pair, interval))

    def request_history(self, pair: Pair, since: datetime) -> bool:
        """Note that trades from `since` on are wanted; `fill_gaps` then fetches them.

        Returns False while no trade of the pair is stored. Raises HistoryUnavailable.
        """
        bounds = self.reads.trade_id_bounds(pair)
        if bounds is None:
            return False
        first = bounds[0]
        if first.occurred_at > since:
            page = self.history.trades(pair, since=since)
            if page.trades and page.trades[0].trade_id < first.trade_id:
                self.collector.request_history(page.trades[0], first)
                self.collector.accept([trade for trade in page.trades if trade.trade_id < first.trade_id])
                if page.next_since is not None:
                    self._goes_on[pair, page.trades[-1].trade_id + 1] = page.next_since
        return True

    def _answer(self, pair: Pair, since: datetime | None) -> None:
        self._given_up = {(of, run) for of, run in self._given_up if of != pair}
        if since is not None:
            self.request_history(pair, since)

    def _shortest(self) -> tuple[Pair, Run] | None:
        wanted = [
            (pair, run)
            for pair in self.pairs
            for run in self.collector.open_runs(pair)
            if (pair, run) not in self._given_up
        ]
        return min(wanted, key=lambda one: one[1][1] - one[1][0], default=None)

    def _fetch(self, pair: Pair, run: Run) -> int:
        """One page of what is missing. Returns how many of the missing trades it held."""
        first, last = run
        # The store may not have yet what was fetched just now: where a page ended is known from the page.
        since = self._goes_on.get((pair, first)) or self._time_before(pair, run)
        page = self.history.trades(pair, since=since)
        self._goes_on.pop((pair, first), None)
        wanted: list[TradeExecuted] = [trade for trade in page.trades if first <= trade.trade_id <= last]
        self.collector.accept([*wanted, *page.refused])
        self.telemetry.count("backfilled", len(wanted), pair=pair)
        reached = page.trades[-1].trade_id if page.trades else first - 1
        if page.next_since is None or reached >= last:
            reached = last
        else:
            self._goes_on[pair, max(reached + 1, first)] = page.next_since
        # What the venue itself does not have stays missing, and is not asked for again in this session.
        left = self.collector.open_runs(pair)
        self._given_up.update((pair, one) for one in left if first <= one[0] and one[1] <= reached)
        return len(wanted)

    def _time_before(self, pair: Pair, run: Run) -> datetime:
        before = self.reads.trade_before(pair, run[0])
        if before:
            return before.occurred_at - _MARGIN
        # Only the first page of a day's history can be lost like this, by a crash right after it was asked for.
        bounds = self.reads.trade_id_bounds(pair)
        oldest = bounds[0].occurred_at if bounds else self.clock.now()
        return oldest.replace(hour=0, minute=0, second=0, microsecond=0)
