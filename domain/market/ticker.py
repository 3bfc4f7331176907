"""The state of a pair's market as the venue reported it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from domain.event import Event
from domain.values import Pair, all_not_negative, exact, not_negative, positive, rfc3339

_NOT_NEGATIVE = ("bid", "bid_qty", "ask", "ask_qty", "volume_24h", "vwap_24h", "low_24h", "high_24h")


@dataclass(frozen=True, slots=True, kw_only=True)
class TickerUpdated(Event):
    """Last price, best bid and ask with their quantities, and the statistics of the last 24 hours.

    `pct_change` is in percent and, like `change_24h`, signed. `frame_hash` identifies a ticker for which the venue
    gave no time of its own (then `occurred_at` is when it reached us).
    Raises InvalidValue for numbers that cannot be a market's.
    """

    name: ClassVar[str] = "ticker-updated"

    venue: str
    pair: Pair
    last: Decimal
    bid: Decimal
    bid_qty: Decimal
    ask: Decimal
    ask_qty: Decimal
    volume_24h: Decimal
    vwap_24h: Decimal
    low_24h: Decimal
    high_24h: Decimal
    change_24h: Decimal
    pct_change: Decimal
    frame_hash: str | None = None

    def __post_init__(self) -> None:
        if not self.last or not all_not_negative(
            self.last,
            self.bid,
            self.bid_qty,
            self.ask,
            self.ask_qty,
            self.volume_24h,
            self.vwap_24h,
            self.low_24h,
            self.high_24h,
        ):
            positive(self.last, "last")
            for field in _NOT_NEGATIVE:
                not_negative(getattr(self, field), field)
        exact(self.change_24h, "change_24h")
        exact(self.pct_change, "pct_change")

    @property
    def event_id(self) -> str:
        """`kraken:BTC/USD:2026-09-25T17:48:26.844359Z`, or with the frame's hash in place of the time."""
        return f"{self.venue}:{self.pair}:{self.frame_hash or rfc3339(self.occurred_at)}"

    @property
    def key(self) -> str:
        """Tickers are in order within a pair."""
        return self.pair
