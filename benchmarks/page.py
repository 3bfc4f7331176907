"""The dashboard in a browser: what it weighs and how fluid it is.

    python -m benchmarks.page [--rounds 5] [--seconds 10]

All on `cryptoviz run --source simulated` of this machine and its Chromium, headless, at 1440 x 900, which draws without a GPU.
The server is at rest: its first minute, in which it takes in its history, is over. How soon the page is of use,
`python -m benchmarks.first_paint` measures.

- Weight: all files of a first visit, in English, without the market's data.
- Frames: counted by requestAnimationFrame while the page gets 200 messages a second beside the simulator's own: rows that
  the server sent, with new prices, times and ids, handed to the page's WebSocket one by one. The floor in the same browser
  is a page that does nothing but count: software drawing on a busy machine does not always hold 60.
- Markers: times between frames while the chart is panned over 10,000 news; the floor is the same without them.

The rounds take turns.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import line
from benchmarks.simulated import needed_chromium, simulated, wait_at_rest
from tests.e2e.browser.conftest import CHROMIUM_ARGS
from tests.e2e.browser.fluid import frames, lay_markers, pan, zoom_out
from tests.waiting import until

MARKERS = 10_000
A_SECOND = 200
SETTLED_MS = 1_000  # nothing asked for in the last while: a first visit is over

USEFUL = """
globalThis.useful_ = null;
const look = () => {
    const price = document.querySelector('cv-pair-head .price')?.textContent ?? '';
    if (!/\\d/.test(price) || !document.querySelector('cv-chart .legend b')) requestAnimationFrame(look);
    else requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.useful_ = performance.now(); }));
};
requestAnimationFrame(look);
"""
_LISTEN = """
globalThis.heard_ = { trades: new Map(), tickers: new Map(), candles: new Map() };
const Bare = WebSocket;
globalThis.WebSocket = class extends Bare {
    constructor(...given) {
        super(...given);
        globalThis.socket_ = this;
        this.addEventListener('message', (event) => {
            const { channel, data } = JSON.parse(event.data);
            if (data) globalThis.heard_[channel]?.set(`${data.pair} ${data.interval}`, data);
        });
    }
};
"""
_SEND = """(aSecond) => {
    const turns = ['trades', 'candles', 'tickers', 'candles', 'trades'];
    const rows = Object.fromEntries(Object.entries(globalThis.heard_).map(([channel, of]) => [channel, [...of.values()]]));
    const began = performance.now();
    let sent = 0;
    globalThis.sent_ = 0;
    globalThis.sending_ = setInterval(() => {
        for (const due = ((performance.now() - began) / 1000) * aSecond; sent < due; sent++) {
            const channel = turns[sent % turns.length];
            const row = rows[channel][sent % rows[channel].length];
            const at = new Date().toISOString();
            const moved = (price) => String((Number(price) * (1 + Math.sin(sent / 50) / 1000)).toPrecision(7));
            const data = { ...row, event_id: `page-${sent}`, recorded_at: at };
            if (channel === 'candles') data.close = moved(row.close);
            else data.timestamp = at;
            if (channel === 'tickers') data.last = moved(row.last);
            if (channel === 'trades') Object.assign(data, { price: moved(row.price), trade_id: 1e9 + sent });
            globalThis.socket_.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ channel, origin: row.origin, data }) }));
        }
        globalThis.sent_ = sent;
    }, 1);
}"""


@contextmanager
def opened(browser: Browser, url: str | None, *scripts: str) -> Iterator[Page]:
    """A page without a past, and with a URL on it, of use: by default that is what it is for a dashboard."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", service_workers="block")
    try:
        context.set_default_timeout(60_000)
        page = context.new_page()
        for script in scripts or (USEFUL,):
            context.add_init_script(f"{{ {script} }}")
        if url:
            page.goto(url)
            page.wait_for_function("() => globalThis.useful_ !== null")
        yield page
    finally:
        context.close()


class MainThread:
    """What the page's main thread has worked, in CPU milliseconds: says what is our doing on a busy machine."""

    def __init__(self, page: Page) -> None:
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked(self) -> float:
        metrics = self._tools.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration")) * 1000


def weight(browser: Browser, url: str) -> None:
    """Print what a first visit fetches."""
    with opened(browser, None) as page:
        heard = []
        page.on("response", lambda answer: heard.append(answer))  # noqa: PLW0108 - it wants a function
        page.goto(url)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLED_MS)
        files = [answer for answer in heard if "/api/" not in answer.url]
        unpacked = sum(len(answer.body()) for answer in files)
        packed = sum(int(answer.header_value("content-length") or 0) for answer in files)
    print(f"{f'first visit, {len(files)} files: unpacked':<52} {unpacked:>14,} bytes")
    print(f"{'  as sent, gzipped':<52} {packed:>14,} bytes")
    verdict = "ok" if unpacked <= 350_000 and packed <= 150_000 else "SHORT"
    print(f"{'':<52} wanted up to 350,000 and 150,000: {verdict}")


def fluidity(browser: Browser, url: str, rounds: int, seconds: float) -> None:
    """Print the frames a second at 200 updates a second, against a page that does nothing."""
    floor, ours, p95, arrived, busy = [], [], [], [], []
    for _ in range(rounds):
        with opened(browser, None) as bare:
            bare.set_content("<!doctype html><p>bare</p>")
            with frames(bare) as took:
                bare.wait_for_timeout(seconds * 1000)
            floor.append(1000 / statistics.fmean(took))
        with opened(browser, url, _LISTEN, USEFUL) as page:
            page.wait_for_function("() => Object.values(globalThis.heard_).every((rows) => rows.size > 0)")
            page.evaluate(_SEND, A_SECOND)
            price = page.locator("cv-pair-head .price").inner_text()
            thread = MainThread(page)
            sent, worked = page.evaluate("globalThis.sent_"), thread.worked()
            with frames(page) as took:
                page.wait_for_timeout(seconds * 1000)
            lasted = sum(took) / 1000
            busy.append((thread.worked() - worked) / lasted / 10)
            arrived.append((page.evaluate("globalThis.sent_") - sent) / lasted)
            assert page.locator("cv-pair-head .price").inner_text() != price, "the page shows what arrives"
            ours.append(1000 / statistics.fmean(took))
            p95.append(statistics.quantiles(took, n=20)[-1])
    print(line("floor: a page that only counts frames", floor, "frames/s"))
    print(line(f"at {statistics.median(arrived):.0f} updates/s", ours, "frames/s"))
    print(line("  95th percentile between two frames", p95, "ms"))
    print(line("  main thread at work", busy, "% of a core"))
    pairs = [one / other for one, other in zip(ours, floor, strict=True)]
    verdict = "ok" if statistics.median(pairs) >= 0.95 else "SHORT"
    print(
        f"{'  of the floor':<52} {statistics.median(pairs):>14.2f} {'ratio':<10} wanted 0.95 (60 of 60 where the floor is 60): {verdict}"
    )


def markers(browser: Browser, url: str, rounds: int) -> None:
    """Print the times between frames while panning, without and with 10,000 markers."""
    without: list[float] = []
    with_them: list[float] = []
    for _ in range(rounds):
        for count, found in ((0, without), (MARKERS, with_them)):
            with opened(browser, f"{url}/#BTC-USD/5m") as page:
                page.wait_for_function(
                    "() => import('/static/news/news-state.js').then(({articles}) => articles.value.length > 0)"
                )
                if count:
                    lay_markers(page, count)
                zoom_out(page)
                with frames(page) as took:
                    for _ in range(3):
                        pan(page)
                found.append(statistics.quantiles(took, n=20)[-1])
    print(line("panning without markers, 95th percentile", without, "ms"))
    print(line(f"panning {MARKERS:,} markers, 95th percentile", with_them, "ms"))
    verdict = "ok" if statistics.median(with_them) < 34 else "SHORT"
    print(f"{'':<52} wanted under 34 ms (30 frames/s): {verdict}")


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=10, help="how long frames are counted in each round")
    asked = options.parse_args()
    found = needed_chromium()
    with simulated() as program, sync_playwright() as playwright:
        url = str(program.url)
        assert until(lambda: program.get("articles/")["items"], seconds=60), "the simulator's first news"
        wait_at_rest(program)
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        try:
            weight(browser, url)
            fluidity(browser, url, asked.rounds, asked.seconds)
            markers(browser, url, asked.rounds)
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
