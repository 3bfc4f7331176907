"""From Kraken's frames to the page, nothing injected: prices, a candle, an alert, and a feed that is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser.dashboard import Dashboard, sign_in
from tests.e2e.program import Program
from tests.e2e.recordings import frame, row
from tests.servers.kraken import KrakenServer, ticker_row
from tests.servers.kraken import frame as kraken_frame
from tests.waiting import until

pytestmark = pytest.mark.browser


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def kraken() -> Iterator[KrakenServer]:
    with KrakenServer() as server:
        server.snapshots["trade", "BTC/USD"] = [row(1, now(), price="100.0")]
        server.snapshots["ticker", "BTC/USD"] = [ticker_row(last="100.0", timestamp=None)]
        yield server


def test_a_move_of_the_market_reaches_the_page_and_so_does_the_loss_of_the_feed(
    kraken: KrakenServer, browser: Browser, tmp_path: Path
) -> None:
    settings = {"pairs": "BTC/USD", "feeds": "Nothing=http://127.0.0.1:9/feed", "kraken_rest_url": "http://127.0.0.1:9"}
    with Program(tmp_path / "data", "--source", "kraken", kraken_ws_url=kraken.url, **settings) as program:
        assert until(lambda: program.feed("BTC/USD")["state"] == "live")
        assert program.url
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        sign_in(context, program.url, program.session())
        dashboard = Dashboard(context.new_page(), program.url)
        try:
            page = dashboard.open().page
            expect(page.locator("cv-pair-head .price")).to_have_text("100.0", timeout=15_000)
            expect(page.get_by_text("LIVE", exact=True).first).to_be_visible()
            kraken.send(frame(row(2, now(), price="102.5", qty="3")))
            kraken.send(kraken_frame("ticker", ticker_row(last="102.5", timestamp=None)))
            expect(page.locator("cv-pair-head .price")).to_have_text("102.5", timeout=15_000)
            expect(page.locator("cv-tape tbody tr").first).to_contain_text("102.5")
            alert = page.locator("[data-alert]").first
            expect(alert).to_contain_text("BTC/USD rose 2.5", timeout=15_000)
            alert.get_by_role("button", name="Acknowledge").click()
            assert until(lambda: program.get("alerts/")["items"][0]["status"] == "acknowledged")
            expect(alert).to_contain_text("Acknowledged")
            kraken.refuse_connections = True
            kraken.drop()
            expect(page.get_by_text("The market can’t be reached").first).to_be_visible(timeout=30_000)
        finally:
            context.close()
