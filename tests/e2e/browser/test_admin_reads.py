"""The admin pages on which the operator reads what the log and the database hold, on the running program."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from domain.access.role import Role
from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard

pytestmark = pytest.mark.browser


def _open(page: Dashboard, name: str) -> Dashboard:
    page.page.goto(f"{page.base_url}/admin#{name}")
    expect(page.page.locator(f"cv-admin-{name} tbody tr").first).to_be_visible()
    return page


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width, "light" if width < 640 else "dark", language, Role.VIEWER)
    for name in ("topics", "schemas", "streams", "storage"):
        _open(page, name)
        assert page.violations() == [], name
        assert page.sideways_scroll() == 0, name


def test_topics_with_their_records_and_readers(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.VIEWER), "topics")
    trades = page.page.get_by_role("row").filter(has=page.page.get_by_role("cell", name="rawtrade", exact=True))
    expect(trades).to_contain_text(re.compile(r"store: (up to date|[\d,]+ behind)"))
    expect(trades).to_contain_text("alerting: ")
    expect(trades).to_contain_text(re.compile(r"0: \d"))
    expect(trades.get_by_role("cell").nth(2)).to_have_text(re.compile(r"^[\d.]+ [kM]B$"))


def test_without_spark_there_are_no_batches(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.VIEWER)
    page.page.goto(f"{page.base_url}/admin#batches")
    expect(page.page.get_by_text("Spark works in the cluster profile only")).to_be_visible()


def test_versions_of_a_schema_are_compared(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.VIEWER), "schemas")
    page.page.get_by_role("button", name="v2 rawalert-value").click()
    page.page.get_by_label("Against version 1").check()
    expect(page.page.locator(".code ins").first).to_be_visible()
    assert page.violations() == []


def test_the_events_of_a_stream(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.VIEWER), "streams")
    expect(page.page.get_by_role("link", name=re.compile("^alert:")).first).to_be_visible()
    page.page.get_by_label("Name begins with").fill("rule:")
    expect(page.page.get_by_role("link", name=re.compile("^alert:"))).to_have_count(0)
    page.page.get_by_role("link", name="rule:default").click()
    created = page.page.get_by_role("row").filter(
        has=page.page.get_by_role("cell", name="alert-rule-created", exact=True)
    )
    expect(created).to_contain_text("simulated")
    created.get_by_text("Show", exact=True).click()
    expect(created.locator(".code")).to_contain_text('"threshold_pct": "1"')
    assert page.violations() == []
    page.page.get_by_role("link", name="All streams").click()
    expect(page.page.get_by_label("Name begins with")).to_be_visible()
    page.page.go_back()
    expect(created).to_be_visible()
    page.page.reload()
    expect(created).to_be_visible()
    page.page.get_by_role("link", name="Event store").click()
    expect(page.page.get_by_label("Name begins with")).to_be_visible()


@pytest.mark.parametrize("name", ["no-such:stream", "%"])
def test_a_stream_that_is_not_there_is_said_to_be_none(dashboard: OpenDashboard, name: str) -> None:
    page = dashboard(role=Role.VIEWER)
    page.page.goto(f"{page.base_url}/admin#streams/{name}")
    expect(page.page.locator("cv-admin-streams")).to_contain_text(f"there is no stream '{name}'")
    page.complaints.clear()  # the browser notes the refusal, as it should


def test_what_the_house_decides_is_of_no_market(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.VIEWER)
    when = "2026-11-22T14:05:00Z"
    event = {"version": 1, "name": "n", "event_version": 1, "recorded_at": when, "origin": "live", "data": {}}
    streams = ("sources", "channel:c", "audit:2026-11-22", "rule:r")
    rows = [{"stream": stream, "version": 1, "last_at": when} for stream in streams]
    page.page.route(
        "**/api/v1/admin/streams/**",
        lambda route: route.fulfill(
            json={"items": rows if "/streams/?" in route.request.url else [event], "next_cursor": None}
        ),
    )
    _open(page, "streams")
    for stream in streams:
        page.page.get_by_role("link", name=stream).click()
        expect(page.page.locator("td[data-name=Data]")).to_have_text("live market" if stream == "rule:r" else "—")
        page.page.get_by_role("link", name="All streams").click()


def test_storage_in_tables_and_as_a_whole(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.VIEWER), "storage")
    candles = page.page.get_by_role("row").filter(has=page.page.get_by_role("cell", name="candle_data", exact=True))
    expect(candles).to_contain_text(re.compile(r"20\d\d"))
    expect(candles).to_contain_text("forever")
    for name in ("Event log", "Database", "Free on disk", "Measured"):
        expect(page.page.locator(".admin-facts dt", has_text=name)).to_be_visible()
