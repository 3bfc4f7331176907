"""The trades of a pair that are known already, from memory and from the tables."""

from application.ports.market_reads import MarketReads
from domain.market.numbering import Line, TradeNumbering
from domain.market.trade import TradeExecuted
from domain.values import Pair

_REMEMBERED = 2_000  # more than a venue sends again when we reconnect, and than the tables lag behind


class RecentTrades:
    """The latest trades of a pair by their ids; older ones are read from the tables."""

    def __init__(self, reads: MarketReads, pair: Pair) -> None:
        self._reads = reads
        self._pair = pair
        self._new: dict[int, TradeExecuted] = {}
        self._old: dict[int, TradeExecuted] = {}

    def add(self, trade: TradeExecuted) -> None:
        """Remember a trade under the id that it is stored by."""
        self._new[trade.trade_id] = trade
        if len(self._new) >= _REMEMBERED:
            self._old, self._new = self._new, {}

    def known(self, trade_id: int) -> TradeExecuted | None:
        """The trade stored under an id."""
        recent = self._new.get(trade_id) or self._old.get(trade_id)
        if recent is not None:
            return recent
        return self._reads.trade_at(self._pair, trade_id)

    def highest_below(self, trade_id: int) -> int | None:
        """The highest id stored below one."""
        found = self._reads.trade_before(self._pair, trade_id)
        return found.trade_id if found else None


def stored_numbering(reads: MarketReads, pair: Pair) -> TradeNumbering:
    """The lines of ids that the tables hold of a pair. The one with the latest trade goes on."""
    starts = sorted(reads.id_restarts(pair), key=lambda restart: restart.first)
    firsts = [0, *(restart.first for restart in starts)]
    lasts = [*(first - 1 for first in firsts[1:]), 2**63 - 1]
    ids = [reads.continuity(pair, first, last) for first, last in zip(firsts, lasts, strict=True)]
    lines = [Line(ids[0])]
    lines += [Line(of, start.offset, start.occurred_at) for of, start in zip(ids[1:], starts, strict=True)]
    numbering = TradeNumbering(lines)
    newest: TradeExecuted | None = None
    for line in lines:
        last = line.ids.last
        found = None if last is None else reads.trade_at(pair, last)
        if found is not None and (newest is None or found.occurred_at >= newest.occurred_at):
            newest, numbering.current = found, line
    numbering.newest = newest.occurred_at if newest else None
    return numbering
