"""Into the past with an open dashboard, and what it shows there."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import expect

from tests.e2e.browser.dashboard import Dashboard

KNOWN = "cv-time-machine .known time"


def get(base_url: str, path: str, as_of: str | None = None) -> Any:
    """What the API answers below `/api/v1/`, as it was known at `as_of`."""
    address = f"{base_url.rstrip('/')}/api/v1/{path}"
    if as_of:
        address += f"{'&' if '?' in path else '?'}as_of={as_of}"
    with urllib.request.urlopen(address, timeout=60) as response:
        return json.load(response)


def page_time(time: datetime) -> str:
    """As the page's clock says it: to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def travel(dashboard: Dashboard, to: datetime) -> None:
    """By what the slider calls: it has no place for each second."""
    dashboard.page.evaluate(
        "at => import('/static/time-machine/travel.js').then(({goTo}) => { performance.mark('left'); goTo(at); })",
        int(to.timestamp() * 1000),
    )
    expect(dashboard.page.locator(KNOWN)).to_contain_text("As known at")
    dashboard.wait_until("() => document.querySelectorAll('cv-tape tbody tr').length > 0")
    assert dashboard.eventually(lambda: _is_filled(dashboard, to)), "the tape shows what was known then"


def _is_filled(dashboard: Dashboard, to: datetime) -> bool:
    known = state(dashboard, "trades.value.map((row) => row.recorded_at)")
    return bool(known) and all(datetime.fromisoformat(time) <= to for time in known)


def state(dashboard: Dashboard, script: str) -> Any:
    """What `script` finds in the page's own modules."""
    return dashboard.page.evaluate(
        "async () => { const {trades} = await import('/static/market/tape-state.js');"
        "const {articles} = await import('/static/news/news-state.js');"
        "const {alerts} = await import('/static/alerting/alerts-state.js');"
        f"const {{quotes}} = await import('/static/market/quotes.js'); return {script}; }}"
    )


def trade_ids(dashboard: Dashboard) -> list[int]:
    """Those of the tape, newest first."""
    found: list[int] = state(dashboard, "trades.value.map((row) => row.trade_id)")
    return found


def market_moves(dashboard: Dashboard) -> None:
    """Wait until much has come over the stream, whether the page shows it or not."""

    def newest() -> int:
        found: int = get(dashboard.base_url, "trades/?pair=BTC-USD&limit=1")["items"][0]["trade_id"]
        return found

    before = newest()
    assert dashboard.eventually(lambda: newest() > before + 20)
