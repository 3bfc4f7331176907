"""The page as an app: what its service worker keeps, what it never keeps, and how a new version comes."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, Page, expect

from entrypoints.web.page import STATIC, page_handlers
from tests.waiting import until

pytestmark = pytest.mark.browser

READY = "navigator.serviceWorker.ready.then((registration) => registration.active.state)"
KEPT = """async () => {
    const names = await caches.keys();
    const rows = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((one) => one.url)));
    return rows.flat();
}"""
ROUTES = """part => performance.getEntriesByType('resource').filter((entry) => entry.name.includes(part))
    .map((entry) => entry.workerFinalSourceType)"""


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """A page of its own, whose files can be changed; there is no API behind it."""
    app = Litestar(page_handlers(folder), logging_config=None)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="page-under-test")
        thread.start()
        try:
            assert until(lambda: server.started, seconds=20)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    made.set_default_timeout(90_000)
    yield made
    made.close()


def _installed(context: BrowserContext, base_url: str) -> Page:
    page = context.new_page()
    page.goto(base_url)
    page.wait_for_selector("cv-chart .legend b")
    page.wait_for_function(f"async () => (await {READY}) === 'activated'")
    return page


def test_the_shell_is_kept_and_nothing_of_the_market(context: BrowserContext, base_url: str) -> None:
    page = _installed(context, base_url)
    page.reload()
    page.wait_for_selector("cv-chart .legend b")
    kept: list[str] = page.evaluate(KEPT)
    assert f"{base_url.rstrip('/')}/" in kept
    assert any(name.endswith("/shell/search.js") for name in kept)
    assert not [name for name in kept if "/api/" in name or "/admin" in name]
    # Nor is it woken for the API's: a worker at work is not replaced by the next version of the page.
    assert set(page.evaluate(ROUTES, "/api/")) == {"network"}
    assert set(page.evaluate(ROUTES, "/static/")) == {""}


def test_without_a_network_the_page_opens_and_says_so(context: BrowserContext, base_url: str) -> None:
    page = _installed(context, base_url)
    context.set_offline(True)
    page.reload()
    expect(page.locator("cv-header .brand")).to_contain_text("CryptoViz")
    expect(page.locator("cv-banners")).to_contain_text("No connection to the network.")
    page.keyboard.press("?")
    expect(page.locator("cv-help dialog")).to_be_visible()
    page.keyboard.press("Escape")
    context.set_offline(False)
    page.wait_for_selector("cv-chart .legend b")
    expect(page.locator("cv-banners")).not_to_contain_text("No connection")


def test_a_new_version_is_offered_and_taken(context: BrowserContext, tmp_path: Path) -> None:
    folder = tmp_path / "static"
    shutil.copytree(STATIC, folder)
    with _serving(folder) as url:
        page = context.new_page()
        page.goto(url)
        page.wait_for_function(f"async () => (await {READY}) === 'activated'")
        page.reload()  # from here on it comes from what is kept
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        before = page.evaluate("caches.keys()")
        with (folder / "words" / "en.js").open("a") as words:
            words.write("globalThis.another = true;\n")
        page.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.update())")
        banner = page.locator("cv-banners .banner", has_text="A new version of this page is there.")
        expect(banner).to_be_visible()
        assert page.evaluate("globalThis.another") is None
        banner.get_by_role("button", name="Reload").click()
        page.wait_for_function("() => globalThis.another === true")
        expect(banner).to_have_count(0)
        page.wait_for_function("async (before) => !(await caches.keys()).includes(before[0])", arg=before)


def test_a_version_that_one_tab_takes_is_taken_by_all(context: BrowserContext, tmp_path: Path) -> None:
    folder = tmp_path / "static"
    shutil.copytree(STATIC, folder)
    with _serving(folder) as url:
        first = context.new_page()
        first.goto(url)
        first.wait_for_function(f"async () => (await {READY}) === 'activated'")
        second = context.new_page()
        for page in (first, second):
            page.goto(url)  # from here on it comes from what is kept
            page.wait_for_function("() => navigator.serviceWorker.controller !== null")
            page.wait_for_function("() => customElements.get('cv-banners')")
        with (folder / "words" / "en.js").open("a") as words:
            words.write("globalThis.another = true;\n")
        first.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.update())")
        for page in (second, first):
            expect(page.locator("cv-banners .banner", has_text="A new version of this page is there.")).to_be_visible()
        first.get_by_role("button", name="Reload").click()
        second.wait_for_function("() => globalThis.another === true")


def test_it_can_be_installed(context: BrowserContext, base_url: str) -> None:
    page = _installed(context, base_url)
    session = context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in found} <= {"in-incognito"}  # what a test's browser always is
