"""The time machine: the page as it was known at another time. Replays are in test_replay.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.travel import KNOWN, get, market_moves, page_time, state, travel
from tests.waiting import until

pytestmark = pytest.mark.browser

# Each of these says the same of a time in the past, whenever it is asked.
READS = [
    "tickers/", "trades/?pair=BTC-USD", "candles/?pair=BTC-USD&interval=1m", "candles/?pair=BTC-USD&interval=1h",
    "articles/", "sentiment/", "predictions/?pair=BTC-USD", "predictions/skill/", "alerts/", "alert-rules/",
    "watchlist/", "feeds/", "feeds/BTC-USD/gaps/", "statistics/", "statistics/correlations/",
]  # fmt: skip


def _asked_since_left(page: Page, path: str) -> list[str]:
    """The addresses below a path that the page has asked for since it left the present."""
    asked: list[str] = page.evaluate(
        """path => {
            const [left] = performance.getEntriesByName('left');
            const asked = performance.getEntriesByType('resource').filter((entry) => entry.startTime >= left.startTime);
            return asked.map((entry) => entry.name).filter((name) => name.includes(`/api/v1/${path}`));
        }""",
        path,
    )
    return asked


@pytest.mark.parametrize("path", READS)
def test_what_was_known_then_does_not_change(base_url: str, past: datetime, path: str) -> None:
    first = get(base_url, path, page_time(past))
    newest = get(base_url, "trades/?pair=BTC-USD&limit=1")
    assert until(lambda: get(base_url, "trades/?pair=BTC-USD&limit=1") != newest, seconds=60), "nothing happens"
    assert get(base_url, path, page_time(past)) == first


def test_the_page_shows_what_was_known_then(dashboard: OpenDashboard, base_url: str, past: datetime) -> None:
    page = dashboard().open()
    travel(page, past)
    then = page_time(past.replace(microsecond=past.microsecond // 1000 * 1000))
    expected = next(row for row in get(base_url, "tickers/", then)["items"] if row["pair"] == "BTC/USD")
    page.wait_until("last => document.querySelector('cv-pair-head .price').textContent.includes(last)",
                    f"{float(expected['last']):,.1f}")  # fmt: skip
    assert page.page.locator("body").get_attribute("data-past") is not None
    for rows in ("trades.value", "articles.value", "alerts.value", "[...quotes.value.values()].map(({row}) => row)"):
        recorded = state(page, f"{rows}.map((row) => row.recorded_at)")
        assert all(datetime.fromisoformat(time) <= past for time in recorded), rows
    price = page.price()
    market_moves(page)
    assert page.price() == price


def test_rows_of_the_present_stay_outside(dashboard: OpenDashboard, base_url: str, past: datetime) -> None:
    page = dashboard().open()
    travel(page, past)
    article = get(base_url, "articles/?limit=1")["items"][0]
    alert = get(base_url, "alerts/?limit=1")["items"][0]
    page.inject("articles", article | {"id": "later", "title": "Of the present"})
    page.inject("alerts", alert | {"id": "later", "alert_id": "later", "status": "raised"})
    market_moves(page)
    expect(page.page.locator("cv-news")).not_to_contain_text("Of the present")
    expect(page.page.locator("[data-alert=later]")).to_have_count(0)


def test_commands_wait_for_the_present(dashboard: OpenDashboard, base_url: str) -> None:
    alert = get(base_url, "alerts/?limit=1")["items"][0]
    known = datetime.fromisoformat(alert["recorded_at"]) + timedelta(milliseconds=10)
    page = dashboard().open()
    travel(page, known)
    item = page.page.locator(f"[data-alert='{alert['id']}']")
    expect(item.locator(".actions button").first).to_be_disabled()
    page.page.locator("cv-watchlist .tool[aria-pressed]").first.click()
    expect(page.page.locator("cv-watchlist .watch").first).to_be_disabled()
    refused = page.page.evaluate(
        "import('/static/stream/api.js').then(({send}) => send('POST', 'watchlist/', {pair: 'BTC-USD'}))"
        ".catch((error) => error.message)"
    )
    assert refused == "The page shows the past: go live first."
    page.page.keyboard.press("l")
    expect(page.page.locator("cv-watchlist .watch").first).to_be_enabled()


def test_every_read_asks_for_the_time_that_is_shown(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m/ETH-USD/percent")
    page.page.locator("cv-forecast .range").first.wait_for()
    paths = (
        "tickers/",
        "trades/",
        "candles/",
        "articles/",
        "alerts/",
        "alert-rules/",
        "watchlist/",
        "feeds/",
        "predictions/",
    )
    page.page.evaluate("performance.setResourceTimingBufferSize(10_000)")
    page.page.get_by_role("button", name="Time machine").click()  # what the slider marks is asked in the present
    page.page.wait_for_load_state("networkidle")
    travel(page, past)
    page.page.wait_for_load_state("networkidle")
    market_moves(page)
    for path in (*paths, "feeds/BTC-USD/gaps/", "predictions/skill/"):
        asked = _asked_since_left(page.page, path)
        assert asked, path
        assert all("as_of=" in url for url in asked), asked


def test_the_keys_step_by_bars(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.keyboard.press("[")
    known = page.page.locator(KNOWN)
    expect(known).to_contain_text("As known at")
    first = datetime.fromisoformat(str(known.get_attribute("datetime")))
    page.page.keyboard.press("[")
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') < at", page_time(first))
    second = datetime.fromisoformat(str(known.get_attribute("datetime")))
    assert first - second == timedelta(minutes=1)
    page.page.keyboard.press("]")
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", page_time(second))
    page.page.keyboard.press("]")
    expect(known).to_have_text("The present")


def test_a_tool_that_was_opened_leaves_the_bar_as_it_was(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.get_by_role("button", name="Time machine").click()
    bar = page.page.locator("cv-time-machine")
    expect(bar.get_by_role("slider")).to_be_visible()
    sizes = "[...document.querySelectorAll('cv-time-machine :is(select, input)')].map((one) => one.offsetWidth)"
    before = page.page.evaluate(sizes)
    page.page.get_by_role("button", name="Test a strategy").click()
    expect(page.page.locator("cv-backtest dialog")).to_be_visible()
    page.page.keyboard.press("Escape")
    assert page.page.evaluate(sizes) == before


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (768, "light")])
def test_it_fits_everywhere_and_is_accessible(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open("/#BTC-USD/1m")
    name = "Time machine" if language == "en-US" else "Le passé"
    page.page.get_by_role("button", name=name).click()
    expect(page.page.get_by_role("slider")).to_be_visible()
    assert page.violations() == []
    slider = page.page.get_by_role("slider")
    slider.focus()
    page.page.keyboard.press("ArrowLeft")
    expect(page.page.locator(KNOWN)).to_contain_text("As known at" if language == "en-US" else "Ce qu’on savait le")
    page.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    if width == 390:
        for room in page.page.locator("cv-tabs button").all():
            room.click()
            expect(slider).to_be_in_viewport()
            assert page.violations() == []
    page.page.get_by_role("button", name="Go live" if language == "en-US" else "Revenir au direct").click()
    expect(page.page.locator("body[data-past]")).to_have_count(0)


@pytest.mark.parametrize("zone", ["local", "utc"])
def test_a_time_is_typed_in_the_zone_of_the_page(dashboard: OpenDashboard, past: datetime, zone: str) -> None:
    page = dashboard()
    page.page.add_init_script(f"localStorage.setItem('cryptoviz.zone', JSON.stringify('{zone}'))")
    page.open("/#BTC-USD/1m")
    page.page.get_by_role("button", name="Time machine").click()
    field = page.page.get_by_label("Date and time (UTC)" if zone == "utc" else "Date and time (Paris)")
    at = past.replace(microsecond=0)
    written = at if zone == "utc" else at.astimezone(ZoneInfo("Europe/Paris"))
    field.fill(written.strftime("%Y-%m-%dT%H:%M:%S"))
    field.press("Enter")
    expect(page.page.locator(KNOWN)).to_have_attribute("datetime", page_time(at))
    expect(page.page.get_by_role("slider")).to_be_visible()
    field.fill("2199-01-01T00:00:00")
    page.page.get_by_role("button", name="Go there").click()
    expect(page.page.locator("cv-time-machine [role=alert]")).to_have_text(
        "That time has not come yet: choose an earlier one."
    )
    expect(page.page.locator(KNOWN)).to_have_attribute("datetime", page_time(at))
    assert page.violations() == []
    field.fill("1969-07-20T20:17:40")
    field.press("Enter")
    expect(page.page.locator("cv-time-machine [role=alert]")).to_have_text("Choose a time after 1970.")


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
def test_empty_panels_speak_of_then(dashboard: OpenDashboard, language: str) -> None:
    page = dashboard(language=language).open("/#BTC-USD/1d")
    page.page.keyboard.press("[")
    then = (
        ("No trades were known by then", "No candles were known by then", "No alerts had been raised by then")
        if language == "en-US"
        else ("Aucune transaction n’était alors", "Aucun chandelier n’était alors", "Aucune alerte n’avait alors")
    )
    for panel, words in zip(("cv-tape", "cv-chart", "cv-alerts"), then, strict=True):
        expect(page.page.locator(panel)).to_contain_text(words)
    expect(page.page.locator("cv-news")).to_contain_text("by then" if language == "en-US" else "alors")
    assert page.violations() == []


@pytest.mark.parametrize(("name", "path"), [("statistics", "statistics/"), ("skill", "predictions/skill/")])
def test_open_figures_follow_the_time(dashboard: OpenDashboard, past: datetime, name: str, path: str) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.evaluate(f"import('/static/shell/layout-state.js').then(({{dialog}}) => dialog.value = '{name}')")
    expect(page.page.locator("dialog[open]")).to_be_visible()
    page.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url) if f"/api/v1/{path}?" in request.url else None)
    travel(page, past)
    assert page.eventually(lambda: any("as_of=" in url for url in asked))
    jumped = len(asked)
    page.page.evaluate("import('/static/time-machine/travel.js').then(({play}) => play(1))")
    assert page.eventually(lambda: len(asked) > jumped + 2), "the replay goes on"
    page.page.evaluate("import('/static/time-machine/travel.js').then(({goLive}) => goLive())")
    assert page.eventually(lambda: "as_of=" not in asked[-1])
