"""Runs under another interpreter, one that has cryptofeed: frames on stdin, seconds for all of them per line asked."""

import asyncio
import json
import sys
import time

from cryptofeed.defines import TICKER, TRADES
from cryptofeed.exchanges import Kraken
from cryptofeed.symbols import Symbols


def main() -> None:
    frames = json.loads(sys.stdin.readline())
    names = {"BTC-USD": "XBT/USD", "ETH-USD": "ETH/USD"}
    Symbols.set("KRAKEN", names, {"instrument_type": dict.fromkeys(names, "spot")})
    events = 0

    async def taken(_event: object, _at: float) -> None:
        nonlocal events
        events += 1

    feed = Kraken(symbols=list(names), channels=[TRADES, TICKER], callbacks={TRADES: taken, TICKER: taken})

    async def all_frames(now: float) -> None:
        for frame in frames:
            await feed.message_handler(frame, None, now)

    print("ready", flush=True)
    for _ in sys.stdin:
        events = 0
        start = time.process_time()
        asyncio.run(all_frames(time.time()))
        print(json.dumps([events, time.process_time() - start]), flush=True)


if __name__ == "__main__":
    main()
