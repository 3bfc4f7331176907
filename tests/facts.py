"""Plain facts for tests that need one and do not care which."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair, Side

BTC = Pair("BTC/USD")
ETH = Pair("ETH/USD")
NOON = datetime(2026, 9, 25, 12, 0, 0, 123456, tzinfo=UTC)


def trade(
    trade_id: int = 1,
    *,
    pair: Pair = BTC,
    price: str = "97412.6",
    volume: str = "0.00123456",
    at: datetime | None = None,
    origin: Origin = Origin.LIVE,
) -> TradeExecuted:
    """A trade, by default a second after the one with the id before it."""
    occurred_at = at or NOON + timedelta(seconds=trade_id)
    return TradeExecuted(
        venue="kraken",
        pair=pair,
        trade_id=trade_id,
        price=Decimal(price),
        volume=Decimal(volume),
        side=Side.BUY,
        order_type="market",
        occurred_at=occurred_at,
        recorded_at=occurred_at + timedelta(milliseconds=20),
        origin=origin,
    )


def ticker(
    *, pair: Pair = BTC, last: str = "97412.6", at: datetime = NOON, origin: Origin = Origin.LIVE
) -> TickerUpdated:
    """A ticker."""
    return TickerUpdated(
        venue="kraken",
        pair=pair,
        last=Decimal(last),
        bid=Decimal("97412.5"),
        bid_qty=Decimal("1.20349871"),
        ask=Decimal("97412.6"),
        ask_qty=Decimal("0.5"),
        volume_24h=Decimal("2411.12309876"),
        vwap_24h=Decimal("97001.2"),
        low_24h=Decimal("96000.1"),
        high_24h=Decimal("99000.1"),
        change_24h=Decimal("-123.4"),
        pct_change=Decimal("-0.12"),
        occurred_at=at,
        recorded_at=at + timedelta(milliseconds=20),
        origin=origin,
    )
