"""What the simulator answers over HTTP, without the socket: Kraken's REST, the feeds, the article pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from adapters.simulator import pages, rest
from adapters.simulator.market import Market
from adapters.simulator.news import SOURCES, Newsroom

_FEED_ITEMS = 30
_JSON = "application/json; charset=utf-8"
_RSS = "application/rss+xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Site:
    """Routes GET requests. `base_url` is the server's own, for the links in feeds."""

    def __init__(self, market: Market, newsroom: Newsroom, base_url: str) -> None:
        self._market = market
        self._newsroom = newsroom
        self._base_url = base_url

    def get(self, path: str, query: str, headers: Mapping[str, str], now_ns: int) -> Response:
        """Answers a GET; `headers` has its names in lower case."""
        match path.strip("/").split("/"):
            case ["0", "public", method]:
                return _found(rest.answer(self._market, method, dict(parse_qsl(query)), now_ns), _JSON)
            case ["news", feed] if feed.removesuffix(".xml") in SOURCES and feed.endswith(".xml"):
                return self._feed(feed.removesuffix(".xml"), headers, now_ns // 10**9)
            case ["news", slug, page] if slug in SOURCES and page.endswith(".html"):
                return self._page(slug, page.removesuffix(".html"), now_ns // 10**9)
            case _:
                return _missing(f"The simulator has nothing at {path}; it serves /v2, /0/public/ and /news/.")

    def _feed(self, slug: str, headers: Mapping[str, str], now_s: int) -> Response:
        stories = self._newsroom.latest(slug, now_s, _FEED_ITEMS)
        validators = {"etag": pages.etag(stories), "last-modified": pages.http_date(stories[0].published_s)}
        if pages.not_modified(stories, headers.get("if-none-match"), headers.get("if-modified-since")):
            return Response(304, validators)
        return _found(pages.rss(self._base_url, slug, stories).encode(), _RSS, validators)

    def _page(self, slug: str, name: str, now_s: int) -> Response:
        known = name.isascii() and name.isdigit() and len(name) < 12
        story = self._newsroom.story(slug, int(name), now_s) if known else None
        if story is None:
            return _missing(f"{SOURCES[slug]} has no story {name[:40]}.")
        return _found(pages.page(self._base_url, story).encode(), _HTML)


def _found(body: bytes, content_type: str, headers: dict[str, str] | None = None) -> Response:
    return Response(200, {"content-type": content_type, **(headers or {})}, body)


def _missing(why: str) -> Response:
    return Response(404, {"content-type": "text/plain; charset=utf-8"}, why.encode())
