"""The admin pages by which the operator mends things, on laid answers: what they show and what they command."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from domain.access.role import Role
from tests.e2e.browser.admin_rows import LISTS, SOURCES, lay
from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width, "light" if width < 640 else "dark", language, Role.ADMIN)
    for name in ("feeds", "batches", "dead-letters", "sources"):
        lay(page.page, name)
        page.page.goto(f"{page.base_url}/admin#{name}")
        expect(page.page.locator(f"cv-admin-{name} table, cv-admin-{name} .chips").first).to_be_visible()
        assert page.violations() == [], name
        assert page.sideways_scroll() == 0, name


def test_a_feed_is_paused_and_backfilled(dashboard: OpenDashboard) -> None:
    page = dashboard()
    commands = lay(page.page, "feeds")
    page.page.goto(f"{page.base_url}/admin#feeds")
    page.page.get_by_role("button", name="Pause: BTC/USD").click()
    expect(page.page.get_by_role("status").filter(has_text="BTC/USD is paused.")).to_be_visible()
    page.page.get_by_role("button", name="Backfill: BTC/USD").click()
    expect(page.page.get_by_role("status").filter(has_text="gaps of BTC/USD")).to_be_visible()
    page.page.get_by_role("button", name="Pause: The Block").click()
    expect(page.page.get_by_role("status").filter(has_text="The Block is paused.")).to_be_visible()
    assert [command[1] for command in commands] == [
        "feeds/BTC-USD/pause", "feeds/BTC-USD/backfill", "feeds/The%20Block/pause",
    ]  # fmt: skip


def test_a_slow_answer_is_waited_for(dashboard: OpenDashboard) -> None:
    """The page asks every 5 seconds; what takes longer was never shown."""
    page = dashboard(role=Role.VIEWER)
    asked: list[Route] = []
    page.page.route("**/api/v1/admin/feeds/**", lambda route: asked.append(route))  # noqa: PLW0108 - it wants a function
    page.page.clock.install()
    page.page.goto(f"{page.base_url}/admin#feeds")
    assert page.eventually(lambda: bool(asked))
    page.page.clock.run_for(11_000)
    assert len(asked) == 1
    asked[0].fulfill(json={"items": LISTS["feeds"], "next_cursor": None})
    expect(page.page.get_by_role("row").filter(has_text="The Block")).to_be_visible()


def test_a_dead_letter_is_looked_at_and_redriven(dashboard: OpenDashboard) -> None:
    page = dashboard()
    commands = lay(page.page, "dead-letters")
    page.page.goto(f"{page.base_url}/admin#dead-letters")
    page.page.get_by_role("button", name="price is missing").first.click()
    sheet = page.page.locator("cv-sheet dialog")
    expect(sheet).to_contain_text("7b 22 70")
    expect(sheet).to_contain_text("It cannot be decoded.")
    assert page.violations() == []
    sheet.get_by_role("button", name="Read again").click()
    expect(page.page.get_by_role("status").filter(has_text="it is understood now")).to_be_visible()
    assert commands == [("POST", f"dead-letters/{0:020x}/redrive", None)]


def test_dropping_all_of_a_kind_takes_a_typed_word(dashboard: OpenDashboard) -> None:
    page = dashboard()
    commands = lay(page.page, "dead-letters")
    page.page.goto(f"{page.base_url}/admin#dead-letters")
    page.page.get_by_label("Kind").select_option("kraken-frame")
    page.page.get_by_role("button", name="Drop all").click()
    sheet = page.page.locator("cv-sheet dialog")
    confirm = sheet.get_by_role("button", name="Drop all")
    expect(confirm).to_be_disabled()
    sheet.get_by_label("Type").fill("drop all")
    confirm.click()
    expect(page.page.get_by_role("status").filter(has_text="All were dropped.")).to_be_visible()
    assert commands == [("POST", "dead-letters/drop", {"reason_kind": "kraken-frame"})]
    page.page.get_by_role("button", name="Drop all").click()
    page.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert len(commands) == 1


def test_pairs_are_changed_after_saying_what_that_does(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.ADMIN)
    commands = lay(page.page, "sources")
    page.page.goto(f"{page.base_url}/admin#sources")
    page.page.get_by_label("New pair").fill("sol-usd")
    page.page.get_by_role("button", name="Add", exact=True).click()
    page.page.get_by_role("button", name="Remove: ETH/USD").click()
    expect(page.page.locator(".will")).to_contain_text("follow SOL/USD")
    expect(page.page.locator(".will")).to_contain_text("no longer follow ETH/USD")
    page.page.get_by_role("button", name="Save").click()
    expect(page.page.get_by_text("It holds from now on")).to_be_visible()
    [(method, path, body)] = commands
    assert (method, path, body["pairs"]) == ("PUT", "sources/", ["BTC/USD", "SOL/USD"])


def test_what_is_no_pair_is_refused_beside_the_field(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.ADMIN)
    lay(page.page, "sources")
    page.page.goto(f"{page.base_url}/admin#sources")
    field = page.page.get_by_label("New pair")
    for wrong in ("foo", "é/☃", "A" * 300):
        field.fill(wrong)
        page.page.get_by_role("button", name="Add", exact=True).click()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.page.get_by_role("alert").filter(has_text="BASE/QUOTE")).to_be_visible()
    expect(field).to_have_attribute("maxlength", "33")
    expect(page.page.locator(".chips li")).to_have_count(2)
    field.fill("sol/usd")
    expect(field).to_have_attribute("aria-invalid", "false")
    field.press("Enter")
    expect(page.page.locator(".chips")).to_contain_text("SOL/USD")


def test_an_edit_that_is_taken_back_leaves_nothing_to_save(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.ADMIN)
    lay(page.page, "sources")
    refusal = {"status": 422, "detail": "FOO/BAR is not traded there", "field": "pairs"}
    page.page.route(
        "**/api/v1/admin/sources/",
        lambda route: route.fallback() if route.request.method == "GET" else route.fulfill(status=422, json=refusal),
    )
    page.page.goto(f"{page.base_url}/admin#sources")
    page.page.get_by_label("New pair").fill("foo/bar")
    page.page.get_by_role("button", name="Add", exact=True).click()
    page.page.get_by_role("button", name="Save").click()
    fault = page.page.get_by_role("alert").filter(has_text="is not traded there")
    expect(fault).to_be_visible()
    page.complaints.clear()  # the browser notes the refusal, as it should
    page.page.get_by_role("button", name="Remove: FOO/BAR").click()
    expect(fault).to_have_count(0)
    expect(page.page.get_by_text("Nothing is changed yet.")).to_be_visible()
    expect(page.page.get_by_role("button", name="Discard changes")).to_have_count(0)


def test_a_feed_in_place_of_the_simulators_own(dashboard: OpenDashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "feeds", [{"name": f"Simulated {name}", "url": ""} for name in ("Wire", "Ledger")])
    page = dashboard(role=Role.ADMIN)
    lay(page.page, "sources")
    page.page.goto(f"{page.base_url}/admin#sources")
    page.page.get_by_role("button", name="Add a feed").click()
    expect(page.page.get_by_text("no longer followed then: Simulated Wire, Simulated Ledger.")).to_be_visible()
    expect(page.page.locator(".will li")).to_have_text(
        [f"no longer follow Simulated {name}; what is stored stays" for name in ("Wire", "Ledger")]
    )
    page.page.get_by_role("button", name="Remove: 1").click()
    expect(page.page.locator(".feed-edits b")).to_have_text(["Simulated Wire", "Simulated Ledger"])
    expect(page.page.get_by_text("Nothing is changed yet.")).to_be_visible()


def test_only_a_market_lags(dashboard: OpenDashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """News is read on schedule: minutes of lag would look like a fault."""
    monkeypatch.setitem(LISTS["feeds"][1], "lag_s", 259.2)
    page = dashboard(role=Role.VIEWER)
    lay(page.page, "feeds")
    page.page.goto(f"{page.base_url}/admin#feeds")
    lags = page.page.locator("cv-admin-feeds tbody [data-name=Lag]")
    expect(lags).to_have_text(["0.2 s", "—"])


def test_an_operator_sees_the_sources_but_cannot_change_them(dashboard: OpenDashboard) -> None:
    page = dashboard()
    commands = lay(page.page, "sources")
    page.page.goto(f"{page.base_url}/admin#sources")
    expect(page.page.get_by_role("button", name="Save")).to_have_attribute("aria-disabled", "true")
    page.page.get_by_role("button", name="Remove: ETH/USD").click(force=True)
    expect(page.page.locator(".chips")).to_contain_text("ETH/USD")
    assert not commands
