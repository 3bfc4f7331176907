"""One field that finds pairs, news and tools, by keyboard and by touch."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard

pytestmark = pytest.mark.browser


def _search(page: Dashboard, text: str = "") -> Locator:
    page.page.locator(".search-button").click()
    field = page.page.get_by_role("combobox")
    expect(field).to_be_focused()
    if text:
        field.fill(text)
    return field


def _article(page: Dashboard) -> dict[str, Any]:
    found: list[dict[str, Any]] = page.page.evaluate("fetch('/api/v1/articles/?limit=1').then((r) => r.json())")[
        "items"
    ]
    return found[0]


def test_a_pair_is_found_by_name_and_opened_by_key(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.keyboard.press("/")
    field = page.page.get_by_role("combobox")
    expect(field).to_be_focused()
    page.page.keyboard.type("ether")
    option = page.page.get_by_role("option", name="ETH/USD Ethereum")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    page.page.keyboard.press("Enter")
    expect(page.page.locator("cv-search dialog")).to_be_hidden()
    expect(page.page.locator("cv-pair-head h2")).to_contain_text("ETH/USD")


def test_keys_go_through_all_results_and_round(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    field = _search(page, "usd")
    options = page.page.locator("cv-search [role=option]")
    page.wait_until("() => document.querySelectorAll('cv-search [role=option]').length >= 8")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(page.page.locator("cv-search dialog")).to_be_hidden()


def test_news_are_found_by_the_server_and_read_here(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    article = _article(page)
    _search(page, article["title"].split()[0])
    page.page.get_by_role("option", name=article["title"]).first.click()
    reader = page.page.locator("cv-reader dialog")
    expect(reader).to_contain_text(article["source"])
    page.page.keyboard.press("Escape")
    expect(reader).to_be_hidden()


def test_what_was_opened_last_is_offered_again(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    article = _article(page)
    for text, name in (("solana", "SOL/USD Solana"), (article["title"], article["title"])):
        _search(page, text)
        page.page.get_by_role("option", name=name).first.click()
        page.page.keyboard.press("Escape")
    page.page.reload()
    page.page.wait_for_selector("cv-chart .legend b")
    _search(page)
    expect(page.page.get_by_role("group", name="Opened last").get_by_role("option")).to_have_count(2)
    page.page.get_by_role("option", name=article["title"]).click()
    expect(page.page.locator("cv-reader dialog")).to_contain_text(article["source"])


def test_a_tool_is_found(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    _search(page, "backt").press("Enter")
    expect(page.page.locator("cv-backtest dialog")).to_be_visible()


def test_nothing_found_says_so(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    _search(page, "xyzzyplugh")
    expect(page.page.locator("cv-search [role=status]")).to_contain_text("Nothing was found for “xyzzyplugh”")


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open()
    _search(page, "bit")
    expect(page.page.get_by_role("option").first).to_be_visible()
    assert page.violations() == []
    assert page.sideways_scroll() == 0
