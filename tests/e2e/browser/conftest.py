"""A headless Chromium and an open dashboard. The server is a running `cryptoviz run`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.program import Program
from tests.waiting import until

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHTS = {1440: 900, 1024: 768, 768: 1024, 390: 844}

OpenDashboard = Callable[..., Dashboard]


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the dashboard is served: by a `cryptoviz run` on the simulator, unless CRYPTOVIZ_TEST_URL names another."""
    if url := os.environ.get("CRYPTOVIZ_TEST_URL"):
        yield url
        return
    with Program(tmp_path_factory.mktemp("dashboard") / "data", "--source", "simulated") as program:
        assert until(lambda: program.get("alerts/")["items"], seconds=150), "the simulator makes a move within 90 s"
        assert program.url
        yield program.url


def chromium() -> str | None:
    """Where the machine's Chromium is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture
def dashboard(browser: Browser, base_url: str) -> Iterator[OpenDashboard]:
    """Make a dashboard; at the end of the test none of them may have complained."""
    made: list[Dashboard] = []

    def make(width: int = 1440, theme: str = "dark", language: str = "en-US") -> Dashboard:
        phone = width < 640
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            color_scheme="light" if theme == "light" else "dark",
            locale=language,
            timezone_id="Europe/Paris",
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            is_mobile=phone,
        )
        context.set_default_timeout(90_000)  # how quick the page is, is not what these tests are about
        made.append(Dashboard(context.new_page(), base_url))
        return made[-1]

    yield make
    complaints = [complaint for one in made for complaint in one.complaints]
    for one in made:
        one.page.context.close()
    assert complaints == []
