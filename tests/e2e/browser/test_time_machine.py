"""The time machine: the page as it was known at another time, the past played again, and the way back."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import STREAM, Dashboard
from tests.waiting import until

pytestmark = pytest.mark.browser

KNOWN = "cv-time-machine .known time"
# Each of these says the same of a time in the past, whenever it is asked.
READS = [
    "tickers/", "trades/?pair=BTC-USD", "candles/?pair=BTC-USD&interval=1m", "candles/?pair=BTC-USD&interval=1h",
    "articles/", "sentiment/", "predictions/?pair=BTC-USD", "predictions/skill/", "alerts/", "alert-rules/",
    "watchlist/", "feeds/", "feeds/BTC-USD/gaps/", "statistics/", "statistics/correlations/",
]  # fmt: skip


def _get(base_url: str, path: str, as_of: str | None = None) -> Any:
    address = f"{base_url.rstrip('/')}/api/v1/{path}"
    if as_of:
        address += f"{'&' if '?' in path else '?'}as_of={as_of}"
    with urllib.request.urlopen(address, timeout=60) as response:
        return json.load(response)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def past(base_url: str) -> datetime:
    """Some 20 s ago, with trades known by then and later ones."""

    def then() -> datetime:
        return datetime.now(UTC) - timedelta(seconds=20)

    assert until(
        lambda: len(_get(base_url, "trades/?pair=BTC-USD&limit=100", _iso(then()))["items"]) == 100, seconds=60
    )
    return then()


def _travel(dashboard: Dashboard, to: datetime) -> None:
    """By what the slider calls: it has no place for each second."""
    dashboard.page.evaluate(
        "at => import('/static/time-machine/travel.js').then(({goTo}) => { performance.mark('left'); goTo(at); })",
        int(to.timestamp() * 1000),
    )
    expect(dashboard.page.locator(KNOWN)).to_contain_text("As known at")
    dashboard.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")


def _state(dashboard: Dashboard, script: str) -> Any:
    """What `script` finds in the page's own modules."""
    return dashboard.page.evaluate(
        "async () => { const {trades} = await import('/static/market/tape-state.js');"
        "const {articles} = await import('/static/news/news-state.js');"
        "const {alerts} = await import('/static/alerting/alerts-state.js');"
        f"const {{quotes}} = await import('/static/market/quotes.js'); return {script}; }}"
    )


def _trade_ids(dashboard: Dashboard) -> list[int]:
    found: list[int] = _state(dashboard, "trades.value.map((row) => row.trade_id)")
    return found


def _market_moves(dashboard: Dashboard) -> None:
    """Wait until much has come over the stream, whether the page shows it or not."""

    def newest() -> int:
        found: int = _get(dashboard.base_url, "trades/?pair=BTC-USD&limit=1")["items"][0]["trade_id"]
        return found

    before = newest()
    assert dashboard.eventually(lambda: newest() > before + 20)


def _asked_since_left(page: Page, path: str) -> list[str]:
    """The addresses below a path that the page has asked for since it left the present."""
    asked: list[str] = page.evaluate(
        """path => {
            const [left] = performance.getEntriesByName('left');
            const asked = performance.getEntriesByType('resource').filter((entry) => entry.startTime >= left.startTime);
            return asked.map((entry) => entry.name).filter((name) => name.includes(`/api/v1/${path}`));
        }""",
        path,
    )
    return asked


@pytest.mark.parametrize("path", READS)
def test_what_was_known_then_does_not_change(base_url: str, past: datetime, path: str) -> None:
    first = _get(base_url, path, _iso(past))
    newest = _get(base_url, "trades/?pair=BTC-USD&limit=1")
    assert until(lambda: _get(base_url, "trades/?pair=BTC-USD&limit=1") != newest, seconds=60), "nothing happens"
    assert _get(base_url, path, _iso(past)) == first


def test_the_page_shows_what_was_known_then(dashboard: OpenDashboard, base_url: str, past: datetime) -> None:
    page = dashboard().open()
    _travel(page, past)
    then = _iso(past.replace(microsecond=past.microsecond // 1000 * 1000))
    expected = next(row for row in _get(base_url, "tickers/", then)["items"] if row["pair"] == "BTC/USD")
    page.wait_until("last => document.querySelector('cv-pair-head .price').textContent.includes(last)",
                    f"{float(expected['last']):,.1f}")  # fmt: skip
    assert page.page.locator("body").get_attribute("data-past") is not None
    for rows in ("trades.value", "articles.value", "alerts.value", "[...quotes.value.values()].map(({row}) => row)"):
        recorded = _state(page, f"{rows}.map((row) => row.recorded_at)")
        assert all(datetime.fromisoformat(time) <= past for time in recorded), rows
    price = page.price()
    _market_moves(page)
    assert page.price() == price


def test_rows_of_the_present_stay_outside(dashboard: OpenDashboard, base_url: str, past: datetime) -> None:
    page = dashboard().open()
    _travel(page, past)
    article = _get(base_url, "articles/?limit=1")["items"][0]
    alert = _get(base_url, "alerts/?limit=1")["items"][0]
    page.inject("articles", article | {"id": "later", "title": "Of the present"})
    page.inject("alerts", alert | {"id": "later", "alert_id": "later", "status": "raised"})
    _market_moves(page)
    expect(page.page.locator("cv-news")).not_to_contain_text("Of the present")
    expect(page.page.locator("[data-alert=later]")).to_have_count(0)


def test_commands_wait_for_the_present(dashboard: OpenDashboard, base_url: str) -> None:
    alert = _get(base_url, "alerts/?limit=1")["items"][0]
    known = datetime.fromisoformat(alert["recorded_at"]) + timedelta(milliseconds=10)
    page = dashboard().open()
    _travel(page, known)
    item = page.page.locator(f"[data-alert='{alert['id']}']")
    expect(item.locator(".actions button").first).to_be_disabled()
    page.page.locator("cv-watchlist .tool[aria-pressed]").first.click()
    expect(page.page.locator("cv-watchlist .watch").first).to_be_disabled()
    refused = page.page.evaluate(
        "import('/static/stream/api.js').then(({send}) => send('POST', 'watchlist/', {pair: 'BTC-USD'}))"
        ".catch((error) => error.message)"
    )
    assert refused == "The page shows the past: go live first."
    page.page.keyboard.press("l")
    expect(page.page.locator("cv-watchlist .watch").first).to_be_enabled()


def test_every_read_asks_for_the_time_that_is_shown(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m/ETH-USD/percent")
    page.page.locator("cv-forecast .range").first.wait_for()
    paths = (
        "tickers/",
        "trades/",
        "candles/",
        "articles/",
        "alerts/",
        "alert-rules/",
        "watchlist/",
        "feeds/",
        "predictions/",
    )
    page.page.evaluate("performance.setResourceTimingBufferSize(10_000)")
    _travel(page, past)
    page.page.wait_for_load_state("networkidle")
    _market_moves(page)
    for path in (*paths, "feeds/BTC-USD/gaps/", "predictions/skill/"):
        asked = _asked_since_left(page.page, path)
        assert asked, path
        assert all("as_of=" in url for url in asked), asked


def test_a_replay_moves_the_price_and_says_what_it_is(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past - timedelta(seconds=10))
    before = page.price()
    at = page.page.locator(KNOWN).get_attribute("datetime")
    page.page.keyboard.press(" ")
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 10×")
    page.wait_until("before => document.querySelector('cv-pair-head .price').textContent !== before", before)
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", at)
    # It reaches the present, and goes on there.
    expect(page.page.locator(KNOWN)).to_have_text("The present", timeout=30_000)
    ids = _trade_ids(page)
    assert ids == list(range(ids[0], ids[0] - len(ids), -1))
    assert page.page.locator("body").get_attribute("data-past") is None


def test_a_replay_stops_where_it_is(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past)
    page.page.get_by_label("Speed of the replay").select_option("1")
    page.page.get_by_role("button", name="Replay", exact=True).click()
    newest = _trade_ids(page)[0]
    assert page.eventually(lambda: _trade_ids(page)[0] > newest)
    page.page.get_by_role("button", name="Stop the replay").click()
    expect(page.page.locator(KNOWN)).to_contain_text("As known at")
    _market_moves(page)  # what was on its way has come
    ids = _trade_ids(page)
    _market_moves(page)
    assert _trade_ids(page) == ids
    assert ids == list(range(ids[0], ids[0] - len(ids), -1))


@pytest.mark.parametrize("replayed", [False, True])
def test_the_way_back_leaves_no_gap_and_no_duplicate(dashboard: OpenDashboard, past: datetime, replayed: bool) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past)
    newest = _trade_ids(page)[0]
    if replayed:
        page.page.keyboard.press(" ")
        assert page.eventually(lambda: _trade_ids(page)[0] > newest)
    page.page.keyboard.press("l")
    expect(page.page.locator(KNOWN)).to_have_text("The present")
    assert page.eventually(lambda: len(_trade_ids(page)) == 200)
    newest = _trade_ids(page)[0]
    assert page.eventually(lambda: _trade_ids(page)[0] > newest + 20), "it is live"

    def contiguous() -> bool:
        ids = _trade_ids(page)
        return ids == list(range(ids[0], ids[0] - len(ids), -1))

    assert page.eventually(contiguous)
    expect(page.page.locator("cv-time-machine .to-live")).to_be_disabled()
    before = page.newest_candle()
    page.candle_after(before)


def test_the_keys_step_by_bars(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.keyboard.press("[")
    known = page.page.locator(KNOWN)
    expect(known).to_contain_text("As known at")
    first = datetime.fromisoformat(str(known.get_attribute("datetime")))
    page.page.keyboard.press("[")
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') < at", _iso(first))
    second = datetime.fromisoformat(str(known.get_attribute("datetime")))
    assert first - second == timedelta(minutes=1)
    page.page.keyboard.press("]")
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", _iso(second))
    page.page.keyboard.press("]")
    expect(known).to_have_text("The present")


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
    assert _state(page, "(await import('/static/time-machine/clock.js')).speed.value") == 0
    assert page.page.locator("body").get_attribute("data-past") is None


def test_a_replay_goes_on_after_the_line_was_cut(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past)
    page.page.get_by_label("Speed of the replay").select_option("1")
    page.page.keyboard.press(" ")
    newest = _trade_ids(page)[0]
    assert page.eventually(lambda: _trade_ids(page)[0] > newest)
    page.sent.clear()
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    assert _state(page, "(await import('/static/time-machine/clock.js')).speed.value") == 0
    at = page.page.locator(KNOWN).get_attribute("datetime")
    newest = _trade_ids(page)[0]
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 1×", timeout=20_000)
    assert page.eventually(lambda: _trade_ids(page)[0] > newest)
    [replay] = [one for one in page.sent if one["action"] == "replay"]
    assert replay["speed"] == 1
    assert datetime.fromisoformat(replay["from"]) == datetime.fromisoformat(str(at))
    ids = _trade_ids(page)
    assert ids == list(range(ids[0], ids[0] - len(ids), -1)), "no gap, no duplicate"


def test_a_replay_that_was_cut_off_does_not_follow_into_the_present(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past)
    page.page.keyboard.press(" ")
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 10×")
    page.sent.clear()
    page.cut()
    expect(page.page.locator(".banner.warn")).to_contain_text("Reconnecting")
    page.page.keyboard.press("l")
    expect(page.page.locator(KNOWN)).to_have_text("The present")
    expect(page.page.locator(".banner.warn")).to_have_count(0, timeout=20_000)
    _market_moves(page)
    assert [one["action"] for one in page.sent if one["action"] in ("replay", "live")] == []


def test_a_replay_goes_on_after_several_steps(dashboard: OpenDashboard, past: datetime) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    _travel(page, past)
    settled = past.replace(microsecond=0) - timedelta(seconds=2)
    page.page.evaluate(
        "at => import('/static/time-machine/travel.js').then(({play, goTo}) => { play(1); goTo(at + 1000); goTo(at); })",
        int(settled.timestamp() * 1000),
    )
    page.wait_until(f"at => document.querySelector('{KNOWN}').getAttribute('datetime') > at", _iso(settled))
    expect(page.page.locator("cv-time-machine")).to_contain_text("Replay 1×")


def test_a_tool_that_was_opened_leaves_the_bar_as_it_was(dashboard: OpenDashboard) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.get_by_role("button", name="Time machine").click()
    bar = page.page.locator("cv-time-machine")
    expect(bar.get_by_role("slider")).to_be_visible()
    sizes = "[...document.querySelectorAll('cv-time-machine :is(select, input)')].map((one) => one.offsetWidth)"
    before = page.page.evaluate(sizes)
    page.page.get_by_role("button", name="Test a strategy").click()
    expect(page.page.locator("cv-backtest dialog")).to_be_visible()
    page.page.keyboard.press("Escape")
    assert page.page.evaluate(sizes) == before


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (768, "light")])
def test_it_fits_everywhere_and_is_accessible(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = dashboard(width, theme, language).open("/#BTC-USD/1m")
    name = "Time machine" if language == "en-US" else "Le passé"
    page.page.get_by_role("button", name=name).click()
    expect(page.page.get_by_role("slider")).to_be_visible()
    assert page.violations() == []
    slider = page.page.get_by_role("slider")
    slider.focus()
    page.page.keyboard.press("ArrowLeft")
    expect(page.page.locator(KNOWN)).to_contain_text("As known at" if language == "en-US" else "Ce qu’on savait le")
    page.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    if width == 390:
        for room in page.page.locator("cv-tabs button").all():
            room.click()
            expect(slider).to_be_in_viewport()
            assert page.violations() == []
    page.page.get_by_role("button", name="Go live" if language == "en-US" else "Revenir au direct").click()
    expect(page.page.locator("body[data-past]")).to_have_count(0)


@pytest.mark.parametrize("zone", ["local", "utc"])
def test_a_time_is_typed_in_the_zone_of_the_page(dashboard: OpenDashboard, past: datetime, zone: str) -> None:
    page = dashboard()
    page.page.add_init_script(f"localStorage.setItem('cryptoviz.zone', JSON.stringify('{zone}'))")
    page.open("/#BTC-USD/1m")
    page.page.get_by_role("button", name="Time machine").click()
    field = page.page.get_by_label("Date and time (UTC)" if zone == "utc" else "Date and time (Paris)")
    at = past.replace(microsecond=0)
    written = at if zone == "utc" else at.astimezone(ZoneInfo("Europe/Paris"))
    field.fill(written.strftime("%Y-%m-%dT%H:%M:%S"))
    field.press("Enter")
    expect(page.page.locator(KNOWN)).to_have_attribute("datetime", _iso(at))
    expect(page.page.get_by_role("slider")).to_be_visible()
    field.fill("2199-01-01T00:00:00")
    page.page.get_by_role("button", name="Go there").click()
    expect(page.page.locator("cv-time-machine [role=alert]")).to_have_text(
        "That time has not come yet: choose an earlier one."
    )
    expect(page.page.locator(KNOWN)).to_have_attribute("datetime", _iso(at))
    assert page.violations() == []
    field.fill("1969-07-20T20:17:40")
    field.press("Enter")
    expect(page.page.locator("cv-time-machine [role=alert]")).to_have_text("Choose a time after 1970.")


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
def test_empty_panels_speak_of_then(dashboard: OpenDashboard, language: str) -> None:
    page = dashboard(language=language).open("/#BTC-USD/1d")
    page.page.keyboard.press("[")
    then = (
        ("No trades were known by then", "No candles were known by then", "No alerts had been raised by then")
        if language == "en-US"
        else ("Aucune transaction n’était alors", "Aucun chandelier n’était alors", "Aucune alerte n’avait alors")
    )
    for panel, words in zip(("cv-tape", "cv-chart", "cv-alerts"), then, strict=True):
        expect(page.page.locator(panel)).to_contain_text(words)
    expect(page.page.locator("cv-news")).to_contain_text("by then" if language == "en-US" else "alors")
    assert page.violations() == []


@pytest.mark.parametrize(("name", "path"), [("statistics", "statistics/"), ("skill", "predictions/skill/")])
def test_open_figures_follow_the_time(dashboard: OpenDashboard, past: datetime, name: str, path: str) -> None:
    page = dashboard().open("/#BTC-USD/1m")
    page.page.evaluate(f"import('/static/shell/layout-state.js').then(({{dialog}}) => dialog.value = '{name}')")
    expect(page.page.locator("dialog[open]")).to_be_visible()
    page.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url) if f"/api/v1/{path}?" in request.url else None)
    _travel(page, past)
    assert page.eventually(lambda: any("as_of=" in url for url in asked))
    jumped = len(asked)
    page.page.evaluate("import('/static/time-machine/travel.js').then(({play}) => play(1))")
    assert page.eventually(lambda: len(asked) > jumped + 2), "the replay goes on"
    page.page.evaluate("import('/static/time-machine/travel.js').then(({goLive}) => goLive())")
    assert page.eventually(lambda: "as_of=" not in asked[-1])
