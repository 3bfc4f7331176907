"""The backtest page: chosen, run, shown in words, figures, plots and tables."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard

pytestmark = pytest.mark.browser


def _backtest(page: Dashboard) -> Locator:
    page.open("/#backtest")
    found = page.page.locator("cv-backtest")
    expect(found.locator("form")).to_be_visible()
    return found


def _run(found: Locator, strategy: str = "sma-cross") -> None:
    found.locator("#backtest-strategy").select_option(strategy)
    found.locator("#backtest-interval").select_option("1m")
    found.locator("button[type=submit]").click()
    expect(found.locator(".report")).to_be_visible()


def test_a_strategy_is_run_and_told_beside_buying_and_holding(dashboard: OpenDashboard) -> None:
    page = dashboard()
    found = _backtest(page)
    _run(found)
    report = found.locator(".report")
    expect(report).to_contain_text("Crossing means, BTC/USD, 1m")
    expect(report).to_contain_text("The strategy made")
    expect(report).to_contain_text("SIMULATED")
    expect(report.locator("cv-backtest-plot canvas").first).to_be_visible()
    expect(report.get_by_role("table", name="Figures").get_by_role("row")).to_have_count(16)
    expect(report.get_by_role("table", name="The same trades with other fees").get_by_role("row")).to_have_count(5)
    report.get_by_text("The curves as a table").click()
    curve = report.get_by_role("table", name="The curves as a table")
    expect(curve).to_be_visible()
    assert 10 < curve.get_by_role("row").count() <= 102
    assert page.violations() == []


def test_its_address_opens_it_and_it_gives_the_other_back(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#ETH-USD/15m")
    page.page.evaluate("location.hash = '#backtest'")
    found = page.page.locator("cv-backtest dialog")
    expect(found).to_be_visible()
    expect(found.locator("#backtest-pair")).to_have_value("ETH/USD")
    page.page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    page.wait_until("() => location.hash === '#ETH-USD/15m'")


def test_what_is_wrong_stands_beside_its_field(dashboard: OpenDashboard) -> None:
    page = dashboard()
    found = _backtest(page)
    found.locator("#backtest-strategy").select_option("sma-cross")
    found.get_by_label("Fast").fill("50")
    found.get_by_label("Slow").fill("20")
    found.locator("button[type=submit]").click()
    expect(found.locator("#backtest-fast-fault")).to_contain_text("expected less than slow")
    expect(found.get_by_label("Fast")).to_have_attribute("aria-invalid", "true")
    assert page.violations() == []
    page.complaints = [one for one in page.complaints if "422" not in one]  # the browser logs every such answer


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language)
    found = _backtest(page)
    _run(found, "breakout")
    assert page.violations() == []
    assert page.sideways_scroll() == 0


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "en-US"), (390, "light", "fr-FR")])
def test_statistics(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open()
    name = "Statistiques" if language.startswith("fr") else "Statistics"
    page.page.locator("cv-forecast").get_by_role("button", name=name).click()
    found = page.page.locator("cv-statistics")
    expect(found.get_by_role("table").first.get_by_role("row")).to_have_count(9)
    expect(found.locator(".matrix tbody tr")).to_have_count(8)
    assert page.violations() == []
    assert page.sideways_scroll() == 0
