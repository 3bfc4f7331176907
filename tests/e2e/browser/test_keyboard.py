"""The page by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser


def test_pairs_and_intervals(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    heading = page.page.locator("cv-pair-head h2")
    first = heading.inner_text()
    page.page.keyboard.press("j")
    expect(heading).not_to_have_text(first)
    page.page.keyboard.press("k")
    expect(heading).to_have_text(first)
    page.page.keyboard.press("4")
    expect(page.page.locator(".intervals [aria-pressed=true]")).to_have_text("1h")
    assert page.page.url.endswith("/1h"), "pair and interval stand in the address"


def test_a_key_held_down_means_its_first_press(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    pairs = list(page.prices())
    heading = page.page.locator("cv-pair-head h2")
    expect(heading).to_contain_text(pairs[0])
    for _ in range(3):
        page.page.keyboard.down("j")  # the second is a repetition of the first, as a browser sends it
    page.page.keyboard.up("j")
    expect(heading).to_contain_text(pairs[1])
    page.page.keyboard.press("j")
    expect(heading).to_contain_text(pairs[2])


def test_the_chart_is_scaled_though_a_button_has_the_focus(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    span = "() => { const { from, to } = document.querySelector('cv-chart').sight(); return to - from; }"
    before = page.page.evaluate(span)
    page.page.locator(".theme").click()
    page.page.keyboard.press("+")
    page.wait_until(f"(before) => ({span})() < before", before)
    page.page.keyboard.press("ArrowLeft")
    expect(page.page.locator("cv-chart p[aria-live]")).to_have_text("")  # the arrows are the button's


def test_history_stays_in_sight_in_another_theme_and_end_leads_back_to_the_newest(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    sight = "() => { const { from, to } = document.querySelector('cv-chart').sight(); return [from, to]; }"
    newest = page.page.evaluate(sight)
    page.page.locator(".chart-host").focus()
    page.page.keyboard.press("Home")
    page.wait_until(f"(newest) => ({sight})()[1] < newest", newest[0])
    before = page.page.evaluate(sight)
    page.page.keyboard.press("d")
    expect(page.page.locator("html")).to_have_attribute("data-theme", "light")
    page.page.wait_for_timeout(100)  # a frame or two, in which nothing must happen
    assert page.page.evaluate(sight) == before
    page.page.keyboard.press("End")
    page.wait_until(f"(newest) => ({sight})()[1] >= newest", newest[1])


def test_escape_closes_one_thing_at_a_time(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("c")
    page.page.keyboard.press("t")
    page.page.get_by_role("button", name="More", exact=True).click()
    menu = page.page.locator("#chart-more")
    expect(menu).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    toggle = page.page.locator(".table-toggle")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    page.page.keyboard.press("Escape")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    expect(page.page.locator("cv-compare")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.locator("cv-compare")).to_be_hidden()


def test_what_the_table_covers_takes_no_focus(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("t")
    expect(page.page.locator("cv-candle-table table").first).to_be_visible()
    page.page.locator(".chart-host").focus()
    expect(page.page.locator(".chart-host")).not_to_be_focused()
    page.page.keyboard.press("t")
    page.page.locator(".chart-host").focus()
    expect(page.page.locator(".chart-host")).to_be_focused()


def test_one_dialog_after_another_hands_the_focus_back(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    helped = page.page.locator("cv-help dialog")
    settings = page.page.locator("cv-header").get_by_role("button", name="Settings")
    page.page.keyboard.press("?")
    expect(helped).to_be_visible()
    page.page.keyboard.press("Escape")
    settings.click()
    page.page.locator("cv-settings").get_by_role("button", name="Help").click()
    expect(helped).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(helped).to_be_hidden()
    expect(settings).to_be_focused()


def test_the_cursor_reads_out_its_bar(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.locator(".chart-host").focus()
    page.page.keyboard.press("ArrowLeft")
    expect(page.page.locator("cv-chart p[aria-live]")).to_contain_text("open")
    page.page.keyboard.press("End")
    expect(page.page.locator("cv-chart p[aria-live]")).to_have_text("")


def test_keys_can_be_turned_off(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    heading = page.page.locator("cv-pair-head h2")
    first = heading.inner_text()
    page.page.keyboard.press("?")
    page.page.get_by_label("Use these keys").uncheck()
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("j")
    expect(heading).to_have_text(first)


def test_the_skip_link_leads_to_the_chart(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("Tab")
    expect(page.page.locator(".skip")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#centre")).to_be_focused()
