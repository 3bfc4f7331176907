"""The adapter and the simulator were written apart, from the same facts: they must understand each other."""

import itertools
from datetime import timedelta

from adapters.kraken.rest import KrakenHistory
from adapters.simulator.pairs import LISTINGS
from adapters.simulator.server import Simulator
from domain.dead_letter import DeadLettered
from domain.market.candle import Interval
from domain.market.feed import FeedConnected, FeedDisconnected, SubscriptionRejected
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair
from tests.integration.kraken.running import Running, WallClock
from tests.telemetry import Remembered


def test_live_trades_and_the_history_of_the_same_market() -> None:
    simulator = Simulator()
    simulator.start()
    try:
        settings = {
            "heartbeat_deadline_s": 5,
            "ack_deadline_s": 5,
            "snapshot_deadline_s": 5,
            "origin": Origin.SIMULATED,
        }
        with Running(simulator.ws_url, [*LISTINGS, "XBT/USD"], **settings) as feed:
            feed.wait_for(lambda: len(feed.of(FeedConnected)) == len(LISTINGS))
            feed.wait_for(lambda: len(feed.of(TradeExecuted, "BTC/USD")) > 50)
            feed.wait_for(lambda: len(feed.of(SubscriptionRejected, "XBT/USD")) == 2)
        assert feed.of(FeedDisconnected) == feed.of(DeadLettered) == []
        seen = {trade.trade_id: trade for trade in feed.of(TradeExecuted, "BTC/USD")}
        history = KrakenHistory(simulator.rest_url, origin=Origin.SIMULATED, clock=WallClock(), telemetry=Remembered())
        with history as kraken:
            first = min(seen.values(), key=lambda trade: trade.trade_id)
            page = kraken.trades(Pair("BTC/USD"), since=first.occurred_at)
            candles = kraken.candles(Pair("BTC/USD"), Interval.M1)
        assert page.refused == []
        fetched = {trade.trade_id: trade for trade in page.trades}
        both = seen.keys() & fetched.keys()
        assert len(both) > 40
        for trade_id in both:
            one, other = seen[trade_id], fetched[trade_id]
            assert (one.occurred_at, one.price, one.volume, one.side, one.order_type) == (
                other.occurred_at, other.price, other.volume, other.side, other.order_type,
            )  # fmt: skip
        assert len(candles) > 600
        assert all(b.start - a.start >= timedelta(minutes=1) for a, b in itertools.pairwise(candles))
    finally:
        simulator.stop()
