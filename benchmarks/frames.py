"""Kraken frames -> domain events: events a second, against its floor and its peer.

    uv run python -m benchmarks.frames

The floor is typed msgspec decode of the same v2 frames (Decimals, datetimes) without making anything of them: the aim
is 0.35 of it. The peer is cryptofeed 2.4.1's v1 handler on the same trades and tickers in v1's words (it keeps bid and
ask alone, and no id): the aim is 1. All take turns within each round; medians are printed.
"""

import json
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from adapters.kraken.parse import parse
from domain.values import Origin

FRAMES, ROUNDS = 2_000, 60
CACHE = Path(__file__).parent.parent / ".cache" / "benchmarks"
PEER = "cryptofeed==2.4.1"
Round = Callable[[], tuple[int, float]]
"""Does all the frames once: how many events in how many seconds of processor time."""


class FloorTrade(msgspec.Struct):
    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    ord_type: str
    trade_id: int
    timestamp: datetime


class FloorTicker(msgspec.Struct):
    symbol: str
    bid: Decimal
    bid_qty: Decimal
    ask: Decimal
    ask_qty: Decimal
    last: Decimal
    volume: Decimal
    vwap: Decimal
    low: Decimal
    high: Decimal
    change: Decimal
    change_pct: Decimal
    trades: int
    timestamp: datetime


class FloorTradeFrame(msgspec.Struct, tag_field="channel", tag="trade"):
    type: str
    data: list[FloorTrade]


class FloorTickerFrame(msgspec.Struct, tag_field="channel", tag="ticker"):
    type: str
    data: list[FloorTicker]


def made_frames(kind: str) -> tuple[list[bytes], list[str]]:
    """The same market in v2's words and in v1's: `trades` and `tickers` alone, or a `mix` of one ticker a trade frame."""
    rng = random.Random(7)
    at, trade_id = datetime(2026, 9, 25, 17, 48, tzinfo=UTC), 109_116_693
    v2: list[bytes] = []
    v1: list[str] = []
    for number in range(FRAMES):
        at += timedelta(microseconds=rng.randrange(1, 400_000))
        symbol, price = rng.choice([("BTC/USD", 83_744), ("ETH/USD", 2_688)])
        if kind == "tickers" or (kind == "mix" and number % 2):
            text, old = _ticker(rng, symbol, price, at)
        else:
            count = rng.choice([1, 1, 1, 1, 2, 3])
            text, old = _trades(rng, symbol, price, at, range(trade_id, trade_id + count))
            trade_id += count
        v2.append(text.encode())
        v1.append(old)
    return v2, v1


def _trades(rng: random.Random, symbol: str, price: int, at: datetime, ids: range) -> tuple[str, str]:
    rows, old = [], []
    for trade_id in ids:
        side, paid, qty = rng.choice(["buy", "sell"]), f"{price + rng.random():.1f}", f"{rng.random():.8f}"
        rows.append(
            f'{{"symbol":"{symbol}","side":"{side}","price":{paid},"qty":{qty},"ord_type":"limit",'
            f'"trade_id":{trade_id},"timestamp":"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}}'
        )
        old.append(f'["{paid}0000","{qty}","{at.timestamp():.6f}","{side[0]}","l",""]')
    name = symbol.replace("BTC", "XBT")
    v2 = f'{{"channel":"trade","type":"update","data":[{",".join(rows)}]}}'
    return v2, f'[119930881,[{",".join(old)}],"trade","{name}"]'


def _ticker(rng: random.Random, symbol: str, price: int, at: datetime) -> tuple[str, str]:
    bid, ask = f"{price + rng.random():.1f}", f"{price + 1 + rng.random():.1f}"
    low, high, vwap = f"{price - 500}.2", f"{price + 500}.4", f"{price + 9}.6"
    bid_qty, ask_qty, volume = f"{rng.random():.8f}", f"{rng.random():.8f}", f"{3000 + rng.random():.8f}"
    v2 = (
        f'{{"channel":"ticker","type":"update","data":[{{"symbol":"{symbol}","bid":{bid},"bid_qty":{bid_qty},'
        f'"ask":{ask},"ask_qty":{ask_qty},"last":{ask},"volume":{volume},"vwap":{vwap},"low":{low},"high":{high},'
        f'"change":-429.3,"change_pct":-0.51,"trades":135262,"timestamp":"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}}]}}'
    )
    v1 = (
        f'[119930888,{{"a":["{ask}0000",0,"{ask_qty}"],"b":["{bid}0000",0,"{bid_qty}"],"c":["{ask}0000","{ask_qty}"],'
        f'"v":["{volume}","{volume}"],"p":["{vwap}","{vwap}"],"t":[9000,135262],"l":["{low}","{low}"],'
        f'"h":["{high}","{high}"],"o":["{price}.0","{price}.0"]}},"ticker","{symbol.replace("BTC", "XBT")}"]'
    )
    return v2, v1


def ours(frames: list[bytes]) -> Round:
    now = datetime.now(UTC)

    def run() -> tuple[int, float]:
        events = 0
        start = time.process_time()
        for frame in frames:
            events += len(parse(frame, received_at=now, origin=Origin.LIVE, place="wss://ws.kraken.com/v2")[0])
        return events, time.process_time() - start

    return run


def floor(frames: list[bytes]) -> Round:
    decode = msgspec.json.Decoder(FloorTradeFrame | FloorTickerFrame).decode

    def run() -> tuple[int, float]:
        events = 0
        start = time.process_time()
        for frame in frames:
            events += len(decode(frame).data)
        return events, time.process_time() - start

    return run


class Peer:
    """cryptofeed under an interpreter of its own, set up once in `.cache/benchmarks`."""

    def __init__(self, frames: list[str]) -> None:
        python = CACHE / "cryptofeed" / "bin" / "python"
        if not _has_peer(python):
            raise RuntimeError(f"{PEER} could not be installed, so it is not compared with")
        script = Path(__file__).with_name("cryptofeed_peer.py")
        self._process = subprocess.Popen(
            [str(python), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CACHE
        )
        self._ask(json.dumps(frames))

    def _ask(self, line: str) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(line + "\n")
        stdin.flush()
        return stdout.readline()

    def run(self) -> tuple[int, float]:
        events, seconds = json.loads(self._ask("go"))
        return events, seconds

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _has_peer(python: Path) -> bool:
    if python.exists() and subprocess.run([python, "-c", "import cryptofeed"], check=False).returncode == 0:
        return True
    uv = shutil.which("uv")
    if uv is None:
        return False
    CACHE.mkdir(parents=True, exist_ok=True)
    steps = [
        [uv, "venv", "--quiet", "--clear", "--python", "3.11", str(python.parent.parent)],
        [uv, "pip", "install", "--quiet", "--python", str(python), PEER],
    ]
    return all(subprocess.run(step, check=False).returncode == 0 for step in steps)


def compare(kind: str) -> None:
    v2, v1 = made_frames(kind)
    runs = {"ours": ours(v2), "floor": floor(v2)}
    peer = None
    try:
        peer = Peer(v1)
        runs["cryptofeed"] = peer.run
    except (RuntimeError, OSError) as error:
        print(error)
    rates: dict[str, list[float]] = {name: [] for name in runs}
    counts: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            counts[name], seconds = run()
            rates[name].append(counts[name] / seconds)
    if peer:
        peer.close()
    assert len(set(counts.values())) == 1, f"not the same work: {counts}"
    speed = {name: statistics.median(values) for name, values in rates.items()}
    line = f"{kind:8} {speed['ours']:>9,.0f} events/s  {speed['ours'] / speed['floor']:.2f} of msgspec's {speed['floor']:,.0f}"
    if "cryptofeed" in speed:
        line += f"  {speed['ours'] / speed['cryptofeed']:.2f} of cryptofeed's {speed['cryptofeed']:,.0f}"
    print(line)


if __name__ == "__main__":
    for each in ("mix", "trades", "tickers"):
        compare(each)
