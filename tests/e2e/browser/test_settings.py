"""What the reader can set."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard

pytestmark = pytest.mark.browser


def _settings(page: Dashboard, name: str = "Settings") -> None:
    page.page.locator("cv-header").get_by_role("button", name=name).click()
    expect(page.page.locator("cv-settings dialog")).to_be_visible()


def _up(page: Dashboard) -> str:
    colour: str = page.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
    return colour


def test_ups_and_downs_are_coloured_as_chosen(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    safe = _up(page)
    _settings(page)
    page.page.get_by_label("Green up, red down").check()
    classic = _up(page)
    page.page.get_by_label("Red up, green down").check()
    assert len({safe, classic, _up(page)}) == 3
    drawn = page.page.evaluate("import('/static/chart/look.js').then((look) => look.palette().up)")
    assert drawn == _up(page)
    page.page.reload()
    page.page.wait_for_selector("cv-chart .legend b")
    assert _up(page) == drawn


def test_keys_can_be_turned_off(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press(",")
    page.page.locator("cv-settings").get_by_label("Use these keys").uncheck()
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("/")
    page.page.keyboard.press("t")
    page.page.wait_for_timeout(300)  # nothing may happen: there is nothing to wait for
    expect(page.page.locator("cv-candle-table")).to_be_hidden()
    expect(page.page.locator("cv-search dialog")).to_be_hidden()


def test_zone_language_and_theme(dashboard: OpenDashboard) -> None:
    page = dashboard(390).open()
    _settings(page)
    page.page.locator("cv-settings").get_by_label("UTC").check()
    page.page.locator("cv-settings").get_by_label("Light").check()
    page.page.locator("cv-settings").get_by_label("Français").check()
    expect(page.page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.page.locator("cv-settings h2")).to_have_text("Réglages")
    assert page.page.evaluate("import('/static/format/time.js').then((time) => time.zoneName.value)") == "UTC"


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_every_choice_can_be_read(dashboard: OpenDashboard, width: int, theme: str) -> None:
    page = dashboard(width, theme).open()
    for colours in ("Blue and orange", "Green up", "Red up"):
        _settings(page)
        page.page.get_by_label(colours).check()
        assert page.violations() == [], colours
        page.page.keyboard.press("Escape")
        expect(page.page.locator("cv-settings dialog")).to_be_hidden()
        assert page.violations() == [], colours
        assert page.sideways_scroll() == 0, colours


def test_in_french(dashboard: OpenDashboard) -> None:
    page = dashboard(390, "dark", "fr-FR").open()
    _settings(page, "Réglages")
    expect(page.page.locator("cv-settings")).to_contain_text("Vert en hausse, rouge en baisse")
    assert page.violations() == []
    assert page.sideways_scroll() == 0
