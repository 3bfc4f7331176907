"""How well and how fast the sentiment models label headlines that people have labelled.

    python -m benchmarks.sentiment [headlines.csv]

The headlines (CryptoLin, columns `headline` and `label` -1, 0, 1) are not part of this repository; looked for beside it.
Macro-F1 weighs the three classes alike, however many headlines each has. The halves are by date: words chosen to suit
the one would do worse on the other. Wanted of the default: a macro-F1 of .54, and 20,000
headlines a second of processor time.
"""

import csv
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.sentiment.models import NAMES, sentiment_model
from application.ports.sentiment_model import SentimentModel
from domain.analytics.sentiment import LABELS, NEGATIVE, NEUTRAL, POSITIVE

HEADLINES = Path(__file__).resolve().parents[2] / "shared/data/news/sentiment/cryptolin_dev.csv"
WANTED_F1, WANTED_PER_S = 0.54, 20_000
ROUNDS = 5
_LABELS = {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}


def read_headlines(file: Path) -> tuple[list[str], list[str]]:
    """Headlines and their labels, the latest first."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = sorted(csv.DictReader(opened), key=lambda row: row["date"], reverse=True)
    return [row["headline"] for row in rows], [_LABELS[row["label"]] for row in rows]


def macro_f1(truth: Sequence[str], found: Sequence[str], classes: Sequence[str]) -> float:
    """The mean of the classes' F1, each 2 TP / (2 TP + FP + FN)."""
    scores = []
    for one in classes:
        right = sum(t == f == one for t, f in zip(truth, found, strict=True))
        wrong = sum((t == one) != (f == one) for t, f in zip(truth, found, strict=True))
        scores.append(2 * right / (2 * right + wrong) if right else 0.0)
    return statistics.mean(scores)


def accuracy(truth: Sequence[str], found: Sequence[str]) -> float:
    """The share of right labels."""
    return sum(t == f for t, f in zip(truth, found, strict=True)) / len(truth)


def _per_second(model: SentimentModel, headlines: Sequence[str]) -> float:
    started = time.process_time()
    for headline in headlines:
        model.score(headline, "")
    return len(headlines) / (time.process_time() - started)


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else HEADLINES
    if not file.is_file():
        print(f"no labelled headlines: expected {file}")
        return 2
    headlines, truth = read_headlines(file)
    half = len(headlines) // 2
    majority = max(LABELS, key=truth.count)
    models = {name: sentiment_model(name) for name in NAMES}
    rounds = [{name: _per_second(model, headlines) for name, model in models.items()} for _ in range(ROUNDS)]
    print(f"{len(headlines)} headlines       macro-F1  earlier half  later half  accuracy  headlines/s")
    labelled = {name: [model.score(headline, "").label for headline in headlines] for name, model in models.items()}
    for name, found in {f"all {majority}": [majority] * len(truth), **labelled}.items():
        scores = [macro_f1(truth[part], found[part], LABELS) for part in (slice(None), slice(half, None), slice(half))]
        speed = f"{statistics.median(one[name] for one in rounds):11,.0f}" if name in models else f"{'':>11}"
        row = f"{scores[0]:9.3f}{scores[1]:14.3f}{scores[2]:12.3f}{accuracy(truth, found):10.3f}"
        print(f"{name:<20}{row}  {speed}")
    score = macro_f1(truth, labelled[NAMES[0]], LABELS)
    speed_of_default = statistics.median(one[NAMES[0]] for one in rounds)
    met = score >= WANTED_F1 and speed_of_default >= WANTED_PER_S
    print(f"wanted of {NAMES[0]}: macro-F1 {WANTED_F1}, {WANTED_PER_S:,} headlines/s: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
