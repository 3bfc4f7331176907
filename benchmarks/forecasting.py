"""The forecasting models on Kraken's hourly candles: what they are worth, and how many bars a second they take.

    python -m benchmarks.forecasting [FOLDER]

FOLDER holds XBTUSD_60.csv.gz and ETHUSD_60.csv.gz, Kraken's OHLCVT. The table is that of `cryptoviz evaluate`, LightGBM left
out (it takes minutes). Targets: MAE ratio of the mix at most 1, coverage .885 to .915, at least .85 in the worst 500 bars,
.5 within the interval of the placebo's direction.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from adapters.forecasting.models import REFERENCES, SERVED
from adapters.kraken.history_files import read_history
from application.analytics.evaluation import Bars
from domain.market.candle import Interval
from domain.market.history import CandleImported
from domain.values import Pair
from entrypoints.evaluation.run import SeriesResult, evaluate_series
from entrypoints.evaluation.table import EXPLAINED, placebo_is_clean, table_of

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "kraken" / "candles_1h"
FILES = {"BTC/USD": "XBTUSD_60.csv.gz", "ETH/USD": "ETHUSD_60.csv.gz"}


def load(file: Path) -> Bars:
    events = read_history(file, now=datetime.now(UTC))
    candles = [event for event in events if isinstance(event, CandleImported)]
    return Bars(Interval.H1.length, [one.start for one in candles], [float(one.close) for one in candles])


def meets_targets(result: SeriesResult) -> bool:
    mix = next(one for one in result.models if one.walked.model == "mix")
    ratio, coverage = mix.evaluation.skill.mae_ratio or 2, mix.evaluation.skill.coverage or 0
    worst = mix.evaluation.worst_coverage or 0
    return ratio <= 1 and 0.885 <= coverage <= 0.915 and worst >= 0.85 and placebo_is_clean(mix.placebo) is True


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    absent = [name for name in FILES.values() if not (folder / name).is_file()]
    if absent:
        print(f"no candles: expected {', '.join(absent)} in {folder}")
        return 2
    met = True
    for pair, name in FILES.items():
        result = evaluate_series(Pair(pair), Interval.H1, load(folder / name), SERVED, REFERENCES, {}, lambda _: None)
        print(f"{pair}, {len(result.bars)} hourly candles\n\n{table_of(result)}\n")
        met = meets_targets(result) and met
    print(EXPLAINED)
    print(f"targets {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
