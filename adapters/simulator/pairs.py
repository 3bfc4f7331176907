"""The eight simulated pairs, with Kraken's names and precisions for them."""

from dataclasses import dataclass
from decimal import Decimal

from domain.values import Pair

QTY_DECIMALS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One simulated pair: what it is called, what it costs, how lively it is.

    Precisions and minimum quantities are those of Kraken's `instrument` channel.
    """

    number: int  # part of the pair's random streams: never reuse or reorder
    symbol: str  # WebSocket v2
    rest_key: str  # the key of REST's `result`
    aliases: tuple[str, ...]  # what REST's `pair` also accepts
    price: float  # USD, the level the price wanders around
    price_decimals: int
    daily_volatility: float  # standard deviation of a day's log return
    spread: float  # share of the price
    trades_per_minute: int
    moves: int  # of 64 sudden moves in the market, how many are this pair's: thin markets jump more often
    mean_qty: float
    min_qty: str

    @property
    def scale(self) -> int:
        """Ticks a dollar."""
        return int(10**self.price_decimals)

    def price_text(self, ticks: int) -> str:
        """A price in ticks as the venue writes it, at full precision: `83744.3`, `1.00000`."""
        return fixed(ticks, self.price_decimals)


def fixed(units: int, decimals: int) -> str:
    """An integer count of 10**-decimals as plain decimal text."""
    return f"{Decimal(units).scaleb(-decimals):f}"


LISTINGS = {
    listing.symbol: listing
    for listing in (
        Listing(number=0, symbol="BTC/USD", rest_key="XXBTZUSD", aliases=("XBTUSD", "XBT/USD", "BTCUSD"), price=97_000, price_decimals=1,
                daily_volatility=0.022, spread=0.00001, trades_per_minute=240, moves=1, mean_qty=0.02, min_qty="0.00005000"),
        Listing(number=1, symbol="ETH/USD", rest_key="XETHZUSD", aliases=("ETHUSD",), price=3_400, price_decimals=2,
                daily_volatility=0.028, spread=0.00002, trades_per_minute=150, moves=2, mean_qty=0.4, min_qty="0.00200000"),
        Listing(number=2, symbol="SOL/USD", rest_key="SOLUSD", aliases=(), price=214, price_decimals=2,
                daily_volatility=0.035, spread=0.00005, trades_per_minute=100, moves=4, mean_qty=6, min_qty="0.05000000"),
        Listing(number=3, symbol="ADA/USD", rest_key="ADAUSD", aliases=(), price=0.81, price_decimals=6,
                daily_volatility=0.038, spread=0.0002, trades_per_minute=40, moves=11, mean_qty=900, min_qty="10.00000000"),
        Listing(number=4, symbol="XRP/USD", rest_key="XXRPZUSD", aliases=("XRPUSD",), price=2.31, price_decimals=5,
                daily_volatility=0.036, spread=0.0001, trades_per_minute=80, moves=8, mean_qty=450, min_qty="10.00000000"),
        Listing(number=5, symbol="DOGE/USD", rest_key="XDGUSD", aliases=("XDG/USD", "DOGEUSD"), price=0.318, price_decimals=7,
                daily_volatility=0.042, spread=0.0001, trades_per_minute=60, moves=13, mean_qty=2_500, min_qty="60.00000000"),
        Listing(number=6, symbol="DOT/USD", rest_key="DOTUSD", aliases=(), price=7.2, price_decimals=4,
                daily_volatility=0.038, spread=0.0003, trades_per_minute=20, moves=12, mean_qty=90, min_qty="0.60000000"),
        Listing(number=7, symbol="LINK/USD", rest_key="LINKUSD", aliases=(), price=19.4, price_decimals=5,
                daily_volatility=0.038, spread=0.0002, trades_per_minute=30, moves=13, mean_qty=40, min_qty="0.20000000"),
    )
}  # fmt: skip

_BY_REST_NAME = {
    name: listing for listing in LISTINGS.values() for name in (listing.symbol, listing.rest_key, *listing.aliases)
}


class SimulatedPairs:
    """The simulator's list of pairs, wherever it runs. Implements PairListing."""

    def pairs(self) -> list[Pair]:
        """All simulated pairs."""
        return [Pair(symbol) for symbol in LISTINGS]


def by_rest_name(name: str) -> Listing | None:
    """The pair that REST's `pair` parameter means: `BTC/USD`, `XBTUSD` or `XXBTZUSD`; None if it is not traded."""
    return _BY_REST_NAME.get(name.upper())
