"""The past played again, and the way back to the present."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import STREAM
from tests.e2e.browser.travel import KNOWN, market_moves, page_time, state, trade_ids, travel

pytestmark = pytest.mark.browser


def test_a_replay_moves_the_price_and_says_what_it_is(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past - timedelta(seconds=10))
    before = page.price()
    at = page.page.locator(KNOWN).get_attribute("datetime")
    page.page.keyboard.press(" ")
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 10×")
    page.wait_until("before => document.querySelector('cv-pair-head .price').textContent !== before", before)
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", at)
    # It reaches the present, and goes on there.
    expect(page.page.locator(KNOWN)).to_have_text("The present", timeout=30_000)
    ids = trade_ids(page)
    assert ids == list(range(ids[0], ids[0] - len(ids), -1))
    assert page.page.locator("body").get_attribute("data-past") is None


def test_a_replay_stops_where_it_is(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past)
    page.page.get_by_label("Speed of the replay").select_option("1")
    page.page.get_by_role("button", name="Replay", exact=True).click()
    newest = trade_ids(page)[0]
    assert page.eventually(lambda: trade_ids(page)[0] > newest)
    page.page.get_by_role("button", name="Stop the replay").click()
    expect(page.page.locator(KNOWN)).to_contain_text("As known at")
    market_moves(page)  # what was on its way has come
    ids = trade_ids(page)
    market_moves(page)
    assert trade_ids(page) == ids
    assert ids == list(range(ids[0], ids[0] - len(ids), -1))


@pytest.mark.parametrize("replayed", [False, True])
def test_the_way_back_leaves_no_gap_and_no_duplicate(dashboard: OpenDashboard, past: datetime, replayed: bool) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past)
    newest = trade_ids(page)[0]
    if replayed:
        page.page.keyboard.press(" ")
        assert page.eventually(lambda: trade_ids(page)[0] > newest)
    page.page.keyboard.press("l")
    expect(page.page.locator(KNOWN)).to_have_text("The present")
    assert page.eventually(lambda: len(trade_ids(page)) == 200)
    newest = trade_ids(page)[0]
    assert page.eventually(lambda: trade_ids(page)[0] > newest + 20), "it is live"

    def contiguous() -> bool:
        ids = trade_ids(page)
        return ids == list(range(ids[0], ids[0] - len(ids), -1))

    assert page.eventually(contiguous)
    expect(page.page.locator("cv-time-machine .to-live")).to_be_disabled()
    before = page.newest_candle()
    page.candle_after(before)


def test_a_time_before_all_is_empty_and_a_replay_from_there_says_why_not(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1d")
    page.page.keyboard.press("[")
    expect(page.page.locator("cv-tape")).to_contain_text("No trades were known by then")
    page.page.keyboard.press(" ")
    expect(page.page.locator("cv-time-machine [role=alert]")).to_contain_text("the log begins at")
    expect(page.page.locator(".banner")).to_have_count(0)
    page.page.keyboard.press("l")
    page.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")


def test_a_replay_that_is_refused_after_it_was_stopped_does_not_hold_the_page_back(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1d")
    page.page.keyboard.press("[")
    expect(page.page.locator("cv-tape")).to_contain_text("No trades were known by then")
    page.page.evaluate(
        "import('/static/time-machine/travel.js').then(({play, pause, goLive}) => { play(); pause(); goLive(); })"
    )
    expect(page.page.locator(KNOWN)).to_have_text("The present")
    expect(page.page.locator(".banner")).to_have_count(0)


def test_nothing_is_played_while_the_line_is_cut(dashboard: OpenDashboard) -> None:
    page = dashboard().open()
    page.page.route_web_socket(STREAM, lambda socket: socket.close(code=1011))
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    page.page.evaluate("import('/static/time-machine/travel.js').then(({play}) => play())")
    assert state(page, "(await import('/static/time-machine/clock.js')).speed.value") == 0
    assert page.page.locator("body").get_attribute("data-past") is None


def test_a_replay_goes_on_after_the_line_was_cut(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past)
    page.page.get_by_label("Speed of the replay").select_option("1")
    page.page.keyboard.press(" ")
    newest = trade_ids(page)[0]
    assert page.eventually(lambda: trade_ids(page)[0] > newest)
    page.sent.clear()
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    assert state(page, "(await import('/static/time-machine/clock.js')).speed.value") == 0
    at = page.page.locator(KNOWN).get_attribute("datetime")
    newest = trade_ids(page)[0]
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 1×", timeout=20_000)
    assert page.eventually(lambda: trade_ids(page)[0] > newest)
    [replay] = [one for one in page.sent if one["action"] == "replay"]
    assert replay["speed"] == 1
    assert datetime.fromisoformat(replay["from"]) == datetime.fromisoformat(str(at))
    ids = trade_ids(page)
    assert ids == list(range(ids[0], ids[0] - len(ids), -1)), "no gap, no duplicate"


def test_a_replay_that_was_cut_off_does_not_follow_into_the_present(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past)
    page.page.keyboard.press(" ")
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 10×")
    page.sent.clear()
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    page.page.keyboard.press("l")
    expect(page.page.locator(KNOWN)).to_have_text("The present")
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=20_000)
    market_moves(page)
    assert [one["action"] for one in page.sent if one["action"] in ("replay", "live")] == []


def test_a_replay_goes_on_after_several_steps(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    travel(page, past)
    settled = past.replace(microsecond=0) - timedelta(seconds=2)
    page.page.evaluate(
        "at => import('/static/time-machine/travel.js').then(({play, goTo}) => { play(1); goTo(at + 1000); goTo(at); })",
        int(settled.timestamp() * 1000),
    )
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", page_time(settled))
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 1×")
