"""Each layout in both themes and languages: nothing sticks out, nothing complains, nobody is shut out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser

THEMES = ["dark", "light"]
LANGUAGES = ["en-US", "fr-FR"]
# An alert or a trade that comes moves those below it in its list: that is not the layout's doing.
SHIFT = """window.shift = 0;
    const inList = ({ node }) => !node || (node.closest ? node : node.parentElement)?.closest('.scroll');
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            if (!entry.hadRecentInput && !entry.sources.every(inList)) window.shift += entry.value;
    }).observe({type: 'layout-shift', buffered: true});"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open()
    expect(page.page.locator("html")).to_have_attribute("lang", language[:2])
    expect(page.page.locator("html")).to_have_attribute("data-theme", theme)
    assert page.violations() == []
    assert page.sideways_scroll() == 0


def test_nothing_sticks_out(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    for width in (1920, 1200, 1199, 1024, 900, 899, 768, 640, 320):
        page.page.set_viewport_size({"width": width, "height": 900})
        page.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert page.sideways_scroll() == 0, width


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [768, 1024, 1280, 1440])
def test_no_tool_is_out_of_sight(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width, language=language)
    page.page.add_init_script(SHIFT)
    page.open()
    for tool in page.page.locator("cv-toolbar button").all():
        expect(tool).to_be_in_viewport(ratio=1)
    heights = page.page.evaluate(
        "[...document.querySelectorAll('cv-toolbar, .toolbar')].map((one) => one.clientHeight)"
    )
    assert page.page.evaluate("window.shift") < 0.02, heights
    assert width < 1440 or heights[1] <= 41, "with three columns there is room for all on one line"


def test_the_phones_rooms(dashboard: OpenDashboard) -> None:
    page = dashboard(390).open()
    for room in ("Watchlist", "News", "Alerts", "Feeds"):
        page.page.locator("cv-tabs").get_by_role("button", name=room).click()
        expect(page.page.locator("main h2", has_text=room).first).to_be_visible()
        assert page.violations() == [], room
        assert page.sideways_scroll() == 0, room


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_tablets_drawers(dashboard: OpenDashboard, side: str) -> None:
    page = dashboard(768).open()
    panel = page.page.locator(f"#{side}")
    button = page.page.locator(f".drawer-button[aria-controls={side}]")
    expect(panel).to_be_hidden()
    button.click()
    expect(panel).to_be_visible()
    assert page.page.evaluate(f"document.activeElement.closest('#{side}') !== null")
    assert page.violations() == []
    page.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()


def test_dialogs_and_table(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("?")
    expect(page.page.locator("cv-help dialog")).to_be_visible()
    assert page.violations() == []
    page.page.keyboard.press("Escape")
    expect(page.page.locator("cv-help dialog")).to_be_hidden()
    page.page.keyboard.press("t")
    expect(page.page.locator("cv-candle-table table").first).to_be_visible()
    assert page.violations() == []
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="All feeds").click()
    expect(page.page.locator("cv-feeds-dialog dialog")).to_contain_text("BTC/USD")
    assert page.violations() == []


def test_the_page_does_not_jump_while_it_loads(dashboard: OpenDashboard) -> None:
    page = dashboard()
    page.page.add_init_script(SHIFT)
    page.open()
    page.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")
    assert page.page.evaluate("window.shift") < 0.02


def test_the_choice_of_theme_and_language_is_kept(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("d")
    expect(page.page.locator("html")).to_have_attribute("data-theme", "light")
    page.page.locator(".tool.language").click()
    expect(page.page.locator("html")).to_have_attribute("lang", "fr")
    page.page.reload()
    expect(page.page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.page.locator("html")).to_have_attribute("data-theme", "light")
