"""Recorded trades -> embedded log -> store, durable, and how much memory that takes.

    python -m benchmarks.pipeline [--trades 1000000]

Plays a recording of v2 trade frames through the feed, the collector, the log (synchronous=FULL) and the projection, as
`cryptoviz run --source recording:FILE --speed 0` does, in this process. The floor is what the same number of rows costs
a bare sqlite3 executemany into one durable table, 5,000 a transaction, in the same run.
"""

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.metrics.prometheus import PrometheusTelemetry
from benchmarks.report import line, ratio
from entrypoints.serve import calm_the_collector
from entrypoints.session import Session
from entrypoints.settings import load_settings
from entrypoints.source import source_named

PAIRS = ["BTC/USD", "ETH/USD", "SOL/USD", "ADA/USD", "XRP/USD", "DOGE/USD", "DOT/USD", "LINK/USD"]
START = datetime(2026, 11, 1, tzinfo=UTC)


def write_recording(path: Path, trades: int, *, a_second: float = 100) -> None:
    """Frames of one to three trades, `a_second` trades a second over 8 pairs."""
    chance = random.Random(7)
    ids = dict.fromkeys(PAIRS, 0)
    tenths = dict.fromkeys(PAIRS, 950_000)
    written, at = 0, START
    with path.open("w") as file:
        while written < trades:
            at += timedelta(microseconds=chance.randrange(1, int(4_000_000 / a_second)))
            pair = chance.choice(PAIRS)
            rows = []
            for _ in range(min(chance.randrange(1, 4), trades - written)):
                ids[pair] += 1
                written += 1
                tenths[pair] += chance.choice((-1, 0, 1))
                stamp = at.isoformat().replace("+00:00", "Z")
                rows.append(
                    f'{{"symbol":"{pair}","side":"{chance.choice(["buy", "sell"])}","price":{tenths[pair] / 10},'
                    f'"qty":{chance.randrange(1, 10**9) / 10**8:.8f},"ord_type":"limit","trade_id":{ids[pair]},"timestamp":"{stamp}"}}'
                )
            raw = f'{{"channel":"trade","type":"update","data":[{",".join(rows)}]}}'
            file.write(json.dumps({"received_at": at.isoformat().replace("+00:00", "Z"), "raw": raw}) + "\n")


def floor(folder: Path, trades: int) -> float:
    """Rows a second of bare durable inserts."""
    connection = sqlite3.connect(folder / f"floor{time.monotonic_ns()}.db", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    connection.execute(
        "CREATE TABLE trade (pair TEXT, trade_id INT, price TEXT, volume TEXT, time INT, PRIMARY KEY (pair, trade_id)) WITHOUT ROWID"
    )
    rows = [("BTC/USD", number, "97412.6", "0.00100000", number * 1000) for number in range(trades)]
    began = time.perf_counter()
    for first in range(0, trades, 5_000):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO trade VALUES (?, ?, ?, ?, ?)", rows[first : first + 5_000])
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return trades / took


def through(recording: Path, data_dir: Path) -> tuple[int, float]:
    """Play a recording to its end and stop; returns how many trades the store has then, and the seconds that it took.

    Making the tables of an empty directory comes before, and is not counted.
    """
    settings = load_settings(source=f"recording:{recording}", speed=0, data_dir=data_dir)
    session = Session(settings, source_named(settings.source), PrometheusTelemetry())
    session.start()
    began = time.perf_counter()
    calm_the_collector()
    pause = threading.Event()
    while session.services.health()["feed"].detail != "the recording has ended":
        pause.wait(0.01)
    session.stop()
    took = time.perf_counter() - began
    [store] = data_dir.rglob("store.db")
    connection = sqlite3.connect(store)
    [(count,)] = connection.execute("SELECT count(*) FROM trade_data")
    connection.close()
    return int(count), took


def peak_mib() -> float:
    """Peak resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trades", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    trades: int = options.parse_args().trades
    rounds: int = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = trades // 10
        write_recording(folder / "short.jsonl", short)
        ours, floors = [], []
        for number in range(rounds):
            floors.append(floor(folder, short))
            stored, took = through(folder / "short.jsonl", folder / f"data{number}")
            ours.append(stored / took)
            assert stored == short, f"{stored} of {short} trades stored"
        print(line("floor: bare durable sqlite3 inserts", floors, "rows/s"))
        print(line("recorded trades -> log -> store", ours, "trades/s"))
        print(ratio("to the floor", ours, floors, 0))
        print(ratio("to 20,000 trades/s", ours, [20_000.0] * rounds, 1))
        before = peak_mib()
        write_recording(folder / "long.jsonl", trades)
        stored, took = through(folder / "long.jsonl", folder / "data-long")
        assert stored == trades, f"{stored} of {trades} trades stored"
        print(f"the long recording: {stored / took:,.0f} trades/s")
        print(f"peak memory after {short:,} trades {before:,.0f} MiB, after {trades:,} more {peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
