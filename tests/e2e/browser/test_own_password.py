"""Changing one's own password, in the account dialog of both pages."""

from __future__ import annotations

import uuid

import httpx
import pytest
from playwright.sync_api import expect

from domain.access.role import Role
from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.program import Program
from tests.house import PASSWORD

pytestmark = pytest.mark.browser

ANOTHER = "four tall ships"


@pytest.fixture
def user(program: Program | None) -> str:
    """The name of a new viewer, whose password is PASSWORD."""
    if program is None:
        pytest.skip("needs a house of our own")
    name = f"u{uuid.uuid4().hex[:8]}"
    program.session(name, Role.VIEWER)
    return name


def _signed_in(page: Dashboard, user: str) -> Dashboard:
    page.page.goto(f"{page.base_url}/admin#health")
    page.page.get_by_label("Name", exact=True).fill(user)
    page.page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.page.get_by_role("button", name="Sign in").last.click()
    expect(page.page.get_by_role("button", name=user)).to_be_visible()
    page.complaints.clear()
    return page


def _status(page: Dashboard, name: str, password: str) -> int:
    """What a sign-in elsewhere is answered."""
    body = {"name": name, "password": password}
    return httpx.post(f"{page.base_url}/api/v1/admin/session/", json=body, trust_env=False).status_code


def test_a_user_changes_his_password_by_keyboard(dashboard: OpenDashboard, user: str) -> None:
    page = _signed_in(dashboard(role=None), user)
    keys = page.page.keyboard
    page.page.get_by_role("button", name=user).click()
    dialog = page.page.get_by_role("dialog", name="Account")
    dialog.get_by_role("button", name="Change password").focus()
    keys.press("Enter")
    dialog = page.page.get_by_role("dialog", name="Change password")
    expect(dialog.get_by_label("Present password")).to_be_focused()
    expect(dialog.get_by_label("Present password")).to_have_attribute("autocomplete", "current-password")
    expect(dialog.get_by_label("New password")).to_have_attribute("autocomplete", "new-password")
    assert page.violations() == []
    keys.type("not the password")
    keys.press("Tab")
    keys.type(ANOTHER)
    keys.press("Enter")
    expect(dialog.get_by_role("alert").filter(has_text="not your present password")).to_be_visible()
    expect(dialog.get_by_label("Present password")).to_be_focused()
    assert page.violations() == []
    page.complaints.clear()  # the browser notes the 403
    dialog.get_by_label("Present password").fill(PASSWORD)
    keys.press("Enter")
    dialog = page.page.get_by_role("dialog", name="Account")
    expect(dialog.get_by_role("status")).to_contain_text("Your password is changed.")
    expect(dialog.get_by_role("button", name="Change password")).to_be_focused()
    assert page.violations() == []
    assert page.complaints == []
    assert page.page.evaluate("fetch('/api/v1/admin/session/').then(answer => answer.status)") == 200
    assert (_status(page, user, PASSWORD), _status(page, user, ANOTHER)) == (401, 201)


def test_what_is_missing_or_cannot_be_is_told_at_its_field(dashboard: OpenDashboard, user: str) -> None:
    page = _signed_in(dashboard(role=None), user)
    page.page.get_by_role("button", name=user).click()
    page.page.get_by_role("button", name="Change password").click()
    dialog = page.page.get_by_role("dialog", name="Change password")
    submit = dialog.get_by_role("button", name="Change password")
    submit.click()
    expect(dialog.get_by_role("alert").filter(has_text="Enter your present password")).to_be_visible()
    dialog.get_by_label("Present password").fill(PASSWORD)
    dialog.get_by_label("New password").fill("short")
    submit.click()
    expect(dialog.get_by_role("alert").filter(has_text="10 to 200 characters")).to_be_visible()
    expect(dialog.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
    page.complaints.clear()  # the browser notes the 422
    dialog.get_by_label("Show the passwords").check()
    expect(dialog.get_by_label("New password")).to_have_attribute("type", "text")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.page.get_by_role("dialog", name="Account").get_by_role("button", name="Sign out")).to_be_visible()
    page.page.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_label("Present password")).to_have_value("")


@pytest.mark.parametrize(("width", "language"), [(1440, "fr-FR"), (390, "en-US"), (390, "fr-FR")])
def test_it_fits_and_is_readable(dashboard: OpenDashboard, width: int, language: str) -> None:
    page = dashboard(width=width, language=language, role=Role.VIEWER)
    page.page.goto(f"{page.base_url}/admin#health")
    page.page.locator("button.account").click()
    assert page.violations() == []
    page.page.locator(".change-password").click()
    expect(page.page.locator("[name=new_password]")).to_be_visible()
    assert page.violations() == []
    assert page.page.evaluate("document.querySelector('cv-account dialog').scrollWidth") <= width
    page.page.keyboard.press("Escape")
    expect(page.page.locator("cv-account dialog")).to_be_hidden()
    expect(page.page.locator("button.account")).to_be_focused()
