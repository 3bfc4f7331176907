"""Candles made again from stored trades: what the cluster profile does where the embedded one merges.

Many tasks store trades at once there, and which of them were new is known to none of the readers of the log. So the
minutes that a batch touched are counted again from all trades stored of them, and the longer intervals are joined from
the next shorter ones. It ends with the same candles: a candle is what its trades say, however they came.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from application.isolation import Failure
from application.ports.market_reads import MarketReads
from application.ports.store import Store, Transaction
from domain.errors import InvalidValue
from domain.market.candle import Candle, CandleSource, Interval, candles_of, merge, replaced, roll_up, storable
from domain.market.trade import TradeExecuted
from domain.values import Pair

CANDLES = "candles"
"""The reader that makes candles, in its dead letters."""

_MINUTE, *_LONGER = Interval


@dataclass(frozen=True, slots=True)
class RefusedCandle:
    """A candle that cannot be stored, and why: its volume is beyond what a column holds, say."""

    candle: Candle
    failure: Failure


class CandleRecount:
    """Recomputes a pair's candles. Safe to repeat, and safe beside others that write the same pair's candles."""

    def __init__(self, store: Store, reads: MarketReads) -> None:
        self._store = store
        self._reads = reads
        self._told: set[tuple[Pair, Interval, datetime]] = set()
        self._refused: list[RefusedCandle] = []

    def take_refused(self) -> list["RefusedCandle"]:
        """Candles that no store takes, each once, found since this was last asked; the stored ones stay as they were."""
        refused, self._refused = self._refused, []
        return refused

    def recount(self, pair: Pair, minutes: Collection[datetime]) -> int:
        """Make the candles of these minutes (their starts, UTC), and all longer ones over them, from stored trades.

        Returns how many candles changed. Raises StoreUnavailable.
        """
        with self._store.begin() as tx:
            present = tx.candles({(pair, _MINUTE, start) for start in minutes})  # locks the pair: reads come after
            changed = self._put_changed(_counted(self._trades(pair, minutes), minutes), present, tx)
            total = len(changed)
            for shorter, longer in zip(Interval, _LONGER, strict=False):
                changed = self._join(pair, shorter, longer, {longer.start_of(candle.start) for candle in changed}, tx)
                total += len(changed)
        return total

    def _trades(self, pair: Pair, minutes: Collection[datetime]) -> Iterator[TradeExecuted]:
        for start, end in _runs(minutes):
            yield from self._reads.trades_since(pair, start, end)

    def _join(
        self, pair: Pair, shorter: Interval, longer: Interval, starts: Collection[datetime], tx: Transaction
    ) -> list[Candle]:
        """Join the candles of a shorter interval into those of a longer one that start at `starts`."""
        parts = {
            (pair, shorter, start + shorter.length * number)
            for start in starts
            for number in range(longer.seconds // shorter.seconds)
        }
        of_trades = [c for c in tx.candles(parts).values() if c.source >= CandleSource.TRADES_WITHOUT_IDS]
        return self._put_changed(
            roll_up(of_trades, longer), tx.candles({(pair, longer, start) for start in starts}), tx
        )

    def _put_changed(
        self, candles: Iterable[Candle], present: dict[tuple[Pair, Interval, datetime], Candle], tx: Transaction
    ) -> list[Candle]:
        best: dict[tuple[Pair, Interval, datetime], Candle] = {}
        for candle in candles:  # one a source: the highest wins whole
            other = best.get(candle.bucket)
            best[candle.bucket] = candle if other is None else merge(other, candle)
        changed = [
            candle
            for bucket, candle in best.items()
            if candle != present.get(bucket)
            and _knows_all_of(candle, present.get(bucket))
            and self._is_storable(candle)
        ]
        tx.put_candles(changed)
        tx.keep_replaced(replaced(present.values(), {candle.bucket: candle for candle in changed}))
        return changed

    def _is_storable(self, candle: Candle) -> bool:
        try:
            storable(candle)
        except InvalidValue as error:
            if candle.bucket not in self._told:
                self._told.add(candle.bucket)
                self._refused.append(RefusedCandle(candle, Failure.of(error)))
            return False
        return True


def _runs(minutes: Collection[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Neighbouring minutes together: start and end (exclusive) of each run."""
    start = end = None
    for minute in sorted(minutes):
        if end != minute:
            if start and end:
                yield start, end
            start = minute
        end = minute + _MINUTE.length
    if start and end:
        yield start, end


def _counted(trades: Iterable[TradeExecuted], minutes: Collection[datetime]) -> list[Candle]:
    return [candle for candle in candles_of(trades) if candle.start in minutes]


def _knows_all_of(candle: Candle, present: Candle | None) -> bool:
    """Whether no trade of the present candle has aged out since: trades are only ever added, but retention takes them.

    A candle that lost some of its trades is frozen; what comes late for it changes it no more.
    """
    if present is None or candle.source > present.source:
        return True
    return (
        candle.source == present.source
        and candle.trades >= present.trades
        and candle.opened <= present.opened
        and candle.closed_by >= present.closed_by
    )
