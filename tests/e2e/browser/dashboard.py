"""The dashboard as a test sees it: what stands on the page, and ways to disturb what reaches it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute

from entrypoints.api.access.authentication import SESSION_COOKIE

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
STREAM = "**/api/v1/stream"
FEEDS = "**/api/v1/feeds/**"


def sign_in(context: BrowserContext, base_url: str, token: str) -> None:
    """Its pages are signed in with the token of a session."""
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": base_url, "httpOnly": True}])
    # As the page notes it when one signs in on it: else it does not ask who is there.
    context.add_init_script(
        "if (!localStorage.getItem('cryptoviz.signed-in')) localStorage.setItem('cryptoviz.signed-in', 'true')"
    )


class Dashboard:
    """One open page. `complaints` collects console errors, uncaught exceptions and violations of the CSP."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url.rstrip("/")
        self.complaints: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self._socket: WebSocketRoute | None = None
        self._silent: set[str] = set()
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.route_web_socket(STREAM, self._join)

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def _join(self, socket: WebSocketRoute) -> None:
        """Stand between page and server, so that a test can add messages and cut the line."""
        server = socket.connect_to_server()
        self._socket = socket

        def to_server(message: str | bytes) -> None:
            self.sent.append(json.loads(message))
            server.send(message)

        def to_page(message: str | bytes) -> None:
            if not (self._silent and json.loads(message).get("channel") in self._silent):
                socket.send(message)

        socket.on_message(to_server)
        server.on_message(to_page)

    def open(self, address: str = "/") -> Dashboard:
        self.page.goto(self.base_url + address)
        self.page.wait_for_selector("cv-chart .legend b")
        self.page.wait_for_function(
            "() => customElements.get('cv-news')"
        )  # the rooms, and the keys, come after the chart
        return self

    # What stands on the page

    def price(self) -> str:
        return self.page.locator("cv-pair-head .price").inner_text()

    def prices(self) -> dict[str, str]:
        rows = self.page.locator("button.pair").all()
        return {str(row.get_attribute("data-pair")): row.locator(".price").inner_text() for row in rows}

    def newest_candle(self) -> dict[str, Any]:
        """The row of the newest bar on the chart, as the API gave it."""
        found: dict[str, Any] = self.page.evaluate(
            "import('/static/market/candles.js').then(({shown}) => shown.value.book.newest(1)[0])"
        )
        return found

    def candle_after(self, before: dict[str, Any], timeout_s: float = 30) -> dict[str, Any]:
        """The newest bar once it has more trades than `before`, or a newer one has begun."""
        found = before

        def grown() -> bool:
            nonlocal found
            found = self.newest_candle()
            return bool(found["start"] != before["start"] or found["trades"] > before["trades"])

        assert self.eventually(grown, timeout_s), f"the candle of {before['start']} did not grow in {timeout_s} s"
        return found

    def eventually(self, condition: Callable[[], bool], timeout_s: float = 90) -> bool:
        """Whether a condition came true in time, while the page goes on."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.page.wait_for_timeout(100)
        return True

    def wait_until(self, script: str, argument: object = None, timeout_s: float = 30) -> None:
        """Wait for a JavaScript condition."""
        self.page.wait_for_function(script, arg=argument, timeout=timeout_s * 1000)

    def violations(self) -> list[str]:
        """What axe-core finds, one line a rule."""
        if not self.page.evaluate("'axe' in globalThis"):
            self.page.evaluate(AXE)
        result = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [f"{found['impact']} {found['id']}: {found['nodes'][0]['html'][:200]}" for found in result["violations"]]

    def sideways_scroll(self) -> int:
        """Pixels that the page is wider than its window. A phone's `innerWidth` tells nothing: it grows with the page."""
        size = self.page.viewport_size
        assert size
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        return max(0, wide - size["width"])

    # Ways to disturb it

    def inject(self, channel: str, row: dict[str, Any]) -> None:
        """A row as if the server had sent it. It carries no cursor, so a resume is not disturbed."""
        assert self._socket is not None, "the page has not connected to the stream"
        self._socket.send(json.dumps({"channel": channel, "origin": row.get("origin", "simulated"), "data": row}))

    def cut(self, code: int = 1011) -> None:
        """End the page's connection to the stream."""
        assert self._socket is not None, "the page has not connected to the stream"
        self._socket.close(code=code)

    def silence(self, channel: str) -> None:
        """From now on the server says nothing on a channel; what a test adds comes through."""
        self._silent.add(channel)

    def change_feeds(self, kind: str = "market", **changes: object) -> None:
        """From now on every feed of a kind is told with these values, and the stream is silent about feeds."""
        self.silence("feeds")

        def answer(route: Route) -> None:
            response = route.fetch()
            body = response.json()
            for feed in body["items"]:
                if feed["kind"] == kind:
                    feed.update(changes)
            route.fulfill(response=response, json=body)

        self.page.route(FEEDS, answer)
