"""How soon the dashboard is of use to who opens it.

    python -m benchmarks.first_paint [--rounds 7]

All on `cryptoviz run --source simulated` of this machine and its Chromium, headless, at 1440 x 900, which draws without a GPU.

First useful paint: from the start of the navigation, nothing in the browser's cache, until the second frame after the price
and the newest candle's legend stand on the page (the chart draws in the first); the page's own clock. The canvas is looked at
afterwards: it must hold a drawing. The floor is the second frame of an answer of a few bytes, in the same browser; the rounds
take turns.

Measured in a new server's first minute, as soon as each pair has its forecasts and while older candles still come in, and at
rest. The browser reports nothing while it loads, as a visitor's does not (see bare_browser.py); what the same visit takes while
Playwright has each request reported, as the browser tests do, stands below it.
"""

import argparse
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

from benchmarks.bare_browser import BareBrowser
from benchmarks.first_minute import SERIES, forecast_series
from benchmarks.page import USEFUL, opened
from benchmarks.report import line
from benchmarks.simulated import needed_chromium, simulated, wait_at_rest
from tests.e2e.browser.conftest import CHROMIUM_ARGS
from tests.waiting import until

WANTED_MS = 1_000

_FRAME = """
globalThis.useful_ = null;
requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.useful_ = performance.now(); }));
"""
_DRAWN = """Math.max(...[...document.querySelectorAll('cv-chart canvas')].filter((one) => one.width && one.height).map((one) => {
    const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
    return new Set(new Uint32Array(data.buffer)).size;
}))"""


def first_paint(browser: BareBrowser, url: str, rounds: int, when: str) -> None:
    """Print how soon the page is of use, and an answer of a few bytes."""
    floor, ours = [], []
    for _ in range(rounds + 1):
        with browser.opened(f"{url}/api/v1/health/live", _FRAME) as page:
            floor.append(page.number("globalThis.useful_"))
        with browser.opened(f"{url}/", USEFUL) as page:
            ours.append(page.number("globalThis.useful_"))
            colours = page.number(_DRAWN)
            assert colours > 3, f"the chart holds {colours:.0f} colours: it is not drawn"
    del floor[0], ours[0]  # they also start the browser's own processes
    print(line("floor: the second frame of an answer of a few bytes", floor, "ms"))
    print(line(f"first useful paint {when}", ours, "ms"))
    print(f"{'':<52} wanted under {WANTED_MS:,} ms: {'ok' if statistics.median(ours) < WANTED_MS else 'SHORT'}")


def inspected(browser: Browser, url: str, rounds: int) -> None:
    """Print how soon it is while each request is reported."""
    took = []
    for _ in range(rounds + 1):
        with opened(browser, url) as page:
            took.append(float(page.evaluate("globalThis.useful_")))
    print(line("  while each request is reported to Playwright", took[1:], "ms"))


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    rounds: int = options.parse_args().rounds
    found = needed_chromium()
    with simulated() as program:
        url = str(program.url)
        assert until(lambda: program.get("articles/")["items"], seconds=60), "the simulator's first news"
        assert until(lambda: forecast_series(program) == SERIES, seconds=600), "forecasts of all pairs"
        with BareBrowser(found) as bare:
            first_paint(bare, url, rounds, "in the server's first minute")
            wait_at_rest(program)
            first_paint(bare, url, rounds, "at rest")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
            try:
                inspected(browser, url, rounds)
            finally:
                browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
