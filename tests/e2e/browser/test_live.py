"""What moves on the page: prices, candles, trades, alerts, and the words when something is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import STREAM

pytestmark = pytest.mark.browser

_NEWEST_IN_SIGHT = """import('/static/market/candles.js').then(({ shown }) => {
    const { from, to } = document.querySelector('cv-chart').sight();
    return from < shown.value.book.last && shown.value.book.last <= to;
})"""


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _article(article_id: str, title: str) -> dict[str, Any]:
    now = _iso(datetime.now(UTC))
    return {
        "id": article_id,
        "title": title,
        "url": "javascript:alert(1)",
        "source": "Nobody",
        "summary": "Plain.",
        "content": "<script>alert(1)</script>",
        "published_at": None,
        "scraped_at": now,
        "tags": ["BTC"],
        "guid": "1",
        "authors": [],
        "extracted_by": "none",
        "sentiment": None,
        "event_id": "1",
        "origin": "simulated",
        "recorded_at": now,
    }


def _alert(status: str = "raised", alert_id: str = "alert-of-the-browser-test") -> dict[str, Any]:
    now = _iso(datetime.now(UTC))
    return {
        "id": alert_id,
        "pair": "BTC/USD",
        "rule_id": "no-such-rule",
        "alert_id": alert_id,
        "kind": "price-move",
        "pct_change": "-1.4207",
        "price": "96000.1",
        "reference_price": "97383.6",
        "window_s": 300,
        "timestamp": now,
        "status": status,
        "silenced_until": None,
        "event_id": "0",
        "origin": "simulated",
        "recorded_at": now,
    }


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


def test_trades_come_in_newest_first(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    rows = page.page.locator("cv-tape tbody tr")
    expect(rows.first).to_be_visible()
    before = rows.first.inner_text()
    page.wait_until("before => document.querySelector('cv-tape tbody tr').innerText !== before", before)
    times = page.page.locator("cv-tape tbody td:first-child").all_inner_texts()
    assert len(times) <= 200


def test_an_alert_arrives_and_is_told_at_once(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.inject("alerts", _alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    expect(item).to_contain_text("BTC/USD fell 1.42% in 5 min")
    expect(item).to_contain_text("97,383.6 → 96,000.1")
    expect(page.page.locator("#assertive")).to_have_text("Alert: BTC/USD fell 1.42% in 5 min")


def test_an_alert_is_acknowledged(dashboard: OpenDashboard) -> None:
    page = dashboard()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.split('/api/v1/')[1]}")
        route.fulfill(json=_alert("acknowledged"))

    page.page.route("**/alerts/alert-of-the-browser-test/**", answer)
    page.open()
    page.inject("alerts", _alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    item.get_by_role("button", name="Acknowledge").click()
    expect(item).to_contain_text("Acknowledged")
    assert asked == ["POST alerts/alert-of-the-browser-test/acknowledge"]


def test_all_open_alerts_are_acknowledged_one_after_the_other(dashboard: OpenDashboard) -> None:
    page = dashboard()
    open_ones, asked = ["one", "two", "three"], list[str]()

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            rows = [_alert("acknowledged" if name in asked else "raised", name) for name in open_ones]
            return route.fulfill(json={"items": rows, "next_cursor": None})
        name = route.request.url.split("/")[-2]
        asked.append(name)
        return route.fulfill(json=_alert("acknowledged", name))

    page.page.route("**/api/v1/alerts/**", answer)
    page.open()
    panel = page.page.locator("cv-alerts")
    panel.get_by_role("button", name="Acknowledge all").click()
    expect(
        panel.locator(".alert.raised[data-alert=one], [data-alert=two].raised, [data-alert=three].raised")
    ).to_have_count(0)
    assert {*open_ones} <= {*asked}
    assert page.violations() == []


def test_a_refused_command_says_why(dashboard: OpenDashboard) -> None:
    page = dashboard()
    problem = {"type": "about:blank", "title": "Conflict", "status": 409, "detail": "The alert is resolved already."}
    page.page.route(
        "**/alerts/alert-of-the-browser-test/**",
        lambda route: route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(problem)),
    )
    page.open()
    page.inject("alerts", _alert())
    item = page.page.locator("[data-alert='alert-of-the-browser-test']")
    item.get_by_role("button", name="Resolve").click()
    expect(item).to_contain_text("The alert is resolved already.")
    page.complaints = [one for one in page.complaints if "409" not in one]  # the browser logs every such answer


def test_a_lost_feed_is_announced(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    now = datetime.now(UTC)
    page.change_feeds(
        state="down",
        error="connection refused",
        next_try_at=_iso(now + timedelta(seconds=50)),
        last_message_at=_iso(now - timedelta(seconds=40)),
    )
    banner = page.page.locator(".banner.danger")
    expect(banner).to_contain_text("The market can’t be reached: connection refused", timeout=15_000)
    expect(banner).to_contain_text("next try in")
    expect(page.page.locator("cv-feed-strip")).to_contain_text("down")
    expect(page.page.locator("#polite")).to_contain_text("No live data of", timeout=15_000)
    expect(page.page.locator(".pair-row.stale").first).to_be_visible()


def test_what_is_not_collected_any_more_is_no_trouble(dashboard: OpenDashboard) -> None:
    page = dashboard()

    def without_link(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        body["pairs"].remove("LINK/USD")
        route.fulfill(response=response, json=body)

    page.page.route("**/config/crypto/", without_link)
    page.change_feeds(state="live", error=None)
    page.open()
    expect(page.page.locator("cv-feed-strip")).to_contain_text("7 pairs")
    page.change_feeds(state="down", error="connection refused")
    banner = page.page.locator(".banner.danger")
    expect(banner).to_contain_text("The market can’t be reached", timeout=15_000)  # the others are all that there are


def test_a_lost_connection_is_announced_and_resumed(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")
    before = page.price()
    page.wait_until("before => document.querySelector('cv-pair-head .price').textContent !== before", before)
    page.sent.clear()
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    expect(page.page.locator(".banner.warn")).to_contain_text("showing")
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=20_000)
    resumed = {one["channel"]: one.get("after") for one in page.sent if one["action"] == "subscribe"}
    assert {"tickers", "trades", "candles", "articles", "alerts", "predictions", "feeds"} <= resumed.keys()
    assert resumed["tickers"]


def test_a_channel_without_a_row_yet_resumes_after_what_was_acknowledged(dashboard: OpenDashboard) -> None:
    page = dashboard()
    asked: list[dict[str, Any]] = []
    acknowledged: dict[str, str] = {}
    lines: list[WebSocketRoute] = []

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        lines.append(socket)

        def to_server(text: str | bytes) -> None:
            asked.append(json.loads(text))
            server.send(text)

        def to_page(text: str | bytes) -> None:
            message = json.loads(text)
            if message["channel"] == "ack":
                acknowledged[message["subscription"]] = message["cursor"]
            if message["channel"] in ("ack", "pong"):  # and no row at all
                socket.send(text)

        socket.on_message(to_server)
        server.on_message(to_page)

    page.page.route_web_socket(STREAM, join)
    page.open()
    channels = {"tickers", "trades", "candles", "articles", "alerts", "predictions", "feeds"}
    assert page.eventually(lambda: acknowledged.keys() >= channels)
    known = dict(acknowledged)
    asked.clear()
    lines[0].close(code=1011)
    assert page.eventually(lambda: {one.get("channel") for one in asked} >= channels)
    assert {one["channel"]: one.get("after") for one in asked if one["action"] == "subscribe"} == known


@pytest.mark.parametrize("refused", [True, False])
def test_after_a_restart_with_other_data_nothing_of_before_is_left(dashboard: OpenDashboard, refused: bool) -> None:
    """Cursors of the market before are refused, or are taken for places in the log of the other."""
    page = dashboard().open()
    page.inject("articles", _article("of-before", "Of the market before"))
    expect(page.page.locator("cv-news")).to_contain_text("Of the market before")
    asked: list[dict[str, Any]] = []

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def to_server(text: str | bytes) -> None:
            message = json.loads(text)
            asked.append(message)
            if refused and "after" in message:
                socket.send(json.dumps({"channel": "error", "detail": "the cursor is of other data"}))
            else:
                server.send(text)

        def to_page(text: str | bytes) -> None:
            message = json.loads(text)
            socket.send(json.dumps(message | {"origin": "recording"}) if message["channel"] == "ack" else text)

        socket.on_message(to_server)
        server.on_message(to_page)

    def configured(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | {"origin": "recording"})

    page.page.route_web_socket(STREAM, join)
    page.page.route("**/config/crypto/", configured)
    page.cut()
    expect(page.page.locator(".origin.recording")).to_be_visible()
    expect(page.page.locator("cv-news")).not_to_contain_text("Of the market before")
    expect(page.page.locator("cv-news h3").first).to_be_visible()
    price = page.price()
    page.wait_until("before => document.querySelector('cv-pair-head .price').textContent !== before", price)
    anew = {one["channel"] for one in asked if one["action"] == "subscribe" and "after" not in one}
    assert anew >= {"tickers", "trades", "candles", "articles", "alerts", "predictions", "feeds"}
    expect(page.page.locator(".banner")).to_have_count(0)


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


def test_a_channel_is_subscribed_to_in_one_message(dashboard: OpenDashboard) -> None:
    """A client that says too much is closed, and the keys go from pair to pair quickly."""
    page = dashboard().open()
    expect(page.page.locator("cv-forecast .range").first).to_be_visible()
    page.sent.clear()
    page.page.keyboard.press("j")
    assert page.eventually(lambda: {one.get("channel") for one in page.sent} >= {"trades", "candles", "predictions"})
    assert [one for one in page.sent if one["action"] not in ("subscribe", "ping")] == []


def test_what_was_refused_does_not_stand_for_the_next_subscription(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.inject("error", {})
    expect(page.page.locator(".banner.warn")).to_contain_text("Live updates were refused")
    page.page.keyboard.press("j")
    expect(page.page.locator(".banner.warn")).to_have_count(0)


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


def test_a_client_that_was_too_slow_resumes(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.sent.clear()
    page.cut(4008)
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=10_000)
    page.wait_until("() => document.querySelector('cv-pair-head .price').textContent.length > 1")
    assert any(one["action"] == "subscribe" for one in page.sent)


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
    assert page.eventually(lambda: held and page.newest_candle())
    newest = page.newest_candle()
    began = datetime.fromisoformat(newest["start"])
    for back in range(30, 0, -1):  # a backfill tells of bars that were before
        page.inject("candles", newest | {"start": _iso(began - back * timedelta(minutes=5))})
    page.wait_until("import('/static/market/candles.js').then(({shown}) => shown.value.book.size > 30)")
    released = True
    for route in held:
        route.continue_()
    page.wait_until("import('/static/market/candles.js').then(({shown}) => shown.value.book.size > 400)")
    assert page.eventually(lambda: bool(page.page.evaluate(_NEWEST_IN_SIGHT)))


def test_article_links_open_safely(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.inject("articles", _article("article-of-the-browser-test", "A title <img src=x onerror=alert(1)>"))
    heading = page.page.locator("cv-news h3").first
    expect(heading).to_have_text("A title <img src=x onerror=alert(1)>")
    assert heading.locator("a").count() == 0, "an address that is not http or https is no link"
    for link in page.page.locator("cv-news h3 a").all():
        assert str(link.get_attribute("href")).startswith(("http://", "https://"))
        assert link.get_attribute("rel") == "noopener noreferrer"
