"""Our backtests against backtesting.py: the same trades and final equity to 1e-6, and how many times as quick.

    python -m benchmarks.backtests [FOLDER] [--rounds 5]

backtesting.py (AGPL) is installed apart, into .cache/peers/backtesting, and run as a program of its own. Data: Kraken's
XBTUSD_60.csv.gz and ETHUSD_60.csv.gz in FOLDER where they are there, and candles of a random walk in any case. Both sides get the
same candles, strategies, fees and spread; as there, the spread is paid on buying. What is still open at the end stays
open on both sides (there, `finalize_trades` would sell it at the last bar's open, before its decision). Timed, in turns:
here all from the arrays to the figures, with buy-and-hold, fee sensitivity and the look-ahead check; there `run()`.
Fails when anything differs or the ratio is below 10.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from adapters.kraken.history_files import read_history
from application.analytics.backtest.engine import Costs, Run, simulate
from application.analytics.backtest.figures import Figures, figures_of
from application.analytics.backtest.history import History, Readings
from application.analytics.backtest.lookahead import check_look_ahead
from application.analytics.backtest.strategies import Breakout, BuyAndHold, SmaCross
from application.analytics.backtest.strategy import Strategy
from benchmarks.report import line, ratio
from domain.market.history import CandleImported

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT.parent / "shared" / "data" / "kraken" / "candles_1h"
FILES = ("XBTUSD_60.csv.gz", "ETHUSD_60.csv.gz")
PEER = "backtesting==0.6.6"
WANTED_EQUAL = 1e-6
WANTED_RATIO = 10
HOUR = 3600
STRATEGIES: tuple[Strategy, ...] = (SmaCross(10, 30), SmaCross(24, 168), Breakout(20, 10), Breakout(55, 20))
COSTS = ((0.0, 0.0), (0.0026, 0.0), (0.001, 0.0005))  # fee at each fill, spread


@dataclass(frozen=True)
class Case:
    file: Path
    history: History
    strategy: Strategy
    fee: float
    spread: float

    @property
    def words(self) -> str:
        parameters = " ".join(str(value) for value in self.parameters.values())
        return f"{self.file.stem} {self.strategy.name} {parameters}, fee {self.fee:g}, spread {self.spread:g}"

    @property
    def parameters(self) -> dict[str, int]:
        return {one.name: getattr(self.strategy, one.name) for one in self.strategy.parameters}


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    histories = {"random-walk": random_walk(60_000)}
    histories |= {name[:3]: kraken(asked.folder / name) for name in FILES if (asked.folder / name).is_file()}
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        for name, history in histories.items():
            file = Path(folder) / f"{name}.npz"
            np.savez(file, **{one: getattr(history, one) for one in ("starts", "open", "high", "low", "close")})
            cases += [Case(file, history, strategy, *costs) for strategy in STRATEGIES for costs in COSTS]
        with Peer() as peer:
            equal = [compare(case, peer) for case in cases]
            timed = next(case for case in reversed(cases) if case.strategy == STRATEGIES[0])
            quick = race(timed, peer, asked.rounds)
    return 0 if all(equal) and quick else 1


def compare(case: Case, peer: "Peer") -> bool:
    run, figures = ours(case)
    theirs = peer.run(case)
    closed = len(run.exits)
    same_bars = run.entries[:closed].tolist() == theirs["entries"] and run.exits.tolist() == theirs["exits"]
    if not same_bars:
        print(f"{case.words}: OTHER TRADES, {closed} here and {len(theirs['entries'])} there")
        return False
    apart = {
        "final equity": off(run.final, theirs["final"]),
        "prices": max(off(run.entry_prices[:closed], theirs["entry_prices"]), off(run.exit_prices, theirs["exit_prices"])),
        "sizes": off(run.units[:closed], theirs["units"]),
        "drawdown": off(figures.max_drawdown_pct, theirs["max_drawdown_pct"]),
    }  # fmt: skip
    worst = max(apart.values())
    verdict = "ok" if worst <= WANTED_EQUAL else "DIFFERS"
    told = ", ".join(f"{what} {value:.1e}" for what, value in apart.items())
    print(f"{case.words}: {closed} trades, final {run.final:.6g}; off by {told}: {verdict}")
    return worst <= WANTED_EQUAL


def off(ours: Any, theirs: Any) -> float:
    """The largest relative difference."""
    one, other = np.atleast_1d(ours), np.atleast_1d(theirs)
    return float(np.max(np.abs(one / other - 1), initial=0.0))


def race(case: Case, peer: "Peer", rounds: int) -> bool:
    here, there = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        ours(case)
        here.append(time.perf_counter() - start)
        there.append(peer.run(case)["seconds"])
    bars = len(case.history)
    print(f"\n{case.words}: {bars:,} bars, {rounds} rounds in turns")
    speeds = [bars / seconds for seconds in here], [bars / seconds for seconds in there]
    print(line("here", speeds[0], "bars/s"))
    print(line(PEER, speeds[1], "bars/s"))
    print(ratio("times as quick", *speeds, WANTED_RATIO))
    return float(np.median(np.divide(*speeds))) >= WANTED_RATIO


def ours(case: Case) -> tuple[Run, Figures]:
    """All that a report holds. Selling is at the open itself: the spread was paid on buying."""
    history, costs = case.history, Costs(case.fee, case.spread, 0.0)
    hold = case.strategy.positions(history)
    check_look_ahead(case.strategy, history, hold)
    run = simulate(history, hold, costs)
    figures_of(history, simulate(history, BuyAndHold().positions(history), costs))
    for fee in (0.0, 0.001, 0.0025, 0.004):
        simulate(history, hold, costs.with_fee(fee))
    return run, figures_of(history, run)


def random_walk(bars: int) -> History:
    """Hourly candles, each opening where the one before closed; ever the same."""
    chance = np.random.default_rng(7)
    close = np.round(1000 * np.exp(np.cumsum(chance.standard_t(4, bars) * 0.004)), 2)
    open_ = np.concatenate(([1000.0], close[:-1]))
    high = np.maximum(open_, close) * (1 + chance.random(bars) * 0.003)
    low = np.minimum(open_, close) * (1 - chance.random(bars) * 0.003)
    return History(HOUR, np.arange(bars, dtype=np.int64) * HOUR, open_, high, low, close, _nothing_said())


def kraken(file: Path) -> History:
    candles = [one for one in read_history(file, now=datetime.now(UTC)) if isinstance(one, CandleImported)]
    prices = np.array([(float(c.open), float(c.high), float(c.low), float(c.close)) for c in candles])
    starts = np.array([int(c.start.timestamp()) for c in candles], dtype=np.int64)
    open_, high, low, close = (np.ascontiguousarray(column) for column in prices.T)
    return History(HOUR, starts, open_, high, low, close, _nothing_said())


def _nothing_said() -> Readings:
    return Readings(np.empty(0, np.int64), np.empty(0), np.empty(0))


class Peer:
    """The program that runs backtesting.py; it stays up, so that its start is not timed."""

    def __enter__(self) -> "Peer":
        self._process = subprocess.Popen(
            [str(_interpreter()), str(Path(__file__).with_name("backtests_peer.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def run(self, case: Case) -> dict[str, Any]:
        asked = {"file": str(case.file), "strategy": case.strategy.name, "parameters": case.parameters}
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked | {"fee": case.fee, "spread": case.spread}) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._read())
        return found

    def _read(self) -> str:
        assert self._process.stdout
        text = self._process.stdout.readline()
        if not text:
            raise SystemExit("the program that runs backtesting.py has ended: see above")
        return text


def _interpreter() -> Path:
    python = ROOT / ".cache" / "peers" / "backtesting" / "bin" / "python"
    if not python.is_file():
        uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", str(python.parent.parent)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), PEER], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
