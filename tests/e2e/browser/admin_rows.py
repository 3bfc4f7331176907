"""Rows of the admin API as its lists answer them, for states that a simulator does not come into."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route

WHEN = "2026-11-22T14:05:00Z"
_FEED = {
    "trades": None,
    "trades_since": None,
    "since": WHEN,
    "last_message_at": WHEN,
    "next_try_at": None,
    "error": None,
    "origin": "simulated",
}

LISTS: dict[str, list[dict[str, Any]]] = {
    "feeds": [
        _FEED | {"name": "BTC/USD", "kind": "market", "state": "live", "lag_s": 0.2, "gaps": 2, "missing": 0,
                 "backfilled": 62, "completeness": 1.0, "paused": False, "paused_by": None},
        _FEED | {"name": "The Block", "kind": "news", "state": "down", "lag_s": None, "gaps": 0, "missing": 0,
                 "backfilled": 0, "completeness": None, "paused": False, "paused_by": None, "error": "it answered 403"},
    ],
    "batches": [{"job": "ingest", "batch_id": 41, "started_at": WHEN, "duration_ms": 812, "rows": 1500}],
    "dead-letters": [
        {"id": f"{n:020x}", "reason_kind": "kraken-frame", "topic": "ws://kraken", "reason": "price is missing",
         "recorded_at": WHEN, "outcome": "open"}
        for n in range(2)
    ],
    "deliveries": [
        {"id": "a-c", "alert_id": "a", "channel_id": "c", "channel": "ops", "pair": "BTC/USD", "kind": "price-move",
         "state": "failed", "attempts": 9, "last_error": "the receiver answered 500", "next_try_at": None,
         "created_at": WHEN, "sent_at": None},
    ],
}  # fmt: skip

LETTER = LISTS["dead-letters"][0] | {"raw_text": '{"price":', "raw_hex": "7b 22 70", "decoded": None}
SOURCES = {
    "pairs": ["BTC/USD", "ETH/USD"],
    "feeds": [{"name": "CoinDesk", "url": "https://www.coindesk.com/rss"}],
    "configured": [],
    "version": 0,
    "changed_at": None,
}


class Commands(list[tuple[str, str, Any]]):
    """What the page commanded: method, path below /api/v1/admin/, body."""


def lay(page: Page, name: str) -> Commands:
    """Answer the list `name` with its rows, and take down the commands below it."""
    commands = Commands()

    def answer(route: Route) -> None:
        request = route.request
        path = request.url.partition("/api/v1/admin/")[2].partition("?")[0]
        if request.method != "GET":
            commands.append((request.method, path, request.post_data_json if request.post_data else None))
            route.fulfill(json={})
        elif name == "sources":
            route.fulfill(json=SOURCES)
        elif path.rstrip("/") == name:
            route.fulfill(json={"items": LISTS[name], "next_cursor": None})
        else:
            route.fulfill(json=LETTER)

    page.route(f"**/api/v1/admin/{name}/**", answer)
    return commands
