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
