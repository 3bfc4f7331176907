"""The compared pairs as a table, for who does not see their charts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "en-US"), (390, "light", "fr-FR")])
def test_compared_pairs_are_a_table_too(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open("/#BTC-USD/5m/ETH-USD,SOL-USD/percent")
    expect(page.page.locator(".compare-legend li").nth(2).locator("b")).not_to_be_empty()
    page.page.keyboard.press("t")
    table = page.page.locator(".compare-table table")
    french = language == "fr-FR"
    pairs = "BTC/USD, ETH/USD, SOL/USD, 5m"
    expect(table.locator("caption")).to_contain_text(
        f"{pairs}\u00a0: clôtures en pour cent depuis le" if french else f"{pairs}: closes in percent since"
    )
    expect(table.locator("thead th")).to_have_text(["Heure" if french else "Time", "BTC/USD", "ETH/USD", "SOL/USD"])
    expect(page.page.locator("cv-candle-table")).to_be_hidden()
    assert 10 < table.locator("tbody tr").count() <= 200
    # Everything counts from the left edge.
    zero = "0,00\u00a0%" if french else "0.00%"
    expect(table.locator("tbody tr").last.locator("td").first).to_have_text(zero.replace("\u00a0", " "))
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    page.page.locator(".compare-bar button").nth(1).click()
    expect(table.locator("caption")).to_have_text(
        f"{pairs}\u00a0: prix de clôture" if french else f"{pairs}: closing prices"
    )
    expect(table.locator("tbody td").first).not_to_contain_text("%")
    assert page.violations() == []
    page.page.keyboard.press("t")
    expect(table).to_have_count(0)


def test_the_newest_row_is_the_legends(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/5m/ETH-USD/side")
    expect(page.page.locator(".compare-legend li").nth(1).locator("b")).not_to_be_empty()
    page.page.keyboard.press("t")
    page.wait_until(
        "() => document.querySelector('.compare-table tbody tr td:nth-of-type(1)')?.textContent"
        " === document.querySelector('.compare-legend li b').textContent"
    )
    starts = page.page.evaluate(
        "import('/static/chart/compare-state.js').then(({books}) => books.value.get('BTC/USD').newest(200).length)"
    )
    assert page.page.locator(".compare-table tbody tr").count() >= min(starts, 200)
