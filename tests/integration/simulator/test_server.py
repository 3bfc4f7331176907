import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import feedparser
import httpx
import pytest
import websocket

from adapters.simulator.pairs import LISTINGS
from adapters.simulator.server import Simulator


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    running = Simulator()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(simulator: Simulator) -> Iterator[websocket.WebSocket]:
    connection = websocket.create_connection(simulator.ws_url, timeout=10)
    yield connection
    connection.close()


def receive(client: websocket.WebSocket) -> Any:
    return json.loads(client.recv(), parse_float=Decimal)


def subscribe(client: websocket.WebSocket, channel: str, *symbols: str) -> None:
    params = {"channel": channel, "symbol": list(symbols), "snapshot": True}
    client.send(json.dumps({"method": "subscribe", "params": params}))


def frames_until(client: websocket.WebSocket, enough: Callable[[list[Any]], bool], seconds: float = 20) -> list[Any]:
    frames: list[Any] = []
    deadline = time.monotonic() + seconds
    while not enough(frames):
        assert time.monotonic() < deadline, f"not seen in {seconds} s among {len(frames)} frames"
        frames.append(receive(client))
    return frames


def test_a_feed_of_all_pairs_comes_without_gap(client: websocket.WebSocket) -> None:
    assert receive(client)["channel"] == "status"
    subscribe(client, "ticker", *LISTINGS)
    subscribe(client, "trade", *LISTINGS)

    def enough(frames: list[Any]) -> bool:
        live = [f for f in frames if f.get("type") == "update" and f["channel"] == "trade"]
        beats = [f for f in frames if f == {"channel": "heartbeat"}]
        return len(live) >= 20 and len(beats) >= 3

    frames = frames_until(client, enough)
    acks = [f for f in frames if f.get("method") == "subscribe"]
    assert len(acks) == 16
    assert all(f["success"] for f in acks)
    ids: dict[str, list[int]] = {symbol: [] for symbol in LISTINGS}
    for frame in frames:
        if frame.get("channel") == "trade":
            for row in frame["data"]:
                ids[row["symbol"]].append(row["trade_id"])
    for found in ids.values():
        assert found == list(range(found[0], found[0] + len(found)))
        assert len(found) >= 50
    snapshots = {f["data"][0]["symbol"] for f in frames if f.get("channel") == "ticker" and f["type"] == "snapshot"}
    assert snapshots == set(LISTINGS)


def test_a_trade_arrives_when_it_happens(client: websocket.WebSocket) -> None:
    subscribe(client, "trade", "BTC/USD")
    frames = frames_until(client, lambda seen: any(f.get("type") == "update" and f["channel"] == "trade" for f in seen))
    now = datetime.now(UTC)
    age = now - datetime.fromisoformat(frames[-1]["data"][-1]["timestamp"])
    assert timedelta(0) <= age < timedelta(seconds=5)


def test_heartbeats_start_with_the_first_subscription(client: websocket.WebSocket) -> None:
    receive(client)
    client.settimeout(1.3)
    with pytest.raises(websocket.WebSocketTimeoutException):
        receive(client)
    client.settimeout(10)
    subscribe(client, "trade", "DOT/USD")
    started = time.monotonic()
    frames_until(client, lambda seen: seen.count({"channel": "heartbeat"}) == 4)
    assert 2.5 < time.monotonic() - started < 8


def test_an_unsupported_pair_and_a_ping_are_answered(client: websocket.WebSocket) -> None:
    receive(client)
    subscribe(client, "trade", "XBT/USD")
    answer = receive(client)
    assert (answer["error"], answer["symbol"]) == ("Currency pair not supported XBT/USD", "XBT/USD")
    client.send('{"method":"ping","req_id":101}')
    assert receive(client)["req_id"] == 101
    client.send("{broken")
    assert receive(client)["success"] is False


def test_rest_has_the_trades_of_the_stream(simulator: Simulator, client: websocket.WebSocket) -> None:
    receive(client)
    subscribe(client, "trade", "ETH/USD")
    receive(client)
    first, *_, last = receive(client)["data"]
    answer = httpx.get(f"{simulator.rest_url}/0/public/Trades", params={"pair": "ETH/USD", "count": 1000}).json()
    rows = {row[6]: row for row in answer["result"]["XETHZUSD"]}
    for trade in (first, last):
        assert Decimal(rows[trade["trade_id"]][0]) == trade["price"]


def test_feeds_and_pages_are_served_with_validators(simulator: Simulator) -> None:
    assert len(simulator.feeds) == 5
    for url in simulator.feeds.values():
        response = httpx.get(url)
        assert httpx.get(url, headers={"If-None-Match": response.headers["etag"]}).status_code == 304
        [entry, *_] = feedparser.parse(response.content).entries
        page = httpx.get(entry.link)
        assert page.status_code == 200
        assert "simulated" in page.text
    assert httpx.post(simulator.rest_url).status_code == 405
    assert httpx.get(f"{simulator.rest_url}/none").status_code == 404


def test_a_restart_continues_the_same_market() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def trades() -> Any:
        simulator = Simulator(seed=11, clock=lambda: moment)
        simulator.start()
        try:
            return httpx.get(f"{simulator.rest_url}/0/public/Trades?pair=LINKUSD").json()
        finally:
            simulator.stop()

    before = trades()
    moment += timedelta(minutes=1)
    after = trades()
    old, new = (answer["result"]["LINKUSD"] for answer in (before, after))
    known = {row[6]: row for row in old}
    assert new[-1][6] == old[-1][6] + 30
    assert all(known.get(row[6], row) == row for row in new)


def test_a_client_that_was_asleep_is_disconnected_and_can_come_back() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    simulator = Simulator(clock=lambda: moment)
    simulator.start()
    client = websocket.create_connection(simulator.ws_url, timeout=10)
    subscribe(client, "trade", "BTC/USD")
    frames_until(client, lambda seen: any(f.get("type") == "snapshot" for f in seen))
    moment += timedelta(hours=8)
    while (frame := client.recv_data())[0] != websocket.ABNF.OPCODE_CLOSE:
        assert "update" not in str(frame[1])
    again = websocket.create_connection(simulator.ws_url, timeout=10)
    assert receive(again)["channel"] == "status"
    again.close()
    simulator.stop()


def test_stop_is_idempotent_and_leaves_nothing_behind() -> None:
    simulator = Simulator()
    simulator.stop()
    simulator.start()
    client = websocket.create_connection(simulator.ws_url, timeout=10)
    subscribe(client, "ticker", "BTC/USD")
    host, port = simulator.address.split(":")
    simulator.stop()
    simulator.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "simulator"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
    client.close()


def test_what_can_not_start_says_why() -> None:
    with pytest.raises(ValueError, match="opened on 2020-01-01"):
        Simulator(clock=lambda: datetime(1970, 1, 1, tzinfo=UTC)).start()
    with pytest.raises(RuntimeError, match="before start"):
        _ = Simulator().ws_url
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="choose another port"):
            Simulator(port=taken.getsockname()[1]).start()


def test_another_path_is_no_websocket(simulator: Simulator) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(simulator.ws_url.replace("/v2", "/v1"), timeout=10)
