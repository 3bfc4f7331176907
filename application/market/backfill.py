"""Fetching from the venue's history what we missed, and what was before our time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from application.courtesy import GiveWay, at_once
from application.market.collect import MarketCollector
from application.market.stored_ids import StoredIds
from application.market.trade_pages import TradePages
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.page import Window
from application.ports.telemetry import Telemetry
from application.ports.trade_history import HistoryUnavailable, TradeHistory
from domain.market.candle import Interval
from domain.turns import Backoff, Concern, Turns
from domain.values import Pair

log = structlog.get_logger(__name__)

_CANDLES_AT_ONCE = 720  # what Kraken's OHLC answers with
_LOOK_EVERY_S = 0.5
_OF_A_PAIR = Backoff(first_s=5, longest_s=600)
_OF_THE_VENUE = Backoff(first_s=0.25, longest_s=60)  # it says itself how long it wants to be left alone

_TRADES, _HISTORY = "trades", "history"  # tasks of a pair, beside its candles by interval

Progress = Callable[[Pair, int], None]


@dataclass(slots=True)
class _Wishes:
    """What is to be fetched of a pair beside its gaps."""

    candles: list[Interval] = field(default_factory=list)
    history_since: datetime | None = None


@dataclass(slots=True)
class Backfill:
    """Fills gaps as they are found, by the collector or by comparing ids with rows; on start it also fetches the venue's candles, and the trades since this bucket of
    `history_since` (this UTC day, say) began, so that the candles in progress are whole.

    One request is made at a time, by turns: a pair whose requests fail waits for its own next try, and delays no other.
    `seconds` is a clock that never goes back.
    """

    history: TradeHistory
    collector: MarketCollector
    reads: MarketReads
    clock: Clock
    telemetry: Telemetry
    pairs: Sequence[Pair]
    history_since: Interval = Interval.D1
    give_way: GiveWay = at_once
    seconds: Callable[[], float] = time.monotonic
    _pages: TradePages = field(init=False)
    _ids: StoredIds = field(init=False)
    _turns: Turns[Pair, str] = field(default_factory=lambda: Turns(_OF_A_PAIR, _OF_THE_VENUE))
    _wishes: dict[Pair, _Wishes] = field(default_factory=dict)
    _since: datetime | None = None
    _asked: deque[tuple[Pair, datetime | None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._pages = TradePages(self.history, self.collector, self.reads, self.clock, self.telemetry)
        self._ids = StoredIds(self.reads, self.collector, self.clock)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. The venue's refusals are waited out."""
        while not stop.is_set():
            wait_s = self.turn(stop)
            if wait_s:
                self.collector.gap_found.wait(wait_s)

    def turn(self, stop: threading.Event) -> float:
        """Make one request, that of the pair whose turn it is. Return how many seconds to wait for the next turn."""
        self.collector.gap_found.clear()
        self._begin_new_pairs()
        self._take_wishes()
        self._ids.look(self.pairs, self.seconds())
        wanted = {pair: self._tasks(pair) for pair in self.pairs}
        chosen = self._turns.next(wanted, self.seconds())
        if chosen is None:
            next_at = self._turns.next_at(wanted)
            left = _LOOK_EVERY_S if next_at is None else next_at - self.seconds()
            return max(0.001, min(left, _LOOK_EVERY_S))
        self.give_way(stop)
        if not stop.is_set():
            try:
                self._do(*chosen)
            except HistoryUnavailable as unavailable:
                self._failed(*chosen, unavailable)
        return 0

    def follow(self, pairs: Sequence[Pair]) -> None:
        """Fetch for these pairs from now on; of new ones the candles and the day's trades as well. From any thread."""
        self.pairs = tuple(pairs)
        self.collector.gap_found.set()

    def ask(self, pair: Pair, since: datetime | None) -> None:
        """Ask the venue again for what it did not have, and for the trades since a time before ours. From any thread."""
        self._asked.append((pair, since))
        self.collector.gap_found.set()

    def fill_gaps(self, stop: threading.Event, progress: Progress | None = None) -> bool:
        """Fetch what is missing now, page by page. Return whether there was anything to fetch. Raises HistoryUnavailable."""
        return self._until_done(stop, lambda pair: [task for task in self._tasks(pair) if task == _TRADES], progress)[0]

    def fetch_all(
        self, stop: threading.Event, since: datetime | None = None, progress: Progress | None = None
    ) -> Mapping[Pair, str]:
        """Fetch candles, gaps and the history from `since` on, once. Return why pairs were refused, by pair.

        Raises HistoryUnavailable where the venue as a whole cannot be asked.
        """
        for pair in self.pairs:
            self._wishes[pair] = _Wishes(list(Interval), since)
            self._ids.look_at_once(pair)
        return self._until_done(stop, self._tasks, progress)[1]

    def fetch_candles(self, pair: Pair, interval: Interval) -> None:
        """Take over the venue's latest candles, unless they are stored already. Raises HistoryUnavailable."""
        since = self.clock.now() - interval.length * _CANDLES_AT_ONCE
        stored = self.reads.candles(pair, interval, Window(start=since, limit=1000))
        if len(stored.items) < _CANDLES_AT_ONCE - 2:
            self.collector.accept(self.history.candles(pair, interval))

    def request_history(self, pair: Pair, since: datetime) -> bool:
        """Note that trades from `since` on are wanted, and fetch their first page.

        Returns False while no trade of the pair is stored. Raises HistoryUnavailable.
        """
        return self._pages.request_history(pair, since)

    def _until_done(
        self, stop: threading.Event, tasks: Callable[[Pair], list[str]], progress: Progress | None
    ) -> tuple[bool, Mapping[Pair, str]]:
        refused: dict[Pair, str] = {}
        failed: set[tuple[Pair, str]] = set()
        worked = False
        while not stop.is_set():
            wanted = {pair: [task for task in tasks(pair) if (pair, task) not in failed] for pair in self.pairs}
            chosen = self._turns.next(wanted, float("inf"))  # here nobody waits for a next try: each is asked once
            if chosen is None:
                break
            self.give_way(stop)
            if stop.is_set():
                break
            try:
                fetched = self._do(*chosen)
            except HistoryUnavailable as unavailable:
                self._failed(*chosen, unavailable)
                if unavailable.concern is Concern.ALL:
                    raise
                failed.add(chosen)
                refused.setdefault(chosen[0], str(unavailable))
                continue
            worked = True
            if progress:
                progress(chosen[0], fetched)
        return worked, refused

    def _begin_new_pairs(self) -> None:
        pairs = self.pairs
        if self._since is None:
            self._since = self.history_since.start_of(self.clock.now())
        if set(pairs) != set(self._wishes):
            kept = {pair: wishes for pair, wishes in self._wishes.items() if pair in pairs}
            self._wishes = {pair: _Wishes(list(Interval), self._since) for pair in pairs} | kept
            self._turns.keep_only(pairs)

    def _take_wishes(self) -> None:
        while self._asked:
            pair, since = self._asked.popleft()
            self._turns.try_now(pair)
            self._pages.ask_again(pair)
            wishes = self._wishes.get(pair)
            if wishes is not None and since is not None:
                before = wishes.history_since
                wishes.history_since = since if before is None else min(since, before)

    def _tasks(self, pair: Pair) -> list[str]:
        """What is wanted of a pair now, the most urgent first."""
        tasks = [_TRADES] if self._pages.shortest(pair) else []
        wishes = self._wishes.get(pair)
        if wishes is not None:
            tasks += [interval.value for interval in wishes.candles]
            # Before the first trade there is nothing to go back from.
            if wishes.history_since is not None and self.reads.trade_id_bounds(pair) is not None:
                tasks.append(_HISTORY)
        return tasks

    def _do(self, pair: Pair, task: str) -> int:
        """Make the request. Return how many missing trades it brought. Raises HistoryUnavailable."""
        fetched = 0
        if task == _TRADES:
            run = self._pages.shortest(pair)
            if run is not None:
                fetched = self._pages.fetch(pair, run)
        elif task == _HISTORY:
            wishes = self._wishes[pair]
            if wishes.history_since is not None and self._pages.request_history(pair, wishes.history_since):
                wishes.history_since = None
        else:
            self.fetch_candles(pair, Interval(task))
            self._wishes[pair].candles.remove(Interval(task))
        self._turns.succeeded(pair, task)
        return fetched

    def _failed(self, pair: Pair, task: str, unavailable: HistoryUnavailable) -> None:
        now = self.seconds()
        concern, next_at = self._turns.failed(
            pair, task, unavailable.concern, now, at_least_s=unavailable.retry_after_s
        )
        self.telemetry.count("refusals", reason="history")
        log.warning(
            "the venue's history is unavailable", pair=pair, task=task, reason=str(unavailable),
            concerns="this pair" if concern is Concern.OWN else "all pairs", next_try_in_s=round(next_at - now, 1),
        )  # fmt: skip
