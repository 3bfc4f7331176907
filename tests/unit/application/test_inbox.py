import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from application.market.inbox import Inbox
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin, Pair
from tests.telemetry import Remembered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC, ETH = Pair("BTC/USD"), Pair("ETH/USD")
ONE = Decimal(1)


def trade(trade_id: int) -> TradeExecuted:
    return TradeExecuted(
        venue="kraken", pair=BTC, trade_id=trade_id, price=ONE, volume=ONE, side=None, order_type=None,
        occurred_at=NOW, recorded_at=NOW, origin=Origin.LIVE,
    )  # fmt: skip


def ticker(pair: Pair, last: int) -> TickerUpdated:
    at = NOW + timedelta(seconds=last)
    return TickerUpdated(
        venue="kraken", pair=pair, last=Decimal(last), bid=ONE, bid_qty=ONE, ask=ONE, ask_qty=ONE, volume_24h=ONE,
        vwap_24h=ONE, low_24h=ONE, high_24h=ONE, change_24h=ONE, pct_change=ONE, occurred_at=at, recorded_at=at,
        origin=Origin.LIVE,
    )  # fmt: skip


def test_events_come_out_in_order() -> None:
    inbox = Inbox(Remembered())
    events = [trade(1), ticker(BTC, 5), trade(2)]
    inbox.put(events)
    assert inbox.take(2, 0) + inbox.take(10, 0) == events
    assert inbox.take(10, 0) == []


def test_when_full_tickers_coalesce_and_trades_wait() -> None:
    telemetry = Remembered()
    inbox = Inbox(telemetry, capacity=2)
    inbox.put([trade(1), trade(2)])
    inbox.put([ticker(BTC, 5), ticker(ETH, 6), ticker(BTC, 7)])
    assert telemetry.counts["tickers_coalesced"] == 1
    waiting = threading.Thread(target=inbox.put, args=([trade(3)],))
    waiting.start()
    taken = inbox.take(10, 1)
    waiting.join(5)
    assert not waiting.is_alive()
    taken += inbox.take(10, 1)
    assert [event.trade_id for event in taken if isinstance(event, TradeExecuted)] == [1, 2, 3], "no trade is dropped"
    assert {(e.pair, int(e.last)) for e in taken if isinstance(e, TickerUpdated)} == {(BTC, 7), (ETH, 6)}


def test_a_pairs_tickers_keep_their_order_while_some_wait() -> None:
    inbox = Inbox(Remembered(), capacity=1)
    inbox.put([trade(1), ticker(BTC, 5)])
    assert inbox.take(1, 0)[-1] == ticker(BTC, 5)
    inbox.put([trade(2), ticker(BTC, 6)])
    inbox.put([ticker(BTC, 7)])
    assert inbox.take(9, 0) == [trade(2), ticker(BTC, 7)]


def test_a_recordings_tickers_wait_too() -> None:
    telemetry = Remembered()
    inbox = Inbox(telemetry, capacity=1, coalesce=False)
    everything = [trade(1), ticker(BTC, 5), ticker(BTC, 6), trade(2)]
    feeding = threading.Thread(target=inbox.put, args=(everything,))
    feeding.start()
    taken: list[object] = []
    while len(taken) < len(everything):
        taken += inbox.take(10, 5)
    feeding.join(5)
    assert taken == everything
    assert telemetry.counts["tickers_coalesced"] == 0


def test_closing_lets_a_waiting_feed_go_and_keeps_what_is_in() -> None:
    inbox = Inbox(Remembered(), capacity=1)
    inbox.put([trade(1)])
    waiting = threading.Thread(target=inbox.put, args=([trade(2)],))
    waiting.start()
    inbox.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert not inbox.drained
    assert inbox.take(10, 0) == [trade(1)]
    assert inbox.drained
