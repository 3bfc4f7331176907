"""Forecasts, how good they have been, and what the news did to the price, as the page tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser.conftest import OpenDashboard
from tests.e2e.browser.dashboard import Dashboard
from tests.e2e.browser.rows import iso

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC).replace(microsecond=0)
WHY_NAIVE = (
    "nothing has beaten 'no change' here: the error of 'mix' over the last 500 bars was 1.20 % above 'no change'"
)
WHY_MIX = "over the last 500 bars its error was 0.40 % below 'no change'"
WHY_NOT = "no bar has closed yet"


def _forecast(horizon_s: int, model: str, price: str, lower: str = "90000", upper: str = "92000") -> dict[str, Any]:
    issued = NOW - timedelta(seconds=NOW.timestamp() % horizon_s)
    return {
        "pair": "BTC/USD", "horizon_s": horizon_s, "issued_at": iso(issued),
        "target_at": iso(issued + timedelta(seconds=horizon_s)), "price": price, "lower": lower, "upper": upper,
        "level": "0.9", "model": model, "served": True, "served_because": WHY_NAIVE if model == "naive" else WHY_MIX,
        "actual": None, "inside": None, "event_id": f"{horizon_s}{model}", "origin": "simulated",
        "recorded_at": iso(NOW),
    }  # fmt: skip


def _skill(horizon_s: int, model: str, n: int, mae_ratio: float | None = None, **figures: float) -> dict[str, Any]:
    nothing = dict.fromkeys(("direction", "direction_low", "direction_high", "winkler"))
    return {
        "pair": "BTC/USD", "horizon_s": horizon_s, "model": model, "n": n, "mae_ratio": mae_ratio, "coverage": 0.894,
        **nothing, **figures, "origin": "simulated", "recorded_at": iso(NOW),
    }  # fmt: skip


SKILLS = [
    _skill(60, "mix", 500, 1.012, direction=0.511, direction_low=0.467, direction_high=0.554, winkler=223.4),
    _skill(60, "naive", 500, 1.0),
    _skill(300, "mix", 500, 0.996, direction=0.62, direction_low=0.577, direction_high=0.662, winkler=200.0),
    _skill(300, "naive", 500, 1.0),
    _skill(3600, "mix", 3, 0.5),
]


def _answer(route: Route) -> None:
    """1 minute: "no change" is served. 5 minutes: the mix, which expects a rise. 60 minutes: there is no forecast."""
    if "/skill/" in route.request.url:
        return route.fulfill(json={"items": SKILLS, "next_cursor": None})
    asked = parse_qs(urlsplit(route.request.url).query)
    horizon = int(asked["horizon_s"][0])
    missing = [{"pair": "BTC/USD", "horizon_s": 3600, "reason": WHY_NOT}] if horizon == 3600 else []
    rows = {60: [_forecast(60, "naive", "91000")], 300: [_forecast(300, "mix", "91050")], 3600: []}[horizon]
    if asked.get("model") == ["naive"]:
        rows = [_forecast(horizon, "naive", "91000")]
    return route.fulfill(json={"items": rows, "next_cursor": None, "missing": missing})


def _with_forecasts(page: Dashboard) -> Dashboard:
    page.silence("predictions")
    page.page.route("**/api/v1/predictions/**", _answer)
    return page.open("/#BTC-USD/5m")


def test_forecasts_in_words(dashboard: OpenDashboard) -> None:
    cells = _with_forecasts(dashboard()).page.locator("cv-forecast li")
    expect(cells.nth(0)).to_contain_text("90,000.0 – 92,000.0")
    expect(cells.nth(0)).to_contain_text(f"No edge: {WHY_NAIVE}")
    expect(cells.nth(0).get_by_title(WHY_NAIVE)).to_be_visible()
    expect(cells.nth(0)).to_contain_text("Held 89.4% of 500; promised 90%")
    expect(cells.nth(0).locator(".arrow")).to_have_count(0)
    expect(cells.nth(1)).to_contain_text("up 91,050.0 expected")
    expect(cells.nth(1).locator(".up .arrow")).to_be_visible()
    expect(cells.nth(2)).to_contain_text(WHY_NOT)


def test_a_new_forecast_arrives(dashboard: OpenDashboard) -> None:
    page = _with_forecasts(dashboard())
    minute = page.page.locator("cv-forecast li").first
    expect(minute).to_contain_text("90,000.0 – 92,000.0")
    later = {"issued_at": iso(NOW + timedelta(seconds=60)), "target_at": iso(NOW + timedelta(seconds=120))}
    page.inject("predictions", _forecast(60, "naive", "91500", "91000", "92000") | later)
    expect(minute).to_contain_text("91,000.0 – 92,000.0")
    page.inject("predictions", _forecast(60, "naive", "1000", "900", "1100") | later | {"pair": "ETH/USD"})
    page.inject("predictions", _forecast(60, "naive", "91500", "1", "2"))
    page.inject("predictions", _forecast(3600, "naive", "91500", "91200", "92000"))
    expect(page.page.locator("cv-forecast li").nth(2)).to_contain_text("91,200.0 – 92,000.0")
    expect(minute).to_contain_text("91,000.0 – 92,000.0")


def test_forecasts_that_cannot_be_fetched_say_why(dashboard: OpenDashboard) -> None:
    page = dashboard()
    page.page.route(
        "**/api/v1/predictions/**", lambda route: route.fulfill(status=503, json={"detail": "The store is away."})
    )
    page.open()
    expect(page.page.locator("cv-forecast")).to_contain_text("The store is away · next try in")
    expect(page.page.locator("cv-forecast").get_by_role("button", name="Try now")).to_be_visible()
    page.complaints = [one for one in page.complaints if "503" not in one]  # the browser logs every such answer


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "dark", "en-US"), (390, "light", "fr-FR")])
def test_how_good_they_are(dashboard: OpenDashboard, width: int, theme: str, language: str) -> None:
    page = _with_forecasts(dashboard(width, theme, language))
    expect(page.page.locator("html")).to_have_attribute("lang", language[:2])
    expect(page.page.locator("cv-forecast .range").first).to_be_visible()
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    page.page.locator("cv-forecast .button").first.click()
    table = page.page.locator("cv-skill-dialog table")
    expect(table.locator("tbody tr")).to_have_count(len(SKILLS))
    assert page.violations() == []
    assert page.sideways_scroll() == 0
    page.page.keyboard.press("Escape")
    expect(table).to_have_count(0)
    expect(page.page.locator("cv-forecast .button").first).to_be_focused()


def test_how_good_they_are_in_plain_words(dashboard: OpenDashboard) -> None:
    page = _with_forecasts(dashboard())
    page.page.get_by_role("button", name="How good are the forecasts?").click()
    verdicts = page.page.locator("cv-skill-dialog .verdicts li")
    expect(verdicts.nth(0)).to_contain_text("“mix” was not better than “no change” over 500 forecasts.")
    expect(verdicts.nth(0)).to_contain_text("Direction right 51.1% (46.7–55.4%): no better than a coin toss.")
    expect(verdicts.nth(0)).to_contain_text(f"Shown now: No change ({WHY_NAIVE})")
    expect(verdicts.nth(1)).to_contain_text("“mix” was better than “no change” by 0.4% over 500 forecasts.")
    expect(verdicts.nth(1)).to_contain_text(": better than a coin toss.")
    expect(verdicts.nth(2)).to_contain_text("too few scored forecasts to tell (3)")
    first = page.page.locator("cv-skill-dialog tbody tr").first.locator("td").all_inner_texts()
    assert first == ["1 min", "mix", "500", "1.012", "51.1% (46.7–55.4%)", "89.4%", "223.4"]


def _reaction(horizon_s: int, **known: object) -> dict[str, Any]:
    nothing = dict.fromkeys(("price_before", "price_after", "change_pct", "usual_change_pct", "share_as_large"))
    return {"pair": "BTC/USD", "horizon_s": horizon_s, **nothing, "observations": 0, "reason": None, **known}


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_an_article_tells_how_it_sounds_and_what_the_price_did(
    dashboard: OpenDashboard, width: int, theme: str
) -> None:
    page = dashboard(width, theme)
    article = {
        "id": "article-of-the-browser-test", "title": "Something happened", "url": "https://example.org/1",
        "source": "Nobody", "summary": "Plain.", "content": "Plain.", "published_at": None, "scraped_at": iso(NOW),
        "tags": ["BTC"], "guid": "1", "authors": [], "extracted_by": "none", "sentiment": None, "event_id": "1",
        "price_reaction": None, "origin": "simulated", "recorded_at": iso(NOW),
    }  # fmt: skip
    whole = article | {
        "sentiment": {"score": -0.4215, "label": "negative", "model": "lexicon", "version": "1-abc"},
        "price_reaction": [
            _reaction(300, change_pct="-1.234", usual_change_pct="0.105", share_as_large="0.014", observations=707),
            _reaction(1800, change_pct="0.5", reason="no 30 minutes without news were found"),
            _reaction(3600, reason="the 60 minutes after the article are not over"),
        ],
    }
    page.page.route("**/api/v1/articles/article-of-the-browser-test/**", lambda route: route.fulfill(json=whole))
    page.open()
    page.inject("articles", article)
    if width < 640:
        page.page.locator("cv-tabs").get_by_role("button", name="News").click()
    page.page.get_by_role("button", name="Read here: Something happened").click()
    reader = page.page.locator("cv-reader dialog")
    expect(reader).to_contain_text("Negative −0.42 · lexicon 1-abc")
    rows = reader.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("−1.23%")
    assert [one.strip() for one in rows.nth(0).locator("td").all_inner_texts()][1:] == ["±0.11%", "1.4%", "707"]
    expect(rows.nth(1)).to_contain_text("no 30 minutes without news were found")
    expect(rows.nth(2)).to_contain_text("the 60 minutes after the article are not over")
    assert page.violations() == []
    assert page.sideways_scroll() == 0


def test_what_takers_bought_is_a_share_of_what_is_known(dashboard: OpenDashboard) -> None:
    page = dashboard()

    def mostly_unknown(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for row in body["items"]:
            row.update(volume="100", buy_volume="1", sell_volume="3")
        body["items"][-1].update(buy_volume="0", sell_volume="0")
        route.fulfill(response=response, json=body)

    page.page.route("**/api/v1/statistics/?**", mostly_unknown)
    page.open()
    page.page.get_by_role("button", name="Statistics").click()
    rows = page.page.locator("cv-statistics table").first.locator("tbody tr")
    expect(rows.first.get_by_role("cell").nth(3)).to_have_text("25%")
    expect(rows.first.get_by_title("The side of 4% of the volume is known")).to_be_visible()
    expect(rows.last.get_by_role("cell").nth(3)).to_have_text("—")
