"""A headless Chromium and an open dashboard. The server is a running `cryptoviz run`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from domain.access.role import Role
from tests.e2e.browser.dashboard import Dashboard, sign_in
from tests.e2e.browser.travel import get, page_time
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
# How quick the page is, is not what these tests are about.
TIMEOUT_MS = 90_000
expect.set_options(timeout=TIMEOUT_MS)
HEIGHTS = {1440: 900, 1024: 768, 768: 1024, 390: 844}

OpenDashboard = Callable[..., Dashboard]


@pytest.fixture(scope="package")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program | None]:
    """A `cryptoviz run` on the simulator; none where CRYPTOVIZ_TEST_URL names another."""
    if os.environ.get("CRYPTOVIZ_TEST_URL"):
        yield None
        return
    with Program(tmp_path_factory.mktemp("dashboard") / "data", "--source", "simulated") as program:
        program.raise_alert()
        yield program


@pytest.fixture(scope="package")
def base_url(program: Program | None) -> str:
    """Where the dashboard is served."""
    found = program.url if program else os.environ["CRYPTOVIZ_TEST_URL"]
    assert found
    return found


@pytest.fixture(scope="package")
def tokens(program: Program | None) -> Callable[[Role], str | None]:
    """The token of a session of the user `ROLE` with that role; None where the program's house is not ours."""

    @cache
    def token(role: Role) -> str | None:
        return program.session(role.value, role) if program else None

    return token


def chromium() -> str | None:
    """Where the machine's Chromium is."""
    return next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        None,
    )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture
def dashboard(browser: Browser, base_url: str, tokens: Callable[[Role], str | None]) -> Iterator[OpenDashboard]:
    """Make a dashboard, signed in as an operator or as `role` says (None: not at all).

    At the end of the test none of them may have complained.
    """
    made: list[Dashboard] = []

    def make(
        width: int = 1440, theme: str = "dark", language: str = "en-US", role: Role | None = Role.OPERATOR
    ) -> Dashboard:
        phone = width < 640
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            color_scheme="light" if theme == "light" else "dark",
            locale=language,
            timezone_id="Europe/Paris",
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            is_mobile=phone,
            service_workers="block",  # what it keeps would pass by the routes that tests lay
        )
        token = tokens(role) if role else None
        if token:
            sign_in(context, base_url, token)
        context.set_default_timeout(TIMEOUT_MS)
        made.append(Dashboard(context.new_page(), base_url))
        return made[-1]

    yield make
    complaints = [complaint for one in made for complaint in one.complaints]
    for one in made:
        one.page.unroute_all(behavior="ignoreErrors")  # an answer on its way would be missed by the next test's call
        one.page.context.close()
    assert complaints == []


@pytest.fixture
def past(base_url: str) -> datetime:
    """Some 20 s ago, with trades known by then and later ones."""

    def then() -> datetime:
        return datetime.now(UTC) - timedelta(seconds=20)

    assert until(
        lambda: len(get(base_url, "trades/?pair=BTC-USD&limit=100", page_time(then()))["items"]) == 100, seconds=60
    )
    return then()
