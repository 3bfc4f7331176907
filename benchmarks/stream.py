"""Frame of the venue -> row at a WebSocket client of ours: how long, at 500 trades a second.

    python -m benchmarks.stream [--seconds 20] [--rate 500]

A local server speaks Kraken's v2 and sends frames of one trade; `cryptoviz run` is a process of its own, durable log
and store included; the client subscribes to `trades`. The floor in the same run is a bare relay: another process that
hands each frame on from one WebSocket to another and does nothing else.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from tests.e2e.program import Program
from tests.servers.kraken import KrakenServer, frame, trade_row

_RELAY = """
import sys
from websockets.sync.client import connect
from websockets.sync.server import serve
def hand_on(client):
    with connect(sys.argv[1], compression=None) as venue:
        for message in venue:
            client.send(message)
with serve(hand_on, "127.0.0.1", 0, compression=None) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
"""


def latencies(
    kraken: KrakenServer, client: ClientConnection, read: Callable[[str], int | None], ids: range, rate: float
) -> list[float]:
    """Milliseconds from sending each trade to its arrival."""
    sent: dict[int, float] = {}
    took: list[float] = []

    def receive() -> None:
        while len(took) < len(ids):
            trade_id = read(str(client.recv(30)))
            now = time.perf_counter()
            if trade_id in sent:
                took.append((now - sent[trade_id]) * 1000)

    receiving = threading.Thread(target=receive)
    receiving.start()
    began = time.perf_counter()
    for number, trade_id in enumerate(ids):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        text = frame("trade", trade_row(trade_id))
        sent[trade_id] = time.perf_counter()
        kraken.send(text)
    receiving.join(60)
    return took


def shown(what: str, took: list[float], expected: int) -> float:
    """Print a row; returns the 99th percentile."""
    quantiles = statistics.quantiles(took, n=100)
    print(
        f"{what:<40} p50 {quantiles[49]:7.1f} ms   p99 {quantiles[98]:7.1f} ms   max {max(took):7.1f} ms   {len(took)} of {expected}"
    )
    return quantiles[98]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rate", type=float, default=500)
    asked = options.parse_args()
    count = int(asked.seconds * asked.rate)
    settings = {"pairs": "BTC/USD", "feeds": "None=http://127.0.0.1:9/", "kraken_rest_url": "http://127.0.0.1:9"}
    with tempfile.TemporaryDirectory() as folder, KrakenServer() as kraken:
        kraken.snapshots["trade", "BTC/USD"] = [trade_row(1)]
        relay = subprocess.Popen([sys.executable, "-c", _RELAY, kraken.url], stdout=subprocess.PIPE, text=True)
        try:
            assert relay.stdout
            with connect(f"ws://127.0.0.1:{relay.stdout.readline().strip()}", compression=None) as client:
                client.send("begin")

                def of_frame(text: str) -> int | None:
                    decoded = json.loads(text)
                    return decoded["data"][0]["trade_id"] if decoded.get("channel") == "trade" else None

                kraken.wait_for(lambda: kraken.connected == 1)
                floor = latencies(kraken, client, of_frame, range(2, 2 + count), asked.rate)
        finally:
            relay.terminate()
            relay.wait()
        with Program(Path(folder) / "data", "--source", "kraken", kraken_ws_url=kraken.url, **settings) as program:
            assert program.url
            with connect(program.url.replace("http", "ws") + "/api/v1/stream", compression=None) as client:
                client.send(json.dumps({"action": "subscribe", "channel": "trades"}))

                def of_row(text: str) -> int | None:
                    decoded = json.loads(text)
                    return decoded["data"]["trade_id"] if decoded.get("channel") == "trades" else None

                kraken.wait_for(lambda: program.feed("BTC/USD")["state"] == "live", 30)
                ours = latencies(kraken, client, of_row, range(2, 2 + count), asked.rate)
        bare = shown("floor: a bare relay", floor, count)
        p99 = shown("frame -> log -> WebSocket client", ours, count)
        print(f"{'p99, times the floor':<40} {p99 / bare:.1f}; wanted under 50 ms: {'ok' if p99 < 50 else 'SHORT'}")


if __name__ == "__main__":
    main()
