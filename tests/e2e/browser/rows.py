"""Rows as the stream and the lists of the API give them, for what a test adds to the market."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def article(article_id: str, title: str) -> dict[str, Any]:
    now = iso(datetime.now(UTC))
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
        "revision": 1,
        "revised_at": None,
        "change": None,
        "event_id": "1",
        "origin": "simulated",
        "recorded_at": now,
    }


def alert(status: str = "raised", alert_id: str = "alert-of-the-browser-test") -> dict[str, Any]:
    now = iso(datetime.now(UTC))
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
