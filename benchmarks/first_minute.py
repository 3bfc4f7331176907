"""From an empty folder to a market that is all there: how soon the simulator's data can be read.

    python -m benchmarks.first_minute [--rounds 3]

Starts `cryptoviz run --source simulated` with a new data folder, as a user's first `make run` does, and asks the API until it
has a candle, a rated article, and a forecast of each pair for each horizon. Wanted: all within a minute.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import line
from tests.e2e.program import Program

WANTED_S = 60
GIVEN_UP_S = 600
SERIES = 8 * 3  # pairs, horizons


def forecast_series(program: Program) -> int:
    """How many of the pairs and horizons have a forecast."""
    return len({(row["pair"], row["horizon_s"]) for row in program.get("predictions/?limit=1000")["items"]})


_THERE: dict[str, Callable[[Program], bool]] = {
    "candles": lambda program: bool(program.get("candles/?pair=BTC-USD&interval=1m")["items"]),
    "sentiment": lambda program: any(row["sentiment"] is not None for row in program.get("articles/")["items"]),
    "forecasts of all pairs and horizons": lambda program: forecast_series(program) == SERIES,
}


def first_times() -> dict[str, float]:
    """Seconds from the start of the process until each could be read."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        found: dict[str, float] = {}
        with Program(Path(folder) / "data", "--source", "simulated") as program:
            while len(found) < len(_THERE) and time.monotonic() < began + GIVEN_UP_S:
                for name, there in _THERE.items():
                    if name not in found and there(program):
                        found[name] = time.monotonic() - began
                time.sleep(0.2)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = [first_times() for _ in range(parser.parse_args().rounds)]
    met = True
    for name in _THERE:
        times = [one.get(name, float("inf")) for one in rounds]
        print(line(f"first {name}", times, "s"))
        met = max(times) <= WANTED_S and met
    print(f"all within {WANTED_S} s: {'ok' if met else 'SHORT'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
