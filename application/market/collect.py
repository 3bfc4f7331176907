"""From what a feed sends to what the log keeps: each trade once, and every gap found."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from application.market.inbox import Inbox
from application.ports.market_reads import MarketReads
from application.ports.telemetry import Telemetry
from domain.event import Event
from domain.market.continuity import Run, Seen, TradeContinuity, runs
from domain.market.feed import TradeGapDetected, TradeGapEvent, TradeGapFilled, TradeHistoryRequested
from domain.market.trade import TradeExecuted
from domain.values import Pair

Gap = TypeVar("Gap", bound=TradeGapEvent)


class MarketCollector:
    """Takes the events of the feed and of the backfill, and hands them to the inbox.

    Trade ids are contiguous within a pair, so a trade seen before is left out (and counted), and one that comes too
    early reveals a gap, which the backfill then fills. What was seen is known from the store, so a restart goes on
    where the log ended. Safe for the feed's and the backfill's threads together.
    """

    def __init__(self, inbox: Inbox, reads: MarketReads, telemetry: Telemetry) -> None:
        self._inbox = inbox
        self._reads = reads
        self._telemetry = telemetry
        self._continuity: dict[Pair, TradeContinuity] = {}
        self._newest: dict[Pair, datetime] = {}
        self._lock = threading.RLock()
        self.gap_found = threading.Event()

    def accept(self, events: Sequence[Event]) -> None:
        """Take the events of one frame, in order; waits while the inbox is full."""
        with self._lock:
            kept: list[Event] = []
            filled: dict[Pair, list[TradeExecuted]] = {}
            for event in events:
                if isinstance(event, TradeExecuted):
                    self._accept_trade(event, kept, filled)
                else:
                    kept.append(event)
            for trades in filled.values():
                kept += _gaps_filled(trades)
            if kept:
                self._inbox.put(kept)

    def remember(self, events: Iterable[Event]) -> None:
        """Note what the log holds already, though the store may not have it yet: it is neither new nor missing."""
        with self._lock:
            for event in events:
                if isinstance(event, TradeExecuted) and event.has_venue_id:
                    seen, _ = self._of(event.pair).observe(event.trade_id)
                    if seen is Seen.NEW:
                        self._newest[event.pair] = event.occurred_at
                elif isinstance(event, TradeHistoryRequested):
                    self._of(event.pair).expect_from(event.first)

    def request_history(self, oldest: TradeExecuted, before: TradeExecuted) -> None:
        """The venue's trades from `oldest` on, up to the first one we have (`before`), are to be fetched."""
        with self._lock:
            run = self._of(oldest.pair).expect_from(oldest.trade_id)
            if run:
                self._inbox.put([_gap(TradeHistoryRequested, run, oldest.occurred_at, before.occurred_at, oldest)])
                self.gap_found.set()

    def lost(self, run: Run, before: TradeExecuted, after: TradeExecuted, now: datetime) -> None:
        """Trades that were seen once are in no table: take them for missing. `before` and `after` stand on either side."""
        with self._lock:
            if self._of(after.pair).lose(run):
                gap = _gap(TradeGapDetected, run, before.occurred_at, after.occurred_at, after)
                self._inbox.put([replace(gap, recorded_at=now)])
                self._telemetry.count("gaps", pair=after.pair)
                self.gap_found.set()

    def open_runs(self, pair: Pair) -> list[Run]:
        """Ids that are missing now, smallest run first: a short gap need not wait for a long history."""
        with self._lock:
            return sorted(self._of(pair).missing, key=lambda run: run[1] - run[0])

    def _accept_trade(self, trade: TradeExecuted, kept: list[Event], filled: dict[Pair, list[TradeExecuted]]) -> None:
        if not trade.has_venue_id:
            kept.append(trade)
            return
        seen, gap = self._of(trade.pair).observe(trade.trade_id)
        if seen is Seen.DUPLICATE:
            self._telemetry.count("trades_seen_before", pair=trade.pair)
            return
        if gap:
            since = self._newest.get(trade.pair, trade.occurred_at)
            kept.append(_gap(TradeGapDetected, gap, since, trade.occurred_at, trade))
            self._telemetry.count("gaps", pair=trade.pair)
            self.gap_found.set()
        if seen is Seen.FILLS_GAP:
            filled.setdefault(trade.pair, []).append(trade)
        elif seen is Seen.NEW:
            self._newest[trade.pair] = trade.occurred_at
        kept.append(trade)

    def _of(self, pair: Pair) -> TradeContinuity:
        known = self._continuity.get(pair)
        if known is None:
            known = self._continuity[pair] = self._reads.continuity(pair)
            bounds = self._reads.trade_id_bounds(pair)
            if bounds:
                self._newest[pair] = bounds[1].occurred_at
        return known


def _gaps_filled(trades: list[TradeExecuted]) -> Iterable[Event]:
    by_id = {trade.trade_id: trade for trade in trades}
    for run in runs(by_id):
        yield _gap(TradeGapFilled, run, by_id[run[0]].occurred_at, by_id[run[1]].occurred_at, by_id[run[1]])


def _gap(kind: type[Gap], run: Run, since: datetime, until: datetime, shown_by: TradeExecuted) -> Gap:
    """A gap event. `shown_by` is the trade that made us know: recorded when that was, of its origin."""
    return kind(
        venue=shown_by.venue,
        pair=shown_by.pair,
        first=run[0],
        last=run[1],
        since=since,
        until=until,
        occurred_at=until,
        recorded_at=shown_by.recorded_at,
        origin=shown_by.origin,
    )
