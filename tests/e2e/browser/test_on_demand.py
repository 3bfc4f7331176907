"""What the page fetches when it is first wanted: while it is on its way, and when it cannot be had."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.program import Program

pytestmark = pytest.mark.browser

NOT_LOADED = "Part of the page did not load"
LOGGED = re.compile("ERR_FAILED|Failed to fetch dynamically imported module")  # what failed is in the log


@pytest.mark.parametrize(
    ("key", "module", "shown"),
    [("/", "shell/search.js", "cv-search dialog"), ("t", "chart/candle-table.js", "cv-candle-table .scroll")],
)
def test_what_cannot_be_had_is_said_and_asked_for_again(
    dashboard: OpenDashboard, key: str, module: str, shown: str
) -> None:
    page = dashboard().open()
    address = f"**/static/{module}"
    page.page.route(address, lambda route: route.abort())
    page.page.keyboard.press(key)
    banner = page.page.locator("cv-banners .banner", has_text=NOT_LOADED)
    expect(banner).to_be_visible()
    expect(page.page.locator(".tool[aria-pressed=true]", has_text="Table")).to_have_count(0)
    page.page.unroute(address)
    page.page.keyboard.press(key)
    expect(page.page.locator(shown)).to_be_visible()
    expect(banner).to_have_count(0)
    assert page.eventually(lambda: any("ERR_FAILED" in one for one in page.complaints))
    page.complaints = [one for one in page.complaints if not LOGGED.search(one)]


def test_keys_mean_nothing_to_the_page_while_a_dialog_is_on_its_way(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    held: list[Route] = []
    page.page.route("**/static/shell/search.js", lambda route: held.append(route))  # noqa: PLW0108 - it wants a function
    page.page.keyboard.type("/tc")
    assert page.eventually(lambda: bool(held))
    page.page.keyboard.type("tc")
    held[0].continue_()
    expect(page.page.locator("cv-search dialog")).to_be_visible()
    assert "percent" not in page.page.evaluate("location.hash")
    expect(page.page.locator("cv-candle-table")).to_be_hidden()


def test_a_command_on_an_alert_that_cannot_be_had_is_said_and_asked_for_again(
    dashboard: OpenDashboard, program: Program | None
) -> None:
    if program is None:
        pytest.skip("needs a house of our own")
    program.raise_alert()
    page = dashboard().open()
    module = "**/static/alerting/alert-commands.js"
    page.page.route(module, lambda route: route.abort())
    alert = page.page.locator("cv-alerts .alert.raised").first
    name = alert.get_attribute("data-alert")
    alert.get_by_role("button", name="Acknowledge").click()
    banner = page.page.locator("cv-banners .banner", has_text=NOT_LOADED)
    expect(banner).to_be_visible()
    page.page.unroute(module)
    mine = page.page.locator(f"[data-alert='{name}']")
    mine.get_by_role("button", name="Acknowledge").click()
    expect(mine).to_have_class(re.compile("acknowledged"))
    expect(banner).to_have_count(0)
    assert page.eventually(lambda: any("ERR_FAILED" in one for one in page.complaints))
    page.complaints = [one for one in page.complaints if not LOGGED.search(one)]


def test_the_phones_feeds_are_asked_for_again(dashboard: OpenDashboard) -> None:
    page = dashboard(390).open()
    module = "**/static/market/feed-table.js"
    page.page.route(module, lambda route: route.abort())
    feeds = page.page.locator("cv-tabs").get_by_role("button", name="Feeds")
    feeds.click()
    expect(page.page.locator("cv-banners .banner", has_text=NOT_LOADED)).to_be_visible()
    page.page.unroute(module)
    feeds.click()
    expect(page.page.locator("cv-feed-table .feed-card").first).to_be_visible()
    assert page.eventually(lambda: any("ERR_FAILED" in one for one in page.complaints))
    page.complaints = [one for one in page.complaints if not LOGGED.search(one)]
