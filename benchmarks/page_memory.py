"""Whether the dashboard keeps its memory: the JavaScript heap while the simulated market goes on.

    python -m benchmarks.page_memory [--minutes 60]

After a garbage collection, each minute; the slope is a line through all but the first tenth, in which lists that hold so many
rows fill up.
"""

import argparse
import statistics
import sys
import time

from playwright.sync_api import Browser, sync_playwright

from benchmarks.page import opened
from benchmarks.simulated import needed_chromium, simulated
from tests.e2e.browser.conftest import CHROMIUM_ARGS


def memory(browser: Browser, url: str, minutes: float) -> None:
    """Print the heap at the start, at the end, and how it grows."""
    every = min(60.0, minutes * 60 / 10)  # seconds
    with opened(browser, url) as page:
        page.wait_for_timeout(10_000)
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")

        def heap() -> float:
            for _ in range(2):  # what the first one finalises, the second one frees
                tools.send("HeapProfiler.collectGarbage")
            metrics = tools.send("Performance.getMetrics")["metrics"]
            return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")) / 1e6

        began = time.monotonic()
        samples = [(0.0, heap())]
        while samples[-1][0] < minutes:
            page.wait_for_timeout(every * 1000)
            samples.append(((time.monotonic() - began) / 60, heap()))
        filled = samples[len(samples) // 10 :]
        slope = statistics.linear_regression(*zip(*filled, strict=True)).slope
    lasted = f"{samples[-1][0]:.0f} minutes"
    print(f"{'heap after a garbage collection, at the start':<52} {samples[0][1]:>14,.1f} MB")
    print(
        f"{f'  after {lasted}':<52} {samples[-1][1]:>14,.1f} MB         (most: {max(size for _, size in samples):,.1f})"
    )
    print(
        f"{'  slope':<52} {slope * 60:>14,.2f} MB/hour    wanted under 1 MB/hour: {'ok' if slope * 60 < 1 else 'SHORT'}"
    )


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    asked = options.parse_args()
    found = needed_chromium()
    with simulated() as program, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        try:
            memory(browser, str(program.url), asked.minutes)
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
