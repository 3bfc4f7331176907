"""Port: what an import asks of the tables."""

from collections.abc import Sequence
from typing import Protocol

from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted


class HistoryReads(Protocol):
    """What is stored of a venue's history."""

    def not_stored(self, facts: Sequence[TradeExecuted | CandleImported]) -> list[TradeExecuted | CandleImported]:
        """Those of `facts` that are not stored yet, each once, in their order. A candle with other numbers is another."""
        ...
