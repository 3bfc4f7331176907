"""Whether the dashboard keeps its memory: the JavaScript heap while the simulated market goes on.

    python -m benchmarks.page_memory [--minutes 60]

Two browsers look at the same market: one as it is, and one whose V8 only interprets (`--jitless`). In the first, the heap
also holds the machine code that V8 makes of what runs often, and makes anew as it learns; in the second, it is what the page
itself keeps. Both are wanted flat.

Each minute the least of five readings, each after a garbage collection: what is at work in the moment of one collection is
gone with the next. The slope is a line through all but the first tenth, in which lists that hold so many rows fill up.
"""

import argparse
import statistics
import sys
import time
from contextlib import ExitStack

from playwright.sync_api import CDPSession, Playwright, sync_playwright

from benchmarks.page import opened
from benchmarks.simulated import needed_chromium, simulated
from tests.e2e.browser.conftest import CHROMIUM_ARGS

BROWSERS: dict[str, list[str]] = {"as it is": [], "what the page keeps: no compiled code": ["--js-flags=--jitless"]}
READINGS = 5


def heap(tools: CDPSession) -> float:
    """Megabytes that are in use after a garbage collection."""
    found = []
    for _ in range(READINGS):
        tools.send("HeapProfiler.collectGarbage")
        found.append(tools.send("Runtime.getHeapUsage")["usedSize"])
    return float(min(found)) / 1e6


def memory(playwright: Playwright, chromium: str, url: str, minutes: float) -> None:
    """Print for each browser the heap at the start, at the end, and how it grows."""
    every = min(60.0, minutes * 60 / 10)  # seconds
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in BROWSERS}  # minutes, megabytes
    with ExitStack() as stack:
        tools = {}
        for name, flags in BROWSERS.items():
            browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_ARGS, *flags])
            stack.callback(browser.close)
            page = stack.enter_context(opened(browser, url))
            tools[name] = page.context.new_cdp_session(page)
        page.wait_for_timeout(10_000)  # of either: the time passes for both
        began = time.monotonic()
        lasted = 0.0
        while lasted < minutes:
            lasted = (time.monotonic() - began) / 60
            for name, found in samples.items():
                found.append((lasted, heap(tools[name])))
            page.wait_for_timeout(every * 1000)
    for name, found in samples.items():
        sizes = [size for _, size in found]
        slope = statistics.linear_regression(*zip(*found[len(found) // 10 :], strict=True)).slope * 60
        verdict = "ok" if slope < 1 else "SHORT"
        print(name)
        print(f"{'  heap after a garbage collection, at the start':<52} {sizes[0]:>14,.2f} MB")
        print(f"{f'  after {found[-1][0]:.0f} minutes':<52} {sizes[-1]:>14,.2f} MB         (most: {max(sizes):,.2f})")
        tenths = ", ".join(f"{sizes[len(sizes) * tenth // 10]:.2f}" for tenth in range(1, 10))
        print(f"{'  after each tenth of the time':<52} {tenths} MB")
        print(f"{'  slope':<52} {slope:>14,.2f} MB/hour    wanted under 1 MB/hour: {verdict}")


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    asked = options.parse_args()
    found = needed_chromium()
    with simulated() as program, sync_playwright() as playwright:
        memory(playwright, found, str(program.url), asked.minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
