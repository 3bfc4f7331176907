"""What moves on the page: prices, candles, trades, news, and the address of what is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.rows import article, iso

pytestmark = pytest.mark.browser

_NEWEST_IN_SIGHT = """import('/static/market/candles.js').then(({ shown }) => {
    const sight = document.querySelector('cv-chart').sight();
    return sight !== null && sight.from < shown.value.book.last && shown.value.book.last <= sight.to;
})"""


def test_prices_change(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    before = page.price()
    page.wait_until("before => document.querySelector('cv-pair-head .price').textContent !== before", before)
    listed = page.prices()
    assert "BTC/USD" in listed
    page.wait_until(
        "before => [...document.querySelectorAll('button.pair')].some("
        "row => row.querySelector('.price').textContent !== before[row.dataset.pair])",
        listed,
    )


def test_a_candle_grows(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    before = page.newest_candle()
    after = page.candle_after(before)
    if after["start"] == before["start"]:
        assert float(after["volume"]) > float(before["volume"])
        assert float(after["high"]) >= float(before["high"])
        assert float(after["low"]) <= float(before["low"])


def test_the_legend_tells_the_last_candle_that_came_though_nothing_follows(dashboard: OpenDashboard) -> None:
    page = dashboard()
    for channel in ("tickers", "candles", "trades", "articles", "alerts", "feeds", "predictions"):
        page.silence(channel)
    page.open("/#BTC-USD/1d")
    newest = page.newest_candle()
    for cents in range(10, 40):
        page.inject("candles", newest | {"close": f"50000.{cents}"})
        page.page.wait_for_timeout(7)
    expect(page.page.locator("cv-chart .legend b").nth(3)).to_have_text("50,000.39", timeout=5000)


def test_trades_come_in_newest_first(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    rows = page.page.locator("cv-tape tbody tr")
    expect(rows.first).to_be_visible()
    before = rows.first.inner_text()
    page.wait_until("before => document.querySelector('cv-tape tbody tr').innerText !== before", before)
    times = page.page.evaluate(
        "import('/static/market/tape-state.js').then(({trades}) => trades.value.map((row) => Date.parse(row.timestamp)))"
    )
    assert len(times) > 40
    assert times == sorted(times, reverse=True)


def test_the_tape_has_more_trades_for_who_scrolls(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD")
    rows = page.page.locator("cv-tape tbody tr")
    page.wait_until("() => import('/static/market/tape-state.js').then(({trades}) => trades.value.length > 100)")
    expect(rows).to_have_count(20)
    for count in (40, 60, 80):
        page.page.locator(".tape-end").scroll_into_view_if_needed()
        expect(rows).to_have_count(count)
    page.page.locator("[data-pair='ETH/USD']").click()
    expect(rows).to_have_count(20)


def test_on_a_tall_screen_the_tape_is_full(dashboard: OpenDashboard) -> None:
    page = dashboard()
    page.page.set_viewport_size({"width": 1440, "height": 2200})
    page.open("/#BTC-USD")
    expect(page.page.locator("cv-tape tbody tr")).to_have_count(40)  # 20 at first, and no more than it takes
    end, shown = (page.page.locator(one).bounding_box() for one in (".tape-end", "cv-tape .scroll"))
    assert end and shown
    assert end["y"] + end["height"] > shown["y"] + shown["height"], "rows as far as one can see"
    assert shown["height"] > 20 * 24, "of the first rows alone it would not be full"


def test_a_price_that_moved_is_marked_for_a_moment(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    price = page.page.locator("[data-pair='BTC/USD'] .price")
    move = """async (way) => {
        const { quotes, takeTickers } = await import('/static/market/quotes.js');
        const { row } = quotes.value.get('BTC/USD');
        const later = new Date(Date.parse(row.recorded_at) + 3_600_000).toISOString(); // no ticker of the market overtakes it
        takeTickers([{ ...row, last: String(Number(row.last) + way), recorded_at: later }]);
        const price = document.querySelector("[data-pair='BTC/USD'] .price");
        return [price.className, getComputedStyle(price).backgroundColor !== 'rgba(0, 0, 0, 0)'];
    }"""
    assert page.page.evaluate(move, 1) == ["price flash-up", True]
    expect(price).to_have_class("price ")
    assert page.page.evaluate(move, -1) == ["price flash-down", True]
    expect(price).to_have_class("price ")
    page.page.emulate_media(reduced_motion="reduce")
    assert page.page.evaluate(move, 1) == ["price flash-up", False]


def test_trades_that_the_store_did_not_have_yet_come_later(dashboard: OpenDashboard) -> None:
    page = dashboard()
    withheld: set[int] = set()
    shown: set[int] = set()

    def lag(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        if not withheld:
            withheld.update(row["trade_id"] for row in body["items"][20:60])
            body["items"] = body["items"][60:]
        route.fulfill(response=response, json=body)

    def all_shown() -> bool:
        shown.update(
            page.page.evaluate(
                "import('/static/market/tape-state.js').then(({trades}) => trades.value.map((row) => row.trade_id))"
            )
        )
        return withheld <= shown

    page.page.route("**/api/v1/trades/?pair=*&limit=200", lag)
    page.open()
    assert page.eventually(lambda: bool(withheld) and all_shown(), timeout_s=20)


def test_the_address_is_followed_and_kept(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/5m")
    page.page.evaluate("location.hash = '#ETH-USD/1h'")
    expect(page.page.locator("cv-pair-head")).to_contain_text("ETH/USD")
    page.wait_until("() => customElements.get('cv-news')")
    page.page.locator(".skip").focus()
    page.page.keyboard.press("Enter")
    expect(page.page.locator("#centre")).to_be_focused()
    page.wait_until("() => location.hash === '#ETH-USD/1h'")
    page.page.evaluate("location.hash = '#backtest'")
    expect(page.page.locator("cv-backtest dialog")).to_be_visible()


def test_an_interval_that_there_is_not_is_not_asked_for(dashboard: OpenDashboard) -> None:
    page = dashboard()
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.open("/#eth-usd/7m")
    page.wait_until("() => location.hash === '#ETH-USD/5m'")
    assert not [url for url in asked if "interval=7m" in url or "pair=BTC-USD&interval=5m" in url]


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
def test_a_pair_that_is_not_followed_is_said_to_be_none(dashboard: OpenDashboard, language: str) -> None:
    page = dashboard(language=language).open("/#NOPE-USD/1m")
    expect(page.page.locator(".banner.warn")).to_contain_text("NOPE/USD")
    page.wait_until("() => location.hash === '#BTC-USD/1m'")
    assert page.violations() == []
    page.page.locator("cv-watchlist [data-pair='ETH/USD']").click()
    expect(page.page.locator(".banner")).to_have_count(0)
    page.complaints.clear()  # the browser notes that its candles are not there, as it should


def test_where_nobody_asked_for_a_pair_the_first_is_shown_without_a_word(dashboard: OpenDashboard) -> None:
    page = dashboard()

    def without_the_usual(route: Route) -> None:
        config = route.fetch().json()
        route.fulfill(json=config | {"pairs": config["pairs"][1:]})

    page.page.route("**/config/crypto/", without_the_usual)
    page.open()
    expect(page.page.locator("cv-pair-head")).to_contain_text("ETH/USD")
    expect(page.page.locator(".banner")).to_have_count(0)


def test_the_origin_is_in_plain_sight(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    pill = page.page.locator(".origin")
    expect(pill).to_be_visible()
    if "SIMULATED" in pill.inner_text():
        page.wait_until("() => document.title.startsWith('SIMULATED')")


def test_scrolling_back_fetches_older_candles(dashboard: OpenDashboard) -> None:
    page = dashboard()
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url) if "interval=5m" in request.url else None)
    page.open("/#BTC-USD/5m")
    page.page.locator(".chart-host").focus()

    def older_asked_for() -> bool:
        page.page.keyboard.press("Home")  # the first stretch may come in after the first bars of the stream
        return any("end=" in url for url in asked)

    assert page.eventually(older_asked_for)


def test_the_newest_bars_are_in_sight_though_the_stream_was_quicker_than_the_history(dashboard: OpenDashboard) -> None:
    page = dashboard()
    held: list[Route] = []
    released = False
    page.page.route("**/api/v1/candles/**", lambda route: route.continue_() if released else held.append(route))
    page.page.goto(page.base_url + "/#BTC-USD/5m")
    assert page.eventually(lambda: bool(held and page.newest_candle()))
    newest = page.newest_candle()
    began = datetime.fromisoformat(newest["start"])
    for back in range(30, 0, -1):  # a backfill tells of bars that were before
        page.inject("candles", newest | {"start": iso(began - back * timedelta(minutes=5))})
    page.wait_until("import('/static/market/candles.js').then(({shown}) => shown.value.book.size > 30)")
    released = True
    for route in held:
        route.continue_()
    page.wait_until("import('/static/market/candles.js').then(({shown}) => shown.value.book.size > 400)")
    assert page.eventually(lambda: bool(page.page.evaluate(_NEWEST_IN_SIGHT)))


def test_article_links_open_safely(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.inject("articles", article("article-of-the-browser-test", "A title <img src=x onerror=alert(1)>"))
    heading = page.page.locator("cv-news h3").first
    expect(heading).to_have_text("A title <img src=x onerror=alert(1)>")
    assert heading.locator("a").count() == 0, "an address that is not http or https is no link"
    for link in page.page.locator("cv-news h3 a").all():
        assert str(link.get_attribute("href")).startswith(("http://", "https://"))
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_the_news_show_more_when_asked(dashboard: OpenDashboard) -> None:
    page = dashboard()
    rows = [article(f"n{number}", f"Title {number}") for number in range(60)]
    page.page.route("**/api/v1/articles/?*", lambda route: route.fulfill(json={"items": rows, "next_cursor": None}))
    page.silence("articles")
    page.open()
    panel = page.page.locator("cv-news")
    expect(panel.locator("li.article")).to_have_count(50)
    panel.get_by_role("button", name="More · 10").click()
    expect(panel.locator("li.article")).to_have_count(60)
    expect(panel.locator("li.article").nth(50).locator("button")).to_be_focused()
