"""Alerts on the page: they arrive, are told, and take commands."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.rows import alert

pytestmark = pytest.mark.browser


def test_an_alert_arrives_and_is_told_at_once(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.inject("alerts", alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    expect(item).to_contain_text("BTC/USD fell 1.42% in 5 min")
    expect(item).to_contain_text("97,383.6 → 96,000.1")
    expect(page.page.locator("#assertive")).to_have_text("Alert: BTC/USD fell 1.42% in 5 min")


def test_an_alert_is_acknowledged(dashboard: OpenDashboard) -> None:
    page = dashboard()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.split('/api/v1/')[1]}")
        route.fulfill(json=alert("acknowledged"))

    page.page.route("**/alerts/alert-of-the-browser-test/**", answer)
    page.open()
    page.inject("alerts", alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    item.get_by_role("button", name="Acknowledge").click()
    expect(item).to_contain_text("Acknowledged")
    assert asked == ["POST alerts/alert-of-the-browser-test/acknowledge"]


def test_all_open_alerts_are_acknowledged_one_after_the_other(dashboard: OpenDashboard) -> None:
    page = dashboard()
    open_ones, asked = ["one", "two", "three"], list[str]()

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            rows = [alert("acknowledged" if name in asked else "raised", name) for name in open_ones]
            return route.fulfill(json={"items": rows, "next_cursor": None})
        name = route.request.url.split("/")[-2]
        asked.append(name)
        return route.fulfill(json=alert("acknowledged", name))

    page.page.route("**/api/v1/alerts/**", answer)
    page.open()
    panel = page.page.locator("cv-alerts")
    panel.get_by_role("button", name="Acknowledge all").click()
    expect(
        panel.locator(".alert.raised[data-alert=one], [data-alert=two].raised, [data-alert=three].raised")
    ).to_have_count(0)
    assert {*open_ones} <= {*asked}
    expect(panel.locator(".scroll")).to_be_focused()  # the button that was pressed is gone
    assert page.violations() == []


def test_a_refused_command_says_why(dashboard: OpenDashboard) -> None:
    page = dashboard()
    problem = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": "The alert is resolved already."}
    page.page.route(
        "**/alerts/alert-of-the-browser-test/**",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(problem)),
    )
    page.open()
    page.inject("alerts", alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    item.get_by_role("button", name="Resolve").click()
    expect(item).to_contain_text("The alert is resolved already.")
    page.complaints = [one for one in page.complaints if "409" not in one]  # the browser logs every such answer


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_long_list_shows_more_of_it_when_asked(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width, language=language)
    rows = [alert("raised", f"a{number}") | {"timestamp": f"2026-11-22T14:{number:02}:00Z"} for number in range(45)]
    page.page.route("**/api/v1/alerts/**", lambda route: route.fulfill(json={"items": rows, "next_cursor": None}))
    page.silence("alerts")
    page.open()
    if width < 640:
        page.page.locator("cv-tabs").get_by_role("button", name="Alert").click()
    panel = page.page.locator("cv-alerts")
    more = panel.locator(".more-rows")
    expect(more).to_have_text(("More" if language == "en-US" else "Plus") + " · 15")
    expect(panel.locator("li.alert")).to_have_count(30)
    assert page.violations() == []
    more.focus()
    page.page.keyboard.press("Enter")
    expect(panel.locator("li.alert")).to_have_count(45)
    expect(more).to_have_count(0)
    expect(panel.locator("[data-alert=a14] button").first).to_be_focused()


def test_a_pin_on_the_chart_opens_an_alert_that_the_list_does_not_show_yet(dashboard: OpenDashboard) -> None:
    page = dashboard()
    rows = [alert("raised", f"a{number}") | {"timestamp": f"2026-11-22T14:{number:02}:00Z"} for number in range(45)]
    page.page.route("**/api/v1/alerts/**", lambda route: route.fulfill(json={"items": rows, "next_cursor": None}))
    page.silence("alerts")
    page.open()
    expect(page.page.locator("cv-alerts li.alert")).to_have_count(30)
    page.page.evaluate("import('/static/chart/open-mark.js').then(({openMark}) => openMark('alert:a0'))")
    expect(page.page.locator("[data-alert=a0]")).to_be_focused()
