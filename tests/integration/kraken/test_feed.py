"""The live feed against a server that speaks Kraken's protocol and misbehaves: none of what users complain of."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest
from websockets.exceptions import ConnectionClosed

from domain.dead_letter import DeadLettered
from domain.market.feed import FeedConnected, FeedConnecting, FeedDisconnected, SubscriptionRejected
from domain.market.ticker import TickerUpdated
from domain.market.trade import TradeExecuted
from domain.values import Origin
from tests.integration.kraken.running import IMPATIENT, Running
from tests.servers.kraken import KrakenServer, frame, status, ticker_row, trade_row


@pytest.fixture
def server() -> Iterator[KrakenServer]:
    with KrakenServer() as running:
        yield running


def ids(feed: Running, pair: str | None = None) -> list[int]:
    return [trade.trade_id for trade in feed.of(TradeExecuted, pair)]


def test_a_session_begins_with_snapshots_and_goes_on_live(server: KrakenServer) -> None:
    with Running(server.url, ["BTC/USD", "ETH/USD"]) as feed:
        feed.wait_for_event(TickerUpdated, "ETH/USD")
        feed.wait_for(lambda: len(ids(feed)) == 4)
        server.send(frame("trade", trade_row(3), trade_row(7, "ETH/USD", qty="0.00100000"), trade_row(4)))
        feed.wait_for(lambda: len(ids(feed)) == 7)
    assert [e.pair for e in feed.of(FeedConnecting)] == ["BTC/USD", "ETH/USD"]
    first = feed.events[0]
    assert isinstance(first, FeedConnecting)
    assert first.endpoint == server.url
    assert sorted(e.pair for e in feed.of(FeedConnected)) == ["BTC/USD", "ETH/USD"]
    assert feed.of(FeedDisconnected) == []
    assert ids(feed)[-3:] == [3, 7, 4], "every trade of a frame, in order, whatever its pair"
    assert str(feed.of(TradeExecuted)[-2].volume) == "0.00100000"
    assert [e.origin for e in feed.of(TradeExecuted)] == [Origin.SNAPSHOT] * 4 + [Origin.LIVE] * 3
    assert all(request["params"]["snapshot"] is True for request in server.requests)


def test_pairs_are_batched_and_requests_paced(server: KrakenServer) -> None:
    pairs = [f"C{number}/USD" for number in range(5)]
    with Running(server.url, pairs, pairs_per_request=2) as feed:
        feed.wait_for(lambda: len(feed.of(FeedConnected)) == 5)
        server.wait_for(lambda: len(server.subscriptions()) == 10)
    assert sorted(server.subscriptions()) == sorted(
        (channel, pair) for channel in ("trade", "ticker") for pair in pairs
    )
    assert sorted(len(request["params"]["symbol"]) for request in server.requests) == [1, 1, 2, 2, 2, 2]


def test_a_dropped_connection_is_announced_and_made_anew(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for(lambda: len(ids(feed)) == 2)
        server.drop()
        lost = feed.wait_for_event(FeedDisconnected)
        feed.wait_for_event(FeedConnected, count=2)
        feed.wait_for(lambda: len(ids(feed)) == 4)
    assert "connection broke" in lost.reason
    assert lost.next_try_at is not None
    assert lost.next_try_at > lost.recorded_at
    assert feed.telemetry.counts["reconnects"] == 1


def test_the_venues_own_good_bye_is_given_as_the_reason(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for_event(FeedConnected)
        server.close(1001, "going away")
        assert feed.wait_for_event(FeedDisconnected).reason == "Kraken closed the connection (1001: going away)"
        feed.wait_for_event(FeedConnected, count=2)


def test_a_zombie_kept_alive_by_pings_and_pongs_is_given_up(server: KrakenServer) -> None:
    server.heartbeat_s, server.ping_s = None, 0.02
    with Running(server.url, **IMPATIENT) as feed:
        feed.wait_for(lambda: len(ids(feed)) == 2)
        assert "no sign of life" in feed.wait_for_event(FeedDisconnected).reason
        server.heartbeat_s = 0.05
        feed.wait_for_event(FeedConnected, count=2)


def test_a_quiet_market_with_heartbeats_is_left_alone(server: KrakenServer) -> None:
    with Running(server.url, **IMPATIENT) as feed:
        feed.wait_for_event(TickerUpdated)
        time.sleep(1.7)  # more than twice every deadline
        assert feed.of(FeedDisconnected) == []
        assert server.connected == 1


def test_a_busy_sink_is_no_silence_of_krakens(server: KrakenServer) -> None:
    with Running(server.url, **IMPATIENT) as feed:
        feed.wait_for_event(TickerUpdated)
        feed.hold.clear()
        server.send(frame("trade", trade_row(3)))
        time.sleep(1.7)  # the sink is blocked for more than twice the heartbeat deadline
        feed.hold.set()
        feed.wait_for(lambda: ids(feed) == [1, 2, 3])
        server.send(frame("trade", trade_row(4)))
        feed.wait_for(lambda: ids(feed) == [1, 2, 3, 4])
        assert feed.of(FeedDisconnected) == []


def test_an_unconfirmed_subscription_is_asked_for_again(server: KrakenServer) -> None:
    server.unacked = {("trade", "BTC/USD")}
    with Running(server.url, **IMPATIENT) as feed:
        server.wait_for(lambda: server.subscriptions() == [("trade", "BTC/USD"), ("ticker", "BTC/USD")])
        server.unacked = set()  # the first was left without an answer by then, the next one gets it
        server.wait_for(lambda: server.subscriptions().count(("trade", "BTC/USD")) == 2)
        feed.wait_for_event(FeedConnected)
        feed.wait_for(lambda: ids(feed))
    assert feed.of(FeedDisconnected) == [], "it was asked for on the same connection"
    assert server.connected == 1


def test_a_subscription_never_confirmed_brings_a_new_connection(server: KrakenServer) -> None:
    server.unacked = {("trade", "BTC/USD"), ("ticker", "BTC/USD")}
    with Running(server.url, **IMPATIENT) as feed:
        lost = feed.wait_for_event(FeedDisconnected)
        assert "did not confirm the subscription to the t" in lost.reason
        server.wait_for(lambda: server.connected >= 2)
        server.unacked = set()
        feed.wait_for_event(FeedConnected)


def test_confirmed_but_silent_is_resubscribed_then_reconnected_then_asked_for_alone(server: KrakenServer) -> None:
    server.silent = {("trade", "ETH/USD")}
    with Running(server.url, ["BTC/USD", "ETH/USD"], **IMPATIENT) as feed:
        first = feed.wait_for_event(FeedDisconnected, "ETH/USD")
        assert "confirmed the subscription to the trades of ETH/USD but sent nothing" in first.reason
        assert ("trade", "ETH/USD") in server.subscriptions("unsubscribe")
        btc = len(feed.of(FeedDisconnected, "BTC/USD"))
        alone = feed.wait_for_event(FeedDisconnected, "ETH/USD", count=3)
        assert alone.next_try_at is not None
        assert len(feed.of(FeedDisconnected, "BTC/USD")) == btc == 1, "one reconnection; then the others go on"
        assert server.connected == 2
        server.silent = set()
        feed.wait_for(lambda: ids(feed, "ETH/USD"))
        assert isinstance([e for e in feed.events if getattr(e, "pair", "") == "ETH/USD"][-1], TradeExecuted)
        connected = [e for e in feed.events if isinstance(e, FeedConnected | FeedDisconnected) and e.pair == "ETH/USD"]
        assert isinstance(connected[-1], FeedConnected)


def test_a_pair_that_never_traded_has_an_empty_snapshot_and_is_fine(server: KrakenServer) -> None:
    server.snapshots["trade", "NEW/USD"] = []
    with Running(server.url, ["NEW/USD"], **IMPATIENT) as feed:
        feed.wait_for_event(TickerUpdated)
        time.sleep(1.5)  # more than twice the snapshot's deadline
        assert feed.of(FeedDisconnected) == []
        assert server.connected == 1


def test_a_rejected_pair_is_told_of_once_and_the_others_go_on(server: KrakenServer) -> None:
    server.rejected = {"XBT/USD": "Currency pair not supported XBT/USD"}
    with Running(server.url, ["XBT/USD", "ETH/USD"]) as feed:
        feed.wait_for_event(FeedConnected, "ETH/USD")
        feed.wait_for(lambda: len(feed.of(SubscriptionRejected)) == 2)
        server.drop()
        feed.wait_for_event(FeedConnected, "ETH/USD", count=2)
        server.wait_for(lambda: server.subscriptions().count(("ticker", "XBT/USD")) == 2)
        server.send(frame("trade", trade_row(3, "ETH/USD")))
        feed.wait_for(lambda: 3 in ids(feed))
    assert {(e.pair, e.channel, e.reason) for e in feed.of(SubscriptionRejected)} == {
        ("XBT/USD", "trade", "Currency pair not supported XBT/USD"),
        ("XBT/USD", "ticker", "Currency pair not supported XBT/USD"),
    }
    assert len(feed.of(SubscriptionRejected)) == 2
    assert feed.of(FeedConnected, "XBT/USD") == feed.of(FeedDisconnected, "XBT/USD") == []


def test_a_pair_listed_later_is_taken_up_on_the_next_connection(server: KrakenServer) -> None:
    server.rejected = {"NEW/USD": "Currency pair not supported NEW/USD"}
    with Running(server.url, ["NEW/USD", "ETH/USD"]) as feed:
        feed.wait_for(lambda: len(feed.of(SubscriptionRejected)) == 2)
        server.rejected = {}
        assert feed.of(FeedConnected, "NEW/USD") == []
        server.drop()
        feed.wait_for_event(FeedConnected, "NEW/USD")
    assert server.connected == 2


def test_too_many_messages_are_answered_with_patience(server: KrakenServer) -> None:
    server.rate_exceeded = 2
    with Running(server.url, ["BTC/USD", "ETH/USD"], ack_deadline_s=5) as feed:
        feed.wait_for(lambda: len(feed.of(FeedConnected)) == 2)
        feed.wait_for(lambda: {e.pair for e in feed.of(TradeExecuted)} == {"BTC/USD", "ETH/USD"})
    assert feed.of(FeedDisconnected) == []
    assert server.connected == 1
    assert feed.telemetry.counts["refusals"] == 2


def test_maintenance_is_shown_as_the_reason_until_it_is_over(server: KrakenServer) -> None:
    with Running(server.url, ["BTC/USD", "ETH/USD"]) as feed:
        feed.wait_for(lambda: len(feed.of(FeedConnected)) == 2)
        server.send(status("maintenance"))
        feed.wait_for(lambda: len(feed.of(FeedDisconnected)) == 2)
        assert feed.of(FeedDisconnected)[0].reason == "Kraken is in maintenance"
        server.send(status("online"))
        feed.wait_for(lambda: len(feed.of(FeedConnected)) == 4)
        assert server.subscriptions().count(("trade", "BTC/USD")) == 2, "asked for again: the engine began anew"
    assert server.connected == 1
    assert feed.telemetry.counts["venue_status"] == 3


def test_a_long_maintenance_is_left_for_a_new_connection(server: KrakenServer) -> None:
    server.status = "maintenance"
    with Running(server.url, maintenance_retry_s=0.2) as feed:
        feed.wait_for_event(FeedDisconnected, count=2)
        server.status = "online"
        feed.wait_for_event(FeedConnected)
    assert {e.reason for e in feed.of(FeedDisconnected)} == {"Kraken is in maintenance"}


def test_cancel_only_is_counted_and_data_goes_on(server: KrakenServer) -> None:
    server.status = "cancel_only"
    with Running(server.url) as feed:
        feed.wait_for_event(FeedConnected)
        feed.wait_for(lambda: ids(feed))
    assert feed.telemetry.counts["venue_status"] == 1
    assert feed.of(FeedDisconnected) == []


@pytest.mark.parametrize(
    "strange",
    [
        frame("level3", '{"anything":1}'),
        '{"channel":"trade","type":"update"}',
        '{"channel":5}',
        '{"method":"unheard-of","success":true}',
        '{"method":7}',
        '{"Error":"something else"}',
        '[119930881,[],"trade","XBT/USD"]',
        "null",
        "{}",
        '{"broken',
        b"\xff\xfe\x00",
        "[" * 100_000,
    ],
)
def test_no_strange_frame_ends_the_feed(server: KrakenServer, strange: str | bytes) -> None:
    with Running(server.url) as feed:
        feed.wait_for(lambda: len(ids(feed)) == 2)
        server.send(strange)
        server.send(frame("trade", trade_row(3)))
        feed.wait_for(lambda: ids(feed) == [1, 2, 3])
        assert feed.of(FeedDisconnected) == []
        counts = feed.telemetry.counts
        assert counts["unknown_frames"] + counts["refusals"] == 1


def test_a_bad_row_becomes_a_dead_letter_and_those_beside_it_go_on(server: KrakenServer) -> None:
    bad = frame("trade", trade_row(3), trade_row(4, price="-1"), trade_row(5))
    with Running(server.url) as feed:
        feed.wait_for(lambda: len(ids(feed)) == 2)
        server.send(bad)
        feed.wait_for(lambda: ids(feed) == [1, 2, 3, 5])
        letter = feed.wait_for_event(DeadLettered)
    assert (letter.kind, letter.place, letter.raw) == ("kraken-frame", server.url, bad.encode())
    assert "trade 4 of BTC/USD: price is -1" in letter.reason


def test_an_unexpected_unsubscription_is_subscribed_again(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for_event(FeedConnected)
        feed.wait_for(lambda: ids(feed))
        server.send('{"method":"unsubscribe","success":true,"result":{"channel":"trade","symbol":"BTC/USD"}}')
        server.wait_for(lambda: server.subscriptions().count(("trade", "BTC/USD")) == 2)
    assert feed.of(FeedDisconnected) == [], "it was asked for on the same connection"
    assert server.connected == 1


def test_duplicates_and_gaps_are_passed_on_as_they_came(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for(lambda: ids(feed) == [1, 2])
        server.send(frame("trade", trade_row(2), trade_row(9)))
        feed.wait_for(lambda: len(ids(feed)) >= 4)
    assert ids(feed) == [1, 2, 2, 9]
    assert feed.of(DeadLettered) == []


def test_a_message_in_fragments_is_one_and_one_beyond_the_limit_is_refused(
    server: KrakenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.kraken.connection.LONGEST_FRAME", 2000)
    text = frame("trade", trade_row(3))
    with Running(server.url) as feed:
        feed.wait_for(lambda: ids(feed) == [1, 2])
        server.send([text[:20], text[20:90], text[90:]])
        feed.wait_for(lambda: ids(feed) == [1, 2, 3])
        with suppress(ConnectionClosed):  # the feed may hang up while the last fragment is being sent
            server.send([" " * 900] * 3)
        assert "a message longer than" in feed.wait_for_event(FeedDisconnected).reason


def test_nobody_there_is_said_in_words_and_tried_again_for_ever() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}/v2"
        with Running(url) as feed:
            lost = feed.wait_for_event(FeedDisconnected, count=4)
    assert lost.reason == f"no connection to {url}: it refused the connection"


def test_a_server_that_never_answers_the_handshake_does_not_hold_up_the_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with Running(f"ws://127.0.0.1:{mute.getsockname()[1]}/v2", connect_timeout_s=1.5):
            accepted, _ = mute.accept()
        accepted.close()
    _no_connecting_threads()


def _no_connecting_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "kraken-connect":
            thread.join(5)
            assert not thread.is_alive()


def test_a_server_that_drips_bytes_counts_as_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        stop = threading.Event()

        def drip() -> None:
            peer, _ = dripping.accept()
            with peer:
                request = peer.recv(65536)
                peer.sendall(_handshake(request))
                while not stop.wait(0.02):
                    try:
                        peer.sendall(b" " if started else b"\x81\x7e\x03\xe8")
                    except OSError:
                        return
                    started.append(1)

        started: list[int] = []
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with Running(f"ws://127.0.0.1:{dripping.getsockname()[1]}/v2", **IMPATIENT) as feed:
                assert "no sign of life" in feed.wait_for_event(FeedDisconnected).reason
        finally:
            stop.set()
            thread.join(5)
    _no_connecting_threads()


def _handshake(request: bytes) -> bytes:
    from base64 import b64encode
    from hashlib import sha1

    key = next(line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def test_a_proxy_of_the_environment_does_not_come_between_us_and_this_machine(
    server: KrakenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")
    with Running(server.url) as feed:
        feed.wait_for_event(FeedConnected)
    assert feed.of(FeedDisconnected) == [], "the first try got there"


def test_what_the_simulator_says_is_marked_as_simulated(server: KrakenServer) -> None:
    with Running(server.url, origin=Origin.SIMULATED) as feed:
        feed.wait_for(lambda: ids(feed))
    assert {event.origin for event in feed.events} == {Origin.SIMULATED}


def test_old_tickers_without_a_time_are_taken_at_the_time_they_came(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for_event(TickerUpdated)
        server.send(frame("ticker", ticker_row(last="83750.10", timestamp=None)))
        ticker = feed.wait_for_event(TickerUpdated, count=2)
    assert ticker.last == Decimal("83750.10")
    assert ticker.occurred_at == ticker.recorded_at
    assert ticker.frame_hash is not None


def test_the_socket_is_closed_when_the_feed_stops(server: KrakenServer) -> None:
    with Running(server.url) as feed:
        feed.wait_for_event(FeedConnected)
        assert server.open_connections == 1
    server.wait_for(lambda: server.open_connections == 0)


def test_other_pairs_are_followed_over_the_same_connection(server: KrakenServer) -> None:
    with Running(server.url, ["BTC/USD", "ETH/USD"]) as feed:
        feed.wait_for(lambda: len({event.pair for event in feed.of(TickerUpdated)}) == 2)
        feed.follow("ETH/USD", "AAPLx/USD")
        feed.wait_for_event(FeedConnected, "AAPLx/USD")
        server.wait_for(lambda: len(server.subscriptions("unsubscribe")) == 2)
        server.send(frame("trade", trade_row(9, "BTC/USD"), trade_row(9, "ETH/USD"), trade_row(9, "AAPLx/USD")))
        feed.wait_for(lambda: 9 in ids(feed, "AAPLx/USD"))
        feed.follow("BTC/USD", "ETH/USD", "AAPLx/USD")
        feed.wait_for(lambda: len(feed.of(FeedConnected, "BTC/USD")) == 2)
        server.send(frame("trade", trade_row(10, "BTC/USD")))
        feed.wait_for(lambda: 10 in ids(feed, "BTC/USD"))
    assert server.connected == 1
    assert set(server.subscriptions("unsubscribe")) == {("trade", "BTC/USD"), ("ticker", "BTC/USD")}
    assert 9 not in ids(feed, "BTC/USD"), "what still comes of a pair that was left is not collected"
    assert ids(feed, "ETH/USD").count(9) == 1
    assert len(feed.of(FeedConnecting, "ETH/USD")) == len(feed.of(FeedConnected, "ETH/USD")) == 1
    assert feed.of(FeedDisconnected) == []


def test_pairs_that_change_while_there_is_no_connection_are_followed_on_the_next(server: KrakenServer) -> None:
    server.refuse_connections = True
    with Running(server.url, ["BTC/USD"]) as feed:
        feed.wait_for_event(FeedDisconnected, "BTC/USD")
        feed.follow("ETH/USD")
        server.refuse_connections = False
        feed.wait_for_event(FeedConnected, "ETH/USD")
    assert {pair for _, pair in server.subscriptions()} == {"ETH/USD"}
