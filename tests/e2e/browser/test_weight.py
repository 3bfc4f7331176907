"""What a first visit fetches, as it comes over the line: the page itself with all that it loads unasked, and what it asks first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response, expect

from tests.e2e.browser.conftest import OpenDashboard

pytestmark = pytest.mark.browser

UNPACKED = 350_000
PACKED = 150_000


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_first_visit_is_light(dashboard: OpenDashboard, width: int, language: str) -> None:
    """Without the market's data, which is as much as there is of it."""
    page = dashboard(width, language=language)
    heard: list[Response] = []
    page.page.on("response", lambda answer: heard.append(answer))  # noqa: PLW0108 - it wants a function
    page.open()
    expect(page.page.locator("cv-forecast .range").first).to_be_visible()
    page.page.wait_for_load_state("networkidle")
    files = [answer for answer in heard if "/api/" not in answer.url]
    assert len(files) > 50
    unpacked = sum(len(answer.body()) for answer in files)
    packed = sum(int(answer.header_value("content-length") or 0) for answer in files)
    assert unpacked <= UNPACKED, f"{unpacked} bytes: {[answer.url for answer in files]}"
    assert packed <= PACKED


def test_what_the_first_paint_waits_for_is_asked_once_and_before_the_modules_run(dashboard: OpenDashboard) -> None:
    page = dashboard(role=None)  # whoever signs in may read more, and asks anew
    page.open("/#ETH-USD/15m")
    expect(page.page.locator("cv-forecast .range").first).to_be_visible()
    asked = page.page.evaluate("""() => performance.getEntriesByType('resource')
        .filter(({ name }) => name.includes('/api/')).map(({ name, startTime }) => [name.split('/api/v1/')[1], startTime])""")
    began = page.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventStart")
    for path in ("config/crypto/", "tickers/", "candles/?pair=ETH-USD&interval=15m&limit=500"):
        assert [start < began for name, start in asked if name == path] == [True], (path, asked)
    assert page.page.evaluate("askedAhead.size") == 0
