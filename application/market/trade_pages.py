"""Missing trades, fetched page by page from the venue's history."""

from datetime import datetime, timedelta

from application.market.collect import MarketCollector
from application.ports.clock import Clock
from application.ports.market_reads import MarketReads
from application.ports.telemetry import Telemetry
from application.ports.trade_history import HistoryUnavailable, TradeHistory
from domain.market.continuity import Run
from domain.market.trade import TradeExecuted
from domain.turns import Concern
from domain.values import Pair

_MARGIN = timedelta(milliseconds=1)  # trades of one fill share their time, and "since" is exclusive
_MOST_EMPTY_PAGES = 20


class TradePages:
    """Fetches the runs of trade ids that the collector misses. For one thread."""

    def __init__(
        self,
        history: TradeHistory,
        collector: MarketCollector,
        reads: MarketReads,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._history = history
        self._collector = collector
        self._reads = reads
        self._clock = clock
        self._telemetry = telemetry
        self._given_up: set[tuple[Pair, Run]] = set()
        self._goes_on: dict[tuple[Pair, int], str] = {}  # the venue's token for a first id
        self._empty: dict[Pair, int] = {}  # pages without a row in a row

    def shortest(self, pair: Pair) -> Run | None:
        """Return the shortest missing run of a pair, without those that the venue itself does not have."""
        return next((run for run in self._collector.open_runs(pair) if (pair, run) not in self._given_up), None)

    def ask_again(self, pair: Pair) -> None:
        """Ask the venue again for what it did not have."""
        self._given_up = {(of, run) for of, run in self._given_up if of != pair}

    def fetch(self, pair: Pair, run: Run) -> int:
        """Fetch one page of a missing run. Return how many of its trades the page held. Raises HistoryUnavailable."""
        first, last = run
        # The store may not have yet what was fetched just now: where a page ended is known from the page.
        since = self._goes_on.get((pair, first)) or self._time_before(pair, run)
        page = self._history.trades(pair, since=since)
        self._goes_on.pop((pair, first), None)
        offset = self._collector.offset_of(pair, first)  # ids are stored with it, and come without
        wanted: list[TradeExecuted] = [trade for trade in page.trades if first <= trade.trade_id + offset <= last]
        self._collector.accept([*wanted, *page.refused])
        self._telemetry.count("backfilled", len(wanted), pair=pair)
        reached = page.trades[-1].trade_id + offset if page.trades else first - 1
        if page.next_since is None or reached >= last:
            reached = last
        else:
            self._goes_on[pair, max(reached + 1, first)] = page.next_since
        # What the venue itself does not have stays missing, and is not asked for again in this session.
        left = self._collector.open_runs(pair)
        self._given_up.update((pair, one) for one in left if first <= one[0] and one[1] <= reached)
        self._count_empty(pair, is_empty=not page.trades and not page.refused and page.next_since is not None)
        return len(wanted)

    def request_history(self, pair: Pair, since: datetime) -> bool:
        """Note that trades from `since` on are wanted; `fetch` then gets them.

        Returns False while no trade of the pair is stored. Raises HistoryUnavailable.
        """
        bounds = self._reads.trade_id_bounds(pair)
        if bounds is None:
            return False
        first = bounds[0]
        if first.occurred_at > since:
            page = self._history.trades(pair, since=since)
            if page.trades and page.trades[0].trade_id < first.trade_id:
                self._collector.request_history(page.trades[0], first)
                self._collector.accept([trade for trade in page.trades if trade.trade_id < first.trade_id])
                if page.next_since is not None:
                    self._goes_on[pair, page.trades[-1].trade_id + 1] = page.next_since
        return True

    def _count_empty(self, pair: Pair, *, is_empty: bool) -> None:
        """A venue that leads on and on without a row is asked more slowly: it need not ever end."""
        self._empty[pair] = self._empty.get(pair, 0) + 1 if is_empty else 0
        if self._empty[pair] > _MOST_EMPTY_PAGES:
            raise HistoryUnavailable(f"{self._empty[pair]} pages in a row hold no trade", 0, Concern.OWN)

    def _time_before(self, pair: Pair, run: Run) -> datetime:
        before = self._reads.trade_before(pair, run[0])
        if before:
            return before.occurred_at - _MARGIN
        # Only the first page of a day's history can be lost like this, by a crash right after it was asked for.
        bounds = self._reads.trade_id_bounds(pair)
        oldest = bounds[0].occurred_at if bounds else self._clock.now()
        return oldest.replace(hour=0, minute=0, second=0, microsecond=0)
