"""The line to the server: what is said when it or a feed is lost, and how it is taken up again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import STREAM
from tests.e2e.browser.rows import article, iso

pytestmark = pytest.mark.browser


def test_a_lost_feed_is_announced(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    now = datetime.now(UTC)
    page.change_feeds(
        state="down",
        error="connection refused",
        next_try_at=iso(now + timedelta(seconds=50)),
        last_message_at=iso(now - timedelta(seconds=40)),
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
    expect(page.page.locator(".banner")).to_contain_text("Connection lost. These are the prices of")
    expect(page.page.locator("body")).to_have_attribute("data-condition", "lost")
    expect(page.page.locator(".origin")).to_have_text(re.compile("OFFLINE"))
    expect(page.page.locator("cv-feed-strip")).to_contain_text("unknown")
    expect(page.page.locator("cv-feed-strip")).not_to_contain_text("live")
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=20_000)
    resumed = {one["channel"]: one.get("after") for one in page.sent if one["action"] == "subscribe"}
    assert {"tickers", "trades", "candles", "articles", "alerts", "predictions", "feeds"} <= resumed.keys()
    assert resumed["tickers"]


def test_a_page_without_a_server_says_so_once_and_comes_back_whole(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.route("**/api/**", lambda route: route.abort())
    page.page.route_web_socket(STREAM, lambda socket: socket.close(code=1011))
    page.page.reload()
    expect(page.page.locator(".banner")).to_contain_text("Connection lost")
    expect(page.page.locator("cv-news .skeleton")).to_be_visible()
    expect(page.page.locator(".banner")).to_have_count(1)
    expect(page.page.get_by_role("button", name="Try now")).to_have_count(1)
    expect(page.page.get_by_text("does not answer")).to_have_count(0)
    page.page.unroute("**/api/**")
    page.page.route_web_socket(STREAM, lambda socket: socket.connect_to_server())
    expect(page.page.locator(".banner")).to_have_count(0, timeout=30_000)
    expect(page.page.locator("cv-news h3").first).to_be_visible()
    expect(page.page.locator("body")).to_have_attribute("data-condition", "live")
    assert all("Failed to load resource" in complaint for complaint in page.complaints)
    page.complaints.clear()


def test_news_feeds_that_fail_alike_are_told_in_one_line(dashboard: OpenDashboard) -> None:
    page = dashboard()
    page.change_feeds("news", state="down", error="no network", next_try_at=None)
    page.open()
    expect(page.page.locator("cv-news .news-down")).to_contain_text("no network")
    expect(page.page.locator("cv-news .news-down")).to_have_count(1)


def test_the_page_has_one_condition(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    body, pill = page.page.locator("body"), page.page.locator(".origin")
    expect(body).to_have_attribute("data-condition", "live")
    page.change_feeds(state="live", error=None, lag_s=30)
    expect(body).to_have_attribute("data-condition", "behind", timeout=15_000)
    expect(pill).to_have_text(re.compile("SIMULATED · BEHIND"))
    page.change_feeds(state="down", error="no network", next_try_at=None)
    expect(body).to_have_attribute("data-condition", "stale", timeout=15_000)
    expect(pill).to_have_text(re.compile("SIMULATED · NO DATA"))
    page.page.keyboard.press("[")
    expect(body).to_have_attribute("data-condition", "past")
    page.page.keyboard.press("Space")
    expect(body).to_have_attribute("data-condition", "replay")


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
    page.inject("articles", article("of-before", "Of the market before"))
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


def test_a_client_that_was_too_slow_resumes(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.sent.clear()
    page.cut(4008)
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=10_000)
    page.wait_until("() => document.querySelector('cv-pair-head .price').textContent.length > 1")
    assert any(one["action"] == "subscribe" for one in page.sent)
