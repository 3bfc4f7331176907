"""How well and how fast the article is found in real news pages.

`python -m benchmarks.extraction [FOLDER]`: FOLDER holds `ground-truth.json` and `html/*.html.gz` of
scrapinghub/article-extraction-benchmark, whose measure this is: precision and recall of 4-token shingles, averaged over
the pages, and their F1. The floor is the text of all paragraphs, found with BeautifulSoup in the same run.
"""

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean

from bs4 import BeautifulSoup

from adapters.web.extract import extract

PAGES = Path(__file__).parents[2] / "shared/data/news/articles"
TARGET = 0.95
_TOKEN = re.compile(r"\w+")

Matches = tuple[float, float, float]


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Each run of `size` tokens; a shorter text is one shingle, an empty one none."""
    tokens = _TOKEN.findall(text)
    return Counter(filter(None, (tuple(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1)))))


def matches(gold: str, found: str) -> Matches:
    """Shares of shingles found rightly, found wrongly and missed: each page weighs the same."""
    true, predicted = shingles(gold), shingles(found)
    counts = ((true & predicted).total(), (predicted - true).total(), (true - predicted).total())
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def f1(pages: list[Matches]) -> tuple[float, float, float]:
    """F1, precision and recall over all pages."""
    precision = mean(right / (right + wrong) for right, wrong, _ in pages if right + wrong)
    recall = mean(right / (right + missed) for right, _, missed in pages if right + missed)
    return 2 * precision * recall / (precision + recall), precision, recall


def measure(
    find: Callable[[bytes], str], pages: Mapping[str, bytes], gold: Mapping[str, str]
) -> tuple[float, float, float, float]:
    """F1, precision, recall and pages per second."""
    started = time.perf_counter()
    found = {name: find(page) for name, page in pages.items()}
    seconds = time.perf_counter() - started
    return *f1([matches(gold[name], text) for name, text in found.items()]), len(pages) / seconds


def load(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Pages and the articles that they hold, by name."""
    gold = {name: page["articleBody"] for name, page in json.loads((folder / "ground-truth.json").read_text()).items()}
    return {name: gzip.decompress((folder / f"html/{name}.html.gz").read_bytes()) for name in gold}, gold


def ours(page: bytes) -> str:
    found = extract(page, "utf-8")
    return found.text if found else ""


def _paragraphs(page: bytes) -> str:
    return "\n".join(paragraph.get_text() for paragraph in BeautifulSoup(page, "lxml").find_all("p"))


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    if not (folder / "ground-truth.json").is_file():
        print(f"no pages: expected ground-truth.json and html/ in {folder}")
        return 2
    pages, gold = load(folder)
    floor = measure(_paragraphs, pages, gold)
    result = measure(ours, pages, gold)
    print(f"{len(pages)} pages         F1   precision  recall  pages/s")
    for name, (score, precision, recall, speed) in (("all paragraphs", floor), ("ours", result)):
        print(f"{name:<15} {score:.3f}    {precision:.3f}    {recall:.3f}   {speed:6.1f}")
    print(
        f"ratio of F1 to the floor {result[0] / floor[0]:.3f}; target F1 {TARGET}: {'met' if result[0] >= TARGET else 'MISSED'}"
    )
    return 0 if result[0] >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
