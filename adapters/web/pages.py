"""Article pages: asked for where robots.txt allows it, and read for the article in them."""

import threading

import msgspec

from adapters.web.client import Wanted, WebClient
from adapters.web.errors import WebError
from adapters.web.isolation import IsolatedParser, ParserFailed
from adapters.web.robots import Robots
from application.ports.article_pages import PageText, PageUnavailable

_WANTED = Wanted(
    "a web page", "text/html,application/xhtml+xml;q=0.9", frozenset({"text/html", "application/xhtml+xml"})
)
_LARGEST = 5_000_000  # bytes
_PARSED_WITHIN_S = 5.0


class WebPageReader:
    """Implements `application.ports.article_pages.PageReader`."""

    def __init__(self, web: WebClient) -> None:
        self._web = web
        self._robots = Robots(web)
        self._extract = IsolatedParser("adapters.web.extract:extract_json", seconds=_PARSED_WITHIN_S)

    def read(self, url: str, stop: threading.Event) -> PageText:
        """Fetch the page at `url` and find the article in it. Raises PageUnavailable."""
        try:
            if not self._robots.allow(url, stop):
                raise PageUnavailable("the host's robots.txt asks us not to read that page")
            answer = self._web.get(url, _WANTED, limit=_LARGEST, stop=stop)
            found = self._extract.parse(answer.body, {"charset": answer.charset}, stop)
        except WebError as error:
            raise PageUnavailable(str(error), retry_after_s=error.retry_after_s) from error
        except ParserFailed as error:
            raise PageUnavailable(f"the page could not be read: {error}") from error
        page = msgspec.json.decode(found, type=PageText | None)
        if page is None:
            raise PageUnavailable("the page holds no article")
        return page

    def close(self) -> None:
        """End the parser's process; a later read starts another."""
        self._extract.close()
