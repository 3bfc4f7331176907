"""Runs under another interpreter, one that has backtesting.py: cases as JSON lines on stdin, one result each on stdout.

A case names a file of candles (numpy .npz), a strategy with its parameters, and the costs.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from backtesting import backtesting
from backtesting.lib import FractionalBacktest

_SAME = 1e-10  # as in our strategy: equal means do not cross
_CASH = 1e9  # so much that a whole number of satoshis is exact enough


# Where there are too few bars, a value that lets nothing be bought: with NaN, the first decision would be skipped.


def means(closes, window, absent):
    return pd.Series(closes).rolling(window).mean().fillna(absent).to_numpy()


def highest_before(highs, window):
    return pd.Series(highs).rolling(window).max().shift(1).fillna(np.inf).to_numpy()


def lowest_before(lows, window):
    return pd.Series(lows).rolling(window).min().shift(1).fillna(-np.inf).to_numpy()


class AllIn(backtesting.Strategy):
    """Buys for all there is. `share` is what of it buys no more than can be paid together with fee and spread."""

    share = 1.0

    def hold(self, wanted):
        if wanted and not self.position:
            self.buy(size=self.share)
        elif not wanted and self.position:
            self.position.close()


class SmaCross(AllIn):
    fast = slow = 0

    def init(self):
        self.short = self.I(means, self.data.Close, self.fast, 0.0)
        self.long = self.I(means, self.data.Close, self.slow, np.inf)

    def next(self):
        self.hold(self.short[-1] > self.long[-1] * (1 + _SAME))


class Breakout(AllIn):
    enter = leave = 0

    def init(self):
        self.highest = self.I(highest_before, self.data.High, self.enter)
        self.lowest = self.I(lowest_before, self.data.Low, self.leave)

    def next(self):
        if self.data.Close[-1] > self.highest[-1]:
            self.hold(True)
        elif self.data.Close[-1] < self.lowest[-1]:
            self.hold(False)


def run(bars, case):
    fee, spread = case["fee"], case["spread"]
    test = FractionalBacktest(
        bars, {"sma-cross": SmaCross, "breakout": Breakout}[case["strategy"]], cash=_CASH, commission=fee, spread=spread
    )
    # backtesting.py sizes by the fee on the open and charges it on the open with spread: so much is what it cannot pay.
    share = min((1 + spread + fee) / ((1 + spread) * (1 + fee)), 1 - sys.float_info.epsilon)
    start = time.perf_counter()
    stats = test.run(share=share, **case["parameters"])
    seconds = time.perf_counter() - start
    trades = stats["_trades"]
    return {
        "seconds": seconds,
        "final": stats["Equity Final [$]"] / _CASH,
        "entries": trades["EntryBar"].tolist(),
        "exits": trades["ExitBar"].tolist(),
        "entry_prices": trades["EntryPrice"].tolist(),
        "exit_prices": trades["ExitPrice"].tolist(),
        "units": (trades["Size"] / _CASH).tolist(),
        "max_drawdown_pct": -stats["Max. Drawdown [%]"],
        "win_rate_pct": stats["Win Rate [%]"],
    }


def main():
    warnings.simplefilter("ignore")  # of trades that are still open at the end
    backtesting._tqdm = lambda bars, **_: bars  # no progress bar: it would take time
    known = {}
    print("ready", flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        if case["file"] not in known:
            arrays = np.load(case["file"])
            index = pd.to_datetime(arrays["starts"], unit="s")
            columns = {name: arrays[name.lower()] for name in ("Open", "High", "Low", "Close")}
            known[case["file"]] = pd.DataFrame(columns, index=index).assign(Volume=1.0)
        print(json.dumps(run(known[case["file"]], case)), flush=True)


if __name__ == "__main__":
    main()
