"""Runs under another interpreter, one that has cryptofeed: trades through its Kafka backend, seconds for each line asked.

The first line of standard input is the bootstrap servers and the trades as [symbol, side, amount, price, timestamp, id].
"""

import asyncio
import json
import sys
import time
from decimal import Decimal

from cryptofeed.backends.kafka import TradeKafka
from cryptofeed.types import Trade


async def rounds() -> None:
    servers, rows = json.loads(sys.stdin.readline())
    trades = [
        Trade("KRAKEN", symbol, side, Decimal(amount), Decimal(price), timestamp, id=str(trade_id))
        for symbol, side, amount, price, timestamp, trade_id in rows
    ]
    backend = TradeKafka(bootstrap_servers=servers)
    backend.start(asyncio.get_running_loop())
    await backend(trades[0], time.time())
    await backend.queue.join()  # connected, and its metadata known
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        began = time.perf_counter()
        for trade in trades:
            await backend(trade, time.time())
        await backend.queue.join()
        print(json.dumps([len(trades), time.perf_counter() - began]), flush=True)
    await backend.stop()


if __name__ == "__main__":
    asyncio.run(rounds())
