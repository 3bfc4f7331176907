"""How fluid a page is: the times between its frames, in ms, while something goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

_LAY = """async (count) => {
    const { articles } = await import('/static/news/news-state.js');
    const { shown } = await import('/static/market/candles.js');
    const { first, last } = shown.value.book;
    const labels = ['positive', 'neutral', 'negative'];
    articles.value = Array.from({ length: count }, (_, index) => {
        const at = new Date((first + ((last - first) * index) / count) * 1000).toISOString();
        return { ...articles.value[0], id: String(index), tags: ['BTC'], recorded_at: at, scraped_at: at,
            published_at: at, title: `${index}`, sentiment: { score: 0, label: labels[index % 3] } };
    });
}"""
_COUNT = """() => {
    const frames = [];
    let before;
    const tick = (now) => {
        if (globalThis.frames_ !== frames) return;
        if (before !== undefined) frames.push(now - before);
        before = now;
        requestAnimationFrame(tick);
    };
    globalThis.frames_ = frames;
    requestAnimationFrame(tick);
}"""


def lay_markers(page: Page, count: int) -> None:
    """So many news over the candles that are shown, of BTC, all in sight once the chart is zoomed out."""
    page.evaluate(_LAY, count)


def zoom_out(page: Page) -> None:
    """Until all of it is in sight."""
    page.locator(".chart-host").focus()
    for _ in range(10):
        page.keyboard.press("-")


@contextmanager
def frames(page: Page) -> Iterator[list[float]]:
    """The times between the frames that come in the block, there when it has ended."""
    found: list[float] = []
    page.evaluate(_COUNT)
    yield found
    found += page.evaluate("() => { const found = globalThis.frames_; globalThis.frames_ = null; return found; }")


def pan(page: Page, steps: int = 60) -> None:
    """Drag the chart by half its width."""
    box = page.locator(".chart-host").bounding_box()
    assert box
    y = box["y"] + box["height"] / 3
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    for step in range(steps):
        page.mouse.move(box["x"] + box["width"] * (0.2 + step / steps / 2), y)
    page.mouse.up()
