"""Signing in and out, and the admin pages that need nothing but users, keys, channels and the audit trail."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from domain.access.role import Role
from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.program import Program
from tests.house import PASSWORD

pytestmark = pytest.mark.browser


def _open(page: Dashboard, name: str = "health") -> Dashboard:
    page.page.goto(f"{page.base_url}/admin#{name}")
    return page


def _sign_in(page: Dashboard, name: str, password: str) -> None:
    page.page.get_by_label("Name", exact=True).fill(name)
    page.page.get_by_label("Password", exact=True).fill(password)
    page.page.get_by_role("button", name="Sign in").last.click()


def _refused(page: Dashboard, status: int) -> None:
    """The browser notes refused requests, as it should: these, and nothing else."""
    assert page.complaints and all(f"status of {status}" in complaint for complaint in page.complaints)
    page.complaints.clear()


@pytest.fixture
def user(program: Program | None) -> str:
    """The name of a new operator, whose password is PASSWORD."""
    if program is None:
        pytest.skip("needs a house of our own")
    name = f"u{uuid.uuid4().hex[:8]}"
    program.session(name, Role.OPERATOR)
    return name


@pytest.fixture
def alert(program: Program | None) -> None:
    """One that nobody has silenced yet."""
    if program is None:
        pytest.skip("needs a house of our own")
    program.raise_alert()


def test_signing_in_and_out(dashboard: OpenDashboard, user: str) -> None:
    page = _open(dashboard(role=None), "topics")
    expect(page.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.violations() == []
    expect(page.page.get_by_label("Name", exact=True)).to_have_attribute("autocomplete", "username")
    expect(page.page.get_by_label("Password", exact=True)).to_have_attribute("autocomplete", "current-password")
    _sign_in(page, user, PASSWORD)
    expect(page.page.get_by_role("heading", name="Topics")).to_be_visible()
    page.complaints.clear()
    _open(page, "health")
    page.page.reload()
    expect(page.page.get_by_role("cell", name="store", exact=True)).to_be_visible()
    [cookie] = [one for one in page.page.context.cookies() if one.get("name") == "cryptoviz_session"]
    page.page.get_by_role("button", name=user).click()
    page.page.get_by_role("button", name="Sign out").click()
    expect(page.page.get_by_role("heading", name="Sign in")).to_be_visible()
    headers = {"cookie": f"cryptoviz_session={cookie.get('value')}"}
    answer = page.page.context.request.get(f"{page.base_url}/api/v1/admin/session/", headers=headers)
    assert answer.status == 401


def test_a_wrong_password_is_told_in_a_sentence(dashboard: OpenDashboard, user: str) -> None:
    page = _open(dashboard(role=None))
    _sign_in(page, user, "not the password")
    expect(page.page.get_by_role("alert").filter(has_text="password")).to_be_visible()
    _refused(page, 401)
    _sign_in(page, user, "")
    expect(page.page.get_by_role("alert").filter(has_text="Enter your name and your password.")).to_be_visible()
    page.page.get_by_label("Show the password").check()
    expect(page.page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


def test_the_first_user_is_made_by_the_link(dashboard: OpenDashboard, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Program(tmp_path_factory.mktemp("setup"), "--source", "simulated", pairs="BTC/USD") as program:
        token = program.said.partition("#setup=")[2].split()[0]
        page = dashboard(role=None)
        page.page.goto(f"{program.url}/admin#setup={token}")
        expect(page.page.get_by_role("heading", name="Make the first user")).to_be_visible()
        assert token not in page.page.url
        page.page.get_by_label("Name", exact=True).fill("ana")
        page.page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.page.get_by_role("button", name="Create and sign in").click()
        expect(page.page.get_by_role("button", name="ana")).to_be_visible()


@pytest.mark.usefixtures("alert")
def test_a_command_on_the_dashboard_asks_to_sign_in_and_is_done_then(dashboard: OpenDashboard, user: str) -> None:
    page = dashboard(role=None).open()
    page.page.locator("cv-alerts").get_by_role("button", name="Silence").first.click()
    dialog = page.page.locator("cv-account dialog")
    expect(dialog).to_be_visible()
    assert page.violations() == []
    with page.page.expect_response(lambda answer: answer.url.endswith("/silence") and answer.status == 200):
        _sign_in(page, user, PASSWORD)
    expect(dialog).to_be_hidden()
    expect(page.page.locator("cv-header").get_by_role("button", name=f"Signed in as {user}")).to_be_visible()
    _refused(page, 401)


@pytest.mark.usefixtures("alert")
def test_who_signed_in_anew_elsewhere_commands_on(dashboard: OpenDashboard, user: str) -> None:
    page = dashboard(role=None).open()
    page.page.locator("cv-header").get_by_role("button", name="Sign in").click()
    _sign_in(page, user, PASSWORD)
    expect(page.page.locator("cv-account dialog")).to_be_hidden()
    anew = page.page.context.request.post(
        f"{page.base_url}/api/v1/admin/session/", data={"name": user, "password": PASSWORD}
    )
    assert anew.status == 201
    with page.page.expect_response(lambda answer: answer.url.endswith("/silence") and answer.status == 200):
        page.page.locator("cv-alerts").get_by_role("button", name="Silence").first.click()
    _refused(page, 403)


def test_a_session_that_ended_is_asked_for_again(dashboard: OpenDashboard, user: str) -> None:
    page = _open(dashboard(role=None), "audit")
    _sign_in(page, user, PASSWORD)
    expect(page.page.get_by_role("cell", name="admin/session").first).to_be_visible()
    page.page.context.clear_cookies()
    dialog = page.page.locator("cv-account dialog")
    expect(dialog).to_be_visible(timeout=10_000)
    _sign_in(page, user, PASSWORD)
    expect(dialog).to_be_hidden()
    expect(page.page.get_by_role("heading", name="Audit trail")).to_be_visible()
    _refused(page, 401)


def test_times_are_typed_in_the_zone_of_the_page(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.ADMIN), "audit")
    page.page.get_by_role("button", name="Time zone").click()
    with page.page.expect_request(lambda request: "start=2026-01-02T03%3A04%3A00.000Z" in request.url):
        page.page.get_by_label("Since (UTC)").fill("2026-01-02T03:04")
    page.page.get_by_role("button", name="Time zone").click()
    with page.page.expect_request(lambda request: "start=2026-01-02T02%3A04%3A00.000Z" in request.url):
        page.page.get_by_label("Since (Paris)").fill("2026-01-02T03:04")


@pytest.mark.usefixtures("alert")
def test_a_command_that_takes_a_larger_role_says_which(dashboard: OpenDashboard) -> None:
    page = dashboard(role=Role.VIEWER).open()
    page.page.locator("cv-alerts").get_by_role("button", name="Silence").first.click()
    expect(page.page.locator("cv-alerts .inline-error").first).to_contain_text("role operator")
    _refused(page, 403)


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width, "light" if width < 640 else "dark", language, Role.ADMIN)
    for name in ("health", "notifications", "users", "api-keys", "audit"):
        _open(page, name)
        expect(page.page.locator(f"cv-admin-{name} table, cv-admin-{name} .empty").first).to_be_visible()
        expect(page.page.locator(f"cv-admin-{name} .skeleton")).to_have_count(0)
        assert page.violations() == [], name
        assert page.sideways_scroll() == 0, name


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
def test_nothing_sticks_out_on_a_small_phone(dashboard: OpenDashboard, language: str) -> None:
    page = _open(dashboard(320, "light", language, Role.ADMIN))
    links = page.page.locator("#admin-menu a")
    expect(links.first).to_be_attached()
    names = [str(link.get_attribute("href")).removeprefix("#") for link in links.all()]
    assert len(names) == 13
    for name in names:
        _open(page, name)
        expect(page.page.locator(f"cv-admin-{name}")).not_to_be_empty()
        expect(page.page.locator(f"cv-admin-{name} .skeleton")).to_have_count(0)
        assert page.sideways_scroll() == 0, name


def test_the_menu_of_the_phone(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(390, role=Role.ADMIN))
    expect(page.page.get_by_role("button", name="Time zone")).to_be_visible()
    link = page.page.get_by_role("link", name="Audit trail")
    expect(link).to_be_hidden()
    page.page.get_by_role("button", name="Pages").click()
    assert page.violations() == []
    link.click()
    expect(page.page.get_by_role("heading", name="Audit trail")).to_be_visible()
    expect(link).to_be_hidden()


def test_a_viewer_sees_and_is_told_why_he_cannot(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.VIEWER), "notifications")
    button = page.page.get_by_role("button", name="New channel")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_attribute("title", "This takes the role admin.")
    button.click(force=True)
    expect(page.page.locator("dialog[open]")).to_have_count(0)
    _open(page, "users")
    expect(page.page.get_by_text("This takes the role admin.")).to_be_visible()


def test_a_key_is_shown_once_and_revoked(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.ADMIN), "api-keys")
    title = f"key {uuid.uuid4().hex[:8]}"
    page.page.get_by_role("button", name="New key").click()
    page.page.get_by_label("Title").fill(title)
    assert page.violations() == []
    page.page.get_by_role("button", name="Create").click()
    shown = page.page.get_by_label("The new key").locator("input")
    expect(shown).to_have_value(re.compile("^cvk_"))
    key = shown.input_value()
    for _ in range(3):
        page.page.keyboard.press("Escape")
    page.page.mouse.click(5, 5)
    expect(page.page.locator("cv-sheet .dialog-head button")).to_be_hidden()
    expect(shown).to_be_visible()
    assert page.violations() == []
    headers = {"authorization": f"Bearer {key}"}
    assert page.page.context.request.get(f"{page.base_url}/api/v1/config/crypto/", headers=headers).status == 200
    page.page.get_by_role("button", name="I have kept it").click()
    expect(page.page.get_by_role("cell", name=title, exact=True)).to_be_visible()
    page.page.reload()
    expect(page.page.get_by_role("cell", name=title, exact=True)).to_be_visible()
    assert key not in page.page.content()
    page.page.get_by_role("button", name=f"Revoke: {title}").click()
    page.page.locator("cv-sheet").get_by_role("button", name="Revoke").click()
    expect(page.page.get_by_role("cell", name=title, exact=True)).to_have_count(0)
    assert page.page.context.request.get(f"{page.base_url}/api/v1/config/crypto/", headers=headers).status == 401


def test_a_user_is_made_disabled_and_deleted_by_name(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.ADMIN), "users")
    name = f"v{uuid.uuid4().hex[:8]}"
    sheet = page.page.locator("cv-sheet")
    page.page.get_by_role("button", name="New user").click()
    sheet.get_by_label("Name").fill(name)
    sheet.get_by_label("Password").fill("short")
    sheet.get_by_role("button", name="Create").click()
    expect(sheet.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    _refused(page, 422)
    sheet.get_by_label("Password").fill(PASSWORD)
    sheet.get_by_role("button", name="Create").click()
    row = page.page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("enabled")
    row.get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("disabled")
    row.get_by_role("button", name="Delete").click()
    expect(sheet.get_by_role("button", name="Delete")).to_be_disabled()
    assert page.violations() == []
    sheet.get_by_label("Type").fill(name)
    sheet.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    _open(page, "audit")
    page.page.get_by_label("Who").fill(Role.ADMIN.value)
    expect(page.page.get_by_role("row").filter(has_text="DELETE admin/users").filter(has_text=name)).to_be_visible()


def test_a_channel_is_made_tested_and_deleted(dashboard: OpenDashboard) -> None:
    page = _open(dashboard(role=Role.ADMIN), "notifications")
    name = f"c{uuid.uuid4().hex[:8]}"
    sheet = page.page.locator("cv-sheet")
    page.page.get_by_role("button", name="New channel").click()
    sheet.get_by_label("Name").fill(name)
    sheet.get_by_label("Address").fill("https://example.invalid/hook")
    assert page.violations() == []
    sheet.get_by_role("button", name="Create").click()
    expect(sheet.get_by_label("Signing key").locator("input")).to_have_value(re.compile("^whsec_"))
    sheet.get_by_role("button", name="I have kept it").click()
    row = page.page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name="Test").click()
    expect(page.page.get_by_role("status").filter(has_text="did not take the test message")).to_be_visible()
    row.get_by_role("button", name="Change").click()
    sheet.get_by_role("button", name="Save").click()
    expect(page.page.get_by_role("status").filter(has_text=f"“{name}” is saved.")).to_be_visible()
    expect(page.page.get_by_text("did not take the test message")).to_have_count(0)
    row.get_by_role("button", name="Delete").click()
    sheet.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
