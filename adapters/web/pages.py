"""Article pages: asked for where robots.txt allows it, and read for the article in them."""

import threading
from urllib.parse import urlsplit

import msgspec

from adapters.web.client import Wanted, WebClient
from adapters.web.errors import Unreachable, WebError
from adapters.web.isolation import ParserFailed, QuarantinedParser
from adapters.web.robots import Robots
from application.ports.article_pages import PageText, PageUnavailable

_WANTED = Wanted(
    "a web page", "text/html,application/xhtml+xml;q=0.9", frozenset({"text/html", "application/xhtml+xml"})
)
_LARGEST = 5_000_000  # bytes
_PARSED_WITHIN_S = 5.0
_PATIENCE_S = 30.0
_BUSY = frozenset({429, 503})
_PASSING = frozenset({408, 425})


class WebPageReader:
    """Implements `application.ports.article_pages.PageReader`."""

    def __init__(self, web: WebClient) -> None:
        self._web = web
        self._robots = Robots(web)
        self._extract = QuarantinedParser("adapters.web.extract:extract_json", seconds=_PARSED_WITHIN_S)

    def read(self, url: str, stop: threading.Event, *, patiently: bool = False) -> PageText:
        """Fetch the page at `url` and find the article in it. Raises PageUnavailable."""
        try:
            if not self._robots.allow(url, stop):
                raise PageUnavailable("the host's robots.txt asks us not to read that page", is_lasting=True)
            seconds = _PATIENCE_S if patiently else None
            answer = self._web.get(url, _WANTED, limit=_LARGEST, stop=stop, seconds=seconds)
            found = self._extract.parse(urlsplit(answer.url).netloc, answer.body, {"charset": answer.charset}, stop)
        except WebError as error:
            raise _unavailable(error) from error
        except ParserFailed as error:
            raise PageUnavailable(f"the page could not be read: {error}", is_lasting=True) from error
        page = msgspec.json.decode(found, type=PageText | None)
        if page is None:
            raise PageUnavailable("the page holds no article", is_lasting=True)
        return page

    def close(self) -> None:
        """End the parser's process; a later read starts another."""
        self._extract.close()


def _unavailable(error: WebError) -> PageUnavailable:
    is_of_host = isinstance(error, Unreachable) or error.status in _BUSY or error.retry_after_s is not None
    is_passing = is_of_host or error.status in _PASSING or (error.status or 0) >= 500
    return PageUnavailable(
        str(error), retry_after_s=error.retry_after_s, is_lasting=not is_passing, is_of_host=is_of_host
    )
