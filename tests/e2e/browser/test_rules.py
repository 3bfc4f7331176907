"""Alert rules: listed, written, previewed, switched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.program import Program

pytestmark = pytest.mark.browser


def _rules(page: Dashboard, room: str | None = None, name: str = "Rules") -> Locator:
    if room:
        page.page.locator("cv-tabs").get_by_role("button", name=room).click()
    page.page.locator("cv-alerts").get_by_role("button", name=name).click()
    found = page.page.locator("cv-rules")
    expect(found.locator(".rule-list li").first).to_be_visible()
    return found


def _new(rules: Locator) -> Locator:
    rules.get_by_role("button", name="New rule").click()
    return rules.locator("form")


def test_a_preview_shows_what_a_rule_would_have_raised(dashboard: OpenDashboard) -> None:
    page = dashboard(role=None).open()  # a preview changes nothing: nobody need sign in
    form = _new(_rules(page))
    form.get_by_label("Name").fill("Anything that moves")
    form.get_by_label("Threshold").fill("0.005")
    form.get_by_role("button", name="Preview").click()
    expect(form).to_contain_text("It would have raised")
    expect(form.get_by_role("img")).to_be_visible()
    marks = form.locator(".preview-plot .mark")
    expect(marks.first).to_be_attached()
    assert form.locator(".preview-list li").count() <= 50
    assert page.violations() == []
    form.get_by_label("Threshold").fill("5")
    expect(marks).to_have_count(0)  # that was another rule


def test_the_focus_goes_with_list_and_form(dashboard: OpenDashboard) -> None:
    page = dashboard(role=None).open()
    rules = _rules(page)
    form = _new(rules)
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_role("button", name="Back").click()
    expect(rules.get_by_role("button", name="New rule")).to_be_focused()
    change = rules.get_by_role("button", name="Change").first
    change.click()
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_role("button", name="Back").click()
    expect(change).to_be_focused()


def test_each_kind_has_its_own_fields(dashboard: OpenDashboard) -> None:
    page = dashboard(role=None).open()
    form = _new(_rules(page))
    form.get_by_label("Watches for").select_option("feed-silent")
    expect(form.get_by_label("Threshold")).to_have_count(0)
    expect(form.get_by_label("Window, seconds")).to_be_visible()
    form.get_by_label("Watches for").select_option("forecast-broken")
    expect(form.get_by_label("Threshold")).to_be_visible()
    expect(form.get_by_label("Window")).to_have_value("300")


def test_what_is_wrong_stands_beside_its_field(dashboard: OpenDashboard) -> None:
    page = dashboard(role=None).open()
    form = _new(_rules(page))
    form.get_by_label("Name").fill("Too much")
    threshold = form.get_by_label("Threshold")
    threshold.fill("5000")
    form.get_by_role("button", name="Preview").click()
    expect(threshold).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#rule-threshold_pct-fault")).to_contain_text("expected above 0 and at most 1000")
    assert page.violations() == []
    threshold.fill("5")
    expect(threshold).to_have_attribute("aria-invalid", "false")
    page.complaints = [one for one in page.complaints if "422" not in one]  # the browser logs every such answer


def test_a_rule_is_made_changed_and_switched_off(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    rules = _rules(page)
    form = _new(rules)
    form.get_by_label("Name").fill("Made in the browser")
    form.get_by_label("Threshold").fill("42")
    form.get_by_role("button", name="Create and switch on").click()
    row = rules.locator("li", has_text="Made in the browser")
    expect(row).to_contain_text("Price move · BTC/USD · 42% · 5 min")
    row.get_by_role("button", name="Change").click()
    form.get_by_label("Pair").select_option("ETH/USD")
    form.get_by_label("Threshold").fill("43")
    form.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Price move · ETH/USD · 43% · 5 min")
    row.get_by_role("button", name="Switch off").click()
    expect(row).to_contain_text("Off")
    expect(row.get_by_role("button", name="Switch on")).to_be_visible()


def test_a_rule_that_somebody_else_changed_is_shown_beside_ones_own(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    rules = _rules(page)
    form = _new(rules)
    form.get_by_label("Name").fill("Changed by two")
    form.get_by_role("button", name="Create and switch on").click()
    row = rules.locator("li", has_text="Changed by two")
    row.get_by_role("button", name="Change: Changed by two").click()
    page.page.evaluate(
        """async () => {
          const { get, send } = await import('/static/stream/api.js');
          const rule = (await get('alert-rules/', { limit: 1000 })).items.find((one) => one.name === 'Changed by two');
          await send('PATCH', `alert-rules/${rule.id}/`, { threshold_pct: '7' });
        }"""
    )
    form.get_by_label("Threshold").fill("43")
    form.get_by_role("button", name="Save").click()
    conflict = form.locator("#rule-conflict")
    expect(conflict).to_contain_text("Price move · BTC/USD · 7% · 5 min")
    expect(form.get_by_label("Threshold")).to_have_value("43")
    conflict.get_by_role("button", name="Keep mine").click()
    form.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Price move · BTC/USD · 43% · 5 min")
    page.complaints = [one for one in page.complaints if "409" not in one]  # the browser logs every such answer


def test_a_rule_tells_the_channels_that_are_ticked(dashboard: OpenDashboard, program: Program | None) -> None:
    if program is None:
        pytest.skip("channels are made by an admin, which takes a program of our own")
    made = program.post("admin/channels/", {"name": "Desk", "kind": "webhook", "url": "https://desk.example/alerts"})
    page = dashboard().open()
    rules = _rules(page)
    form = _new(rules)
    form.get_by_label("Name").fill("Told to the desk")
    form.get_by_label("Desk").check()
    assert page.violations() == []
    form.get_by_role("button", name="Create and switch on").click()
    expect(rules.locator("li", has_text="Told to the desk")).to_contain_text("told to 1 channel")
    [rule] = [one for one in program.get("alert-rules/?limit=1000")["items"] if one["name"] == "Told to the desk"]
    assert rule["notify"] == [made["id"]]


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open()
    french = language.startswith("fr")
    rules = _rules(page, ("Alertes" if french else "Alerts") if width < 640 else None, "Règles" if french else "Rules")
    assert page.violations() == []
    rules.get_by_role("button", name="Nouvelle règle" if french else "New rule").click()
    expect(rules.locator("form")).to_be_visible()
    assert page.violations() == []
    assert page.sideways_scroll() == 0
