"""Port: a venue's own history, for what we missed and for what was before our time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.event import Event
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.turns import Concern
from domain.values import Pair


class HistoryUnavailable(Exception):
    """The venue did not answer, or refused; `retry_after_s` is how long to wait before the next try at least.

    `concern` says whether that holds for the pair that was asked for, or for every request to the venue.
    """

    def __init__(self, reason: str, retry_after_s: float, concern: Concern = Concern.ALL) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.concern = concern


@dataclass(frozen=True, slots=True)
class TradePage:
    """Trades in order (origin `backfill`, or whose data it is), rows that could not be read, and where to go on.

    `next_since` is the venue's own token for the next page; None when this page reached the present. A page may be
    short, or empty, and still lead on. `warnings` are what the venue said beside the rows.
    """

    trades: list[TradeExecuted]
    refused: list[Event]
    next_since: str | None
    warnings: tuple[str, ...] = ()


class TradeHistory(Protocol):
    """Trades and candles from a venue's REST interface, paced as the venue asks."""

    def trades(self, pair: Pair, *, since: datetime | str) -> TradePage:
        """A page of trades at or after a time, or after a token of an earlier page. Raises HistoryUnavailable."""
        ...

    def candles(self, pair: Pair, interval: Interval) -> list[CandleImported]:
        """The venue's latest closed candles, oldest first. Raises HistoryUnavailable."""
        ...
