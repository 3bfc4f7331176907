"""From what a feed sends to what the log keeps: each trade once, and every gap found."""

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from application.market.inbox import Inbox
from application.market.known_trades import RecentTrades, stored_numbering
from application.ports.market_reads import MarketReads
from application.ports.telemetry import Telemetry
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.continuity import Run, Seen, TradeContinuity, runs
from domain.market.feed import TradeGapDetected, TradeGapEvent, TradeGapFilled, TradeHistoryRequested, TradeIdsRestarted
from domain.market.numbering import Line, TradeNumbering
from domain.market.trade import TradeExecuted
from domain.values import Pair, plain, rfc3339

CONFLICT = "trade-conflict"
"""The kind of a letter that holds another trade than the one stored under its id."""

Gap = TypeVar("Gap", bound=TradeGapEvent)


class MarketCollector:
    """Takes the events of the feed and of the backfill, and hands them to the inbox.

    Trade ids are contiguous within a pair, so a trade seen before is left out (and counted), and one that comes too
    early reveals a gap, which the backfill then fills. Where the venue does not go on with its ids, trades are kept under
    others (`domain/market/numbering.py`) and TradeIdsRestarted tells it; another trade under a known id that is no such
    restart becomes a dead letter. What was seen is known from the store, so a restart of ours goes on where the log
    ended. Safe for the feed's and the backfill's threads together.
    """

    def __init__(self, inbox: Inbox, reads: MarketReads, telemetry: Telemetry) -> None:
        self._inbox = inbox
        self._reads = reads
        self._telemetry = telemetry
        self._numbering: dict[Pair, TradeNumbering] = {}
        self._recent: dict[Pair, RecentTrades] = {}
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
                    self._of(event.pair).remember(event)
                    self._recent[event.pair].add(event)
                elif isinstance(event, TradeHistoryRequested):
                    self._of(event.pair).line_of(event.last).ids.expect_from(event.first)
                elif isinstance(event, TradeIdsRestarted):
                    line = Line(TradeContinuity(), event.offset, event.occurred_at, trades=0)
                    self._of(event.pair).remember_restart(event.first, line)

    def request_history(self, oldest: TradeExecuted, before: TradeExecuted) -> None:
        """The venue's trades from `oldest` on, up to the first one we have (`before`), are to be fetched."""
        with self._lock:
            run = self._of(oldest.pair).lines[0].ids.expect_from(oldest.trade_id)
            if run:
                self._inbox.put([_gap(TradeHistoryRequested, run, oldest.occurred_at, before.occurred_at, oldest)])
                self.gap_found.set()

    def lost(self, run: Run, before: TradeExecuted, after: TradeExecuted, now: datetime) -> None:
        """Trades that were seen once are in no table: take them for missing. `before` and `after` stand on either side."""
        with self._lock:
            if self._of(after.pair).line_of(run[0]).ids.lose(run):
                gap = _gap(TradeGapDetected, run, before.occurred_at, after.occurred_at, after)
                self._inbox.put([replace(gap, recorded_at=now)])
                self._telemetry.count("gaps", pair=after.pair)
                self.gap_found.set()

    def open_runs(self, pair: Pair) -> list[Run]:
        """Ids that are missing now, smallest run first: a short gap need not wait for a long history."""
        with self._lock:
            missing = [run for line in self._of(pair).lines for run in line.ids.missing]
        return sorted(missing, key=lambda run: run[1] - run[0])

    def offset_of(self, pair: Pair, trade_id: int) -> int:
        """What the stored `trade_id` has beyond the venue's own."""
        with self._lock:
            return self._of(pair).line_of(trade_id).offset

    def _accept_trade(self, trade: TradeExecuted, kept: list[Event], filled: dict[Pair, list[TradeExecuted]]) -> None:
        if not trade.has_venue_id:
            kept.append(trade)
            return
        numbering = self._of(trade.pair)
        recent = self._recent[trade.pair]
        if numbering.goes_on_with(trade):  # nearly always
            recent.add(trade)
            kept.append(trade)
            return
        observed = numbering.observe(trade, recent.known, recent.highest_below)
        seen, gap = observed.seen, observed.gap
        if seen is Seen.DUPLICATE:
            self._telemetry.count("trades_seen_before", pair=trade.pair)
            return
        if seen is Seen.CONFLICT:
            kept.append(_conflict(trade))
            return
        if observed.trade_id != trade.trade_id:
            trade = replace(trade, trade_id=observed.trade_id)
        if observed.restart:
            kept.append(_restarted(trade, numbering.current.offset, observed.restart))
            self._telemetry.count("trade_ids_restarted", pair=trade.pair)
        if gap:
            before = observed.before or trade.occurred_at
            kept.append(_gap(TradeGapDetected, gap, before, trade.occurred_at, trade))
            self._telemetry.count("gaps", pair=trade.pair)
            self.gap_found.set()
        if seen is Seen.FILLS_GAP:
            filled.setdefault(trade.pair, []).append(trade)
        recent.add(trade)
        kept.append(trade)

    def _of(self, pair: Pair) -> TradeNumbering:
        known = self._numbering.get(pair)
        if known is None:
            known = self._numbering[pair] = stored_numbering(self._reads, pair)
            self._recent[pair] = RecentTrades(self._reads, pair)
        return known


def _restarted(trade: TradeExecuted, offset: int, reason: str) -> TradeIdsRestarted:
    return TradeIdsRestarted(
        venue=trade.venue,
        pair=trade.pair,
        first=trade.trade_id,
        offset=offset,
        reason=reason,
        occurred_at=trade.occurred_at,
        recorded_at=trade.recorded_at,
        origin=trade.origin,
    )


def _conflict(trade: TradeExecuted) -> DeadLettered:
    facts = {
        "venue": trade.venue,
        "pair": str(trade.pair),
        "trade_id": trade.trade_id,
        "price": plain(trade.price),
        "volume": plain(trade.volume),
        "side": trade.side,
        "order_type": trade.order_type,
        "timestamp": rfc3339(trade.occurred_at),
    }
    return DeadLettered(
        kind=CONFLICT,
        place=f"{trade.venue}:{trade.pair}",
        reason=f"trade id {trade.trade_id} is another trade's: expected one id for each trade",
        raw=json.dumps(facts).encode(),
        occurred_at=trade.recorded_at,
        recorded_at=trade.recorded_at,
        origin=trade.origin,
    )


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
