"""What is laid over the candles, comparing pairs, and thousands of markers."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.browser.fluid import frames, lay_markers, pan, zoom_out
from tests.e2e.browser.rows import iso

pytestmark = pytest.mark.browser

STEP = timedelta(minutes=5)
MARKERS = 10_000
COUNT_SHAPES = """
globalThis.shapes = 0;
const { fill } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fill = function (...given) { globalThis.shapes++; return fill.apply(this, given); };
"""


def _bar(back: int) -> datetime:
    """The start of the 5-minute bar so many before the present one."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return now - timedelta(minutes=now.minute % 5) - back * STEP


def _gap(back: int, state: str, trades: int) -> dict[str, Any]:
    return {
        "start": iso(_bar(back) + timedelta(seconds=30)), "end": iso(_bar(back) + timedelta(seconds=50)),
        "trades": trades, "missing": trades if state == "missing" else 0, "state": state, "origin": "simulated",
        "recorded_at": iso(_bar(back) + STEP),
    }  # fmt: skip


def _forecast(back: int, horizon_s: int, *, inside: bool | None) -> dict[str, Any]:
    issued = _bar(back)
    return {
        "pair": "BTC/USD", "horizon_s": horizon_s, "issued_at": iso(issued),
        "target_at": iso(issued + timedelta(seconds=horizon_s)), "price": "90100", "lower": "90000", "upper": "90200",
        "level": "0.9", "model": "naive", "served": True, "served_because": "it is the only one",
        "actual": None if inside is None else "90100" if inside else "95000", "inside": inside, "event_id": f"{back}",
        "origin": "simulated", "recorded_at": iso(issued),
    }  # fmt: skip


def _wait(page: Dashboard, script: str) -> None:
    """Until what a promise brings is true."""
    assert page.eventually(lambda: bool(page.page.evaluate(script))), script


def _told(page: Dashboard) -> Dashboard:
    """Two gaps, a forecast that held, one that missed, and one that is not due."""
    gaps = [_gap(4, "missing", 3), _gap(12, "backfilled", 1)]
    page.page.route("**/api/v1/feeds/*/gaps/**", lambda route: route.fulfill(json={"items": gaps, "next_cursor": None}))

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        if "/skill/" in route.request.url:
            return route.fulfill(json={"items": [], "next_cursor": None})
        horizon = int(asked["horizon_s"][0])
        rows = [_forecast(0, horizon, inside=None)]
        if asked["limit"] != ["1"]:
            rows += [_forecast(7, horizon, inside=False), _forecast(8, horizon, inside=True)]
        return route.fulfill(json={"items": rows, "next_cursor": None, "missing": []})

    page.page.route("**/api/v1/predictions/**", answer)
    page.page.add_init_script("localStorage.setItem('cryptoviz.overlay.news', 'false')")
    page.page.add_init_script("localStorage.setItem('cryptoviz.overlay.alerts', 'false')")
    return page.open("/#BTC-USD/5m")


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_candles_are_really_drawn(dashboard: OpenDashboard, width: int, theme: str) -> None:
    """Nothing complains when the chart library draws nothing: only its picture tells."""
    page = dashboard(width, theme)
    for overlay in ("news", "alerts", "vwap", "forecast", "gaps"):
        page.page.add_init_script(f"localStorage.setItem('cryptoviz.overlay.{overlay}', 'false')")
    page.open("/#BTC-USD/5m")
    drawn = """(async () => {
        const { palette } = await import('/static/chart/look.js');
        const canvas = document.querySelector('cv-chart').picture();
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const count = (hex) => {
            const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
            let found = 0;
            for (let at = 0; at < data.length; at += 4)
                if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found++;
            return found;
        };
        return count(palette().up) > 200 && count(palette().down) > 200;
    })()"""
    _wait(page, drawn)


def test_marks_are_walked_by_key_and_told_in_words(dashboard: OpenDashboard) -> None:
    page = _told(dashboard())
    spoken = page.page.locator("cv-chart p[aria-live]")
    page.page.locator(".chart-host").focus()
    _wait(page, "import('/static/market/gaps-state.js').then(({gaps}) => gaps.value.length === 2)")
    _wait(page, "import('/static/analytics/outcome-state.js').then(({outcomes}) => outcomes.value.length === 2)")
    page.page.keyboard.press("p")
    expect(spoken).to_contain_text("3 trades missed")
    expect(page.page.locator("cv-chart .legend")).to_contain_text("3 trades missed")
    page.page.keyboard.press("p")
    expect(spoken).to_contain_text("Forecast of 5 min before, 90,000.0 – 90,200.0: missed")
    page.page.keyboard.press("p")
    expect(spoken).to_contain_text("1 trade backfilled")
    page.page.keyboard.press("n")
    expect(spoken).to_contain_text(": missed")
    page.page.keyboard.press("ArrowLeft")
    expect(spoken).to_contain_text(": held")


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "en-US"), (390, "light", "fr-FR")])
def test_the_table_tells_forecasts_and_gaps_too(
    dashboard: OpenDashboard, width: int, theme: str, language: str
) -> None:
    page = _told(dashboard(width, theme, language))
    page.page.keyboard.press("t")
    tables = page.page.locator("cv-candle-table table")
    expect(tables).to_have_count(3)
    expect(tables.nth(1).locator("tbody tr")).to_have_count(2)
    expect(tables.nth(1)).to_contain_text("× missed" if language == "en-US" else "× manquée")
    expect(tables.nth(2).locator("tbody tr")).to_have_count(2)
    expect(tables.nth(2)).to_contain_text("Backfilled" if language == "en-US" else "Rattrapées")
    assert page.violations() == []
    assert page.sideways_scroll() == 0


def test_no_gap_is_claimed_before_the_server_has_answered(dashboard: OpenDashboard) -> None:
    page = dashboard()
    waiting: list[Route] = []
    page.page.route("**/api/v1/feeds/*/gaps/**", lambda route: waiting.append(route))  # noqa: PLW0108 - it wants a function
    page.open()
    page.page.keyboard.press("t")
    gaps = page.page.locator("cv-candle-table table").nth(2)
    expect(gaps).to_contain_text("Loading")
    expect(gaps).not_to_contain_text("No gap")
    for route in waiting:
        route.fulfill(json={"items": [], "next_cursor": None})
    expect(gaps).to_contain_text("No gap")


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "fr-FR"), (390, "dark", "en-US")])
def test_what_is_laid_over_the_chart_is_chosen_and_kept(
    dashboard: OpenDashboard, width: int, theme: str, language: str
) -> None:
    page = dashboard(width, theme, language).open()
    menu = page.page.locator("#chart-more")
    page.page.locator("cv-chart-more button").first.click()
    expect(menu).to_be_visible()
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    boxes = menu.locator("input")
    assert [box.is_checked() for box in boxes.all()] == [False, True, True, False]
    boxes.nth(0).check()
    boxes.nth(3).check()
    page.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.open()
    page.page.locator("cv-chart-more button").first.click()
    expect(menu).to_be_visible()
    assert [box.is_checked() for box in menu.locator("input").all()] == [True, True, True, True]


def test_single_trades_are_fetched_where_they_can_be_told_apart(dashboard: OpenDashboard) -> None:
    page = dashboard()
    page.page.add_init_script("localStorage.setItem('cryptoviz.overlay.trades', 'true')")
    page.open("/#BTC-USD/1d")
    _wait(page, "import('/static/chart/trades-in-sight.js').then(({tooMany}) => tooMany.value)")
    page.page.keyboard.press("1")
    _wait(
        page,
        "import('/static/market/candles.js').then(({shown}) => shown.value.interval === '1m' && shown.value.book.size > 0)",
    )
    page.page.locator(".chart-host").focus()

    def few_enough() -> bool:
        too_many, dots = page.page.evaluate(
            "import('/static/chart/trades-in-sight.js').then(({dots, tooMany}) => [tooMany.value, dots.value.length])"
        )
        if too_many:
            page.page.keyboard.press("+")  # bars that come after it show the whole again
        return not too_many and dots > 50

    assert page.eventually(few_enough)


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "fr-FR"), (390, "light", "en-US")])
def test_pairs_are_compared(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open("/#BTC-USD/5m")
    page.page.keyboard.press("c")
    bar = page.page.locator(".compare-bar")
    bar.get_by_role("button", name="ETH/USD").click()
    bar.get_by_role("button", name="SOL/USD").click()
    legend = page.page.locator(".compare-legend li")
    expect(legend.nth(2).locator("b")).not_to_be_empty()
    assert page.page.url.endswith("#BTC-USD/5m/ETH-USD,SOL-USD/percent")
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    page.page.reload()
    expect(legend.nth(2).locator("b")).not_to_be_empty()
    bar.locator("button").nth(1).click()
    expect(page.page.locator(".compare-cell canvas").nth(2)).to_be_visible()
    expect(page.page.locator(".compare-cell")).to_have_count(3)
    assert page.page.url.endswith("/side")
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    page.page.keyboard.press("c")
    expect(page.page.locator("cv-compare")).to_be_hidden()
    assert page.page.url.endswith("#BTC-USD/5m")


def test_compared_pairs_are_live(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/5m/ETH-USD/percent")
    newest = "import('/static/chart/compare-state.js').then(({books}) => books.value.get('ETH/USD').newest(1)[0])"
    _wait(page, newest)
    page.silence("candles")  # the market's next trade would take the place of ours
    row = page.page.evaluate(newest)
    later = iso(datetime.now(UTC) + timedelta(hours=1))
    page.inject("candles", row | {"close": "4321", "recorded_at": later})
    expect(page.page.locator(".compare-legend li").nth(1)).to_contain_text("4,321")


def test_what_is_in_sight_is_saved(dashboard: OpenDashboard, tmp_path: Path) -> None:
    page = dashboard().open("/#BTC-USD/5m")
    page.page.locator("cv-chart-more button").first.click()
    buttons = page.page.locator("#chart-more .plain")
    with page.page.expect_download() as picture:
        buttons.nth(0).click()
    assert picture.value.suggested_filename == "BTC-USD-5m.png"
    heading = page.page.evaluate(
        "import('/static/chart/save.js').then(({titled}) => titled(document.querySelector('cv-chart').picture()).text)"
    )
    assert heading.startswith("BTC/USD · 5m · ") and heading.endswith(" · SIMULATED · CryptoViz")
    with page.page.expect_download() as table:
        buttons.nth(1).click()
    saved = tmp_path / table.value.suggested_filename
    table.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 20
    assert {row["pair"] for row in rows} == {"BTC/USD"}
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)


@pytest.mark.parametrize("width", [1440, 390])
def test_of_ten_thousand_markers_as_many_are_drawn_as_fit_beside_each_other(
    dashboard: OpenDashboard, width: int
) -> None:
    """What keeps panning fluid, counted; how fluid it is, `python -m benchmarks.page` measures."""
    page = dashboard(width)
    page.page.add_init_script(COUNT_SHAPES)
    page.open("/#BTC-USD/5m")
    lay_markers(page.page, MARKERS)
    zoom_out(page.page)
    with frames(page.page) as took:
        page.page.evaluate("globalThis.shapes = 0")
        pan(page.page)
        shapes = page.page.evaluate("globalThis.shapes")
    assert shapes > 20, "the news are drawn while the chart is moved"
    assert shapes / len(took) < width / 10, "each is 11 px wide"


def test_moving_averages(dashboard: OpenDashboard) -> None:
    found = (
        dashboard()
        .open()
        .page.evaluate(
            """(async () => {
            const { movingAverage, lastAverage } = await import('/static/chart/averages.js');
            const bars = [2, 4, null, 6, 8].map((close, time) => ({ time, row: close === null ? null : { close: String(close) } }));
            return [movingAverage(bars, 3).map((point) => point.value ?? null), lastAverage(bars, 3).value, lastAverage(bars, 5)];
        })()"""
        )
    )
    assert found == [[None, None, None, 4, 6], 6, None]


def test_neighbours_are_gathered_into_one(dashboard: OpenDashboard) -> None:
    found = (
        dashboard()
        .open()
        .page.evaluate(
            """(async () => {
            const { MarkTrack } = await import('/static/chart/mark-track.js');
            const marks = [0, 1, 2, 3, 3, 9].map((time) => ({ time, good: time < 2 ? 1 : 0 }));
            const track = new MarkTrack(marks, (mark) => mark.good);
            const scale = {  // a bar each 10 px, the first eleven in sight
                getVisibleRange: () => ({ from: 0, to: 10 }),
                timeToIndex: (time) => time, logicalToCoordinate: (index) => index * 10,
                coordinateToTime: (x) => (x > 100 ? null : Math.ceil(x / 10)),
            };
            const count = track.gather(scale);
            const groups = track.groups.slice(0, count).map(({ x, from, to, weight }) => [x, from, to, weight]);
            const tail = track.gather({ ...scale, getVisibleRange: () => ({ from: 3, to: 10 }) });
            return [groups, tail, track.near(32, 11)?.time, track.near(60, 11) ?? null];
        })()"""
        )
    )
    assert found == [[[0, 0, 3, 2], [30, 3, 5, 0], [90, 5, 6, 0]], 2, 3, None]
