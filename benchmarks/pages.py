"""How soon the page is there, and how long a day of candles takes.

    python -m benchmarks.pages [--trades 1000000]

Starts `cryptoviz run --source simulated` in an empty directory until the dashboard and its first data are served; then,
on a store of a million trades over a day and 8 pairs, fetches one pair's day of 1-minute candles (1,440 rows, two pages
of at most 1,000) over HTTP. The floor in the same run is two answers that ask no database.
"""

import argparse
import http.client
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.pipeline import write_recording
from tests.e2e.program import Program
from tests.waiting import until

ROUNDS = 60


def milliseconds(connection: http.client.HTTPConnection, paths: list[str], least: int) -> float:
    """How long the requests take together; they must answer 200 with at least so many bytes."""
    began = time.perf_counter()
    size = 0
    for path in paths:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        size += len(body)
    took = (time.perf_counter() - began) * 1000
    assert size >= least, f"{size} bytes for {paths}"
    return took


def row(what: str, took: list[float]) -> float:
    """Print a row; returns the 95th percentile."""
    p95 = statistics.quantiles(took, n=20)[18]
    print(f"{what:<46} p50 {statistics.median(took):7.1f} ms   p95 {p95:7.1f} ms")
    return p95


def start_of_page(folder: Path) -> None:
    """Print how long it takes from the command to a page with prices."""
    began = time.perf_counter()
    with Program(folder / "first", "--source", "simulated") as program:
        assert until(lambda: program.status("/") == 200)
        page = time.perf_counter() - began
        assert until(lambda: len(program.get("tickers/")["items"]) == 8)
        prices = time.perf_counter() - began
    print(
        f"page served after {page:.1f} s, prices of all pairs after {prices:.1f} s; wanted within 5 s: {'ok' if prices < 5 else 'SHORT'}"
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trades", type=int, default=1_000_000)
    trades: int = options.parse_args().trades
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_of_page(folder)
        write_recording(folder / "day.jsonl", trades, a_second=trades / 90_000)
        with Program(folder / "data", "--source", f"recording:{folder / 'day.jsonl'}", "--speed", "0") as program:
            assert until(lambda: program.feed("BTC/USD")["state"] == "ended", seconds=900)
            address = urlsplit(str(program.url))
            connection = http.client.HTTPConnection(str(address.hostname), address.port)
            day = "/api/v1/candles/?pair=BTC-USD&interval=1m&limit=1000&start=2026-11-01T00:00:00Z&end=2026-11-02T00:00:00Z"
            first = program.get(day.removeprefix("/api/v1/"))
            pages = [day, f"{day}&cursor={first['next_cursor']}"]
            rows = len(first["items"]) + len(program.get(pages[1].removeprefix("/api/v1/"))["items"])
            live, candles = [], []
            for _ in range(ROUNDS):
                live.append(milliseconds(connection, ["/api/v1/health/live"] * 2, 10))
                candles.append(milliseconds(connection, pages, 100_000))
            floor = row("floor: two answers without a database", live)
            p95 = row(f"a day of 1-minute candles, {rows} rows", candles)
            print(
                f"{'p95, times the floor':<46} {p95 / floor:.1f}; wanted under 50 ms: {'ok' if p95 < 50 else 'SHORT'}"
            )


if __name__ == "__main__":
    main()
