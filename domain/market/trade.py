"""A trade as the venue reported it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event
from domain.values import Pair, Side, positive

_LOWEST_ID, _HIGHEST_ID = -(2**63), 2**63 - 1  # what Avro and databases hold as a long


def _shown(number: int) -> str:
    return str(number) if number.bit_length() < 128 else f"a number of {number.bit_length()} bits"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeExecuted(Event):
    """One trade. `volume` is in the base currency, `price` in the quote currency.

    `trade_id` is the venue's, contiguous within a pair. Imported trades without one get a negative id made from
    their content (see `adapters/kraken/history_files.py`); their side may be unknown.
    Raises InvalidValue for a price or volume that is not above zero or does not fit decimal(38,18), or an id beyond 64 bits.
    """

    name: ClassVar[str] = "trade-executed"

    venue: str
    pair: Pair
    trade_id: int
    price: Decimal
    volume: Decimal
    side: Side | None
    order_type: str | None

    def __post_init__(self) -> None:
        positive(self.price, "price")
        positive(self.volume, "volume")
        if not _LOWEST_ID <= self.trade_id <= _HIGHEST_ID:
            raise InvalidValue("trade_id", f"trade_id is {_shown(self.trade_id)}: expected an integer of 64 bits")

    @property
    def event_id(self) -> str:
        """`kraken:BTC/USD:109116693`."""
        return f"{self.venue}:{self.pair}:{self.trade_id}"

    @property
    def key(self) -> str:
        """Trades are in order within a pair."""
        return self.pair

    @property
    def has_venue_id(self) -> bool:
        """False for imported trades whose id we made ourselves."""
        return self.trade_id >= 0
