import contextlib
import threading
from collections.abc import Iterator

import pytest

from adapters.web.client import WebClient
from adapters.web.pages import WebPageReader
from application.ports.article_pages import PageUnavailable
from tests.servers.http import HttpServer

STORY = "<p>" + "Bitcoin rose as traders returned to the market after a quiet week of trading. " * 6 + "</p>"
PAGE = f"<html><body><nav>Home</nav><article><h1>Head</h1>{STORY}</article></body></html>"


@pytest.fixture
def pages(web: WebClient) -> Iterator[WebPageReader]:
    reader = WebPageReader(web)
    yield reader
    reader.close()


def test_the_article_of_a_page(server: HttpServer, pages: WebPageReader, stop: threading.Event) -> None:
    server.serve("/a", PAGE)
    found = pages.read(server.url("/a"), stop)
    assert found.extracted_by == "trafilatura" and "Bitcoin rose" in found.text


def test_robots_are_asked_once_a_host_and_obeyed(
    server: HttpServer, pages: WebPageReader, stop: threading.Event
) -> None:
    server.serve("/robots.txt", "User-agent: CryptoViz\nDisallow: /closed/", media_type="text/plain")
    server.serve("/open/a", PAGE)
    server.serve("/closed/a", PAGE)
    pages.read(server.url("/open/a"), stop)
    with pytest.raises(PageUnavailable, match=r"robots\.txt"):
        pages.read(server.url("/closed/a"), stop)
    assert len(server.asked("/robots.txt")) == 1 and not server.asked("/closed/a")


def test_a_host_in_trouble_is_left_alone(server: HttpServer, pages: WebPageReader, stop: threading.Event) -> None:
    server.serve("/robots.txt", "", status=503, retry_after="30")
    server.serve("/a", PAGE)
    with pytest.raises(PageUnavailable, match="503") as error:
        pages.read(server.url("/a"), stop)
    assert error.value.retry_after_s == 30
    assert not server.asked("/a")


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        ("", "text/html", "no article"),
        ("{}", "application/json", "expected"),
        ("x" * 5_000_001, "text/html", "too large"),
    ],
)
def test_pages_without_an_article(
    server: HttpServer, pages: WebPageReader, stop: threading.Event, body: str, media_type: str, reason: str
) -> None:
    server.serve("/a", body, media_type=media_type)
    with pytest.raises(PageUnavailable, match=reason):
        pages.read(server.url("/a"), stop)


@pytest.mark.slow
def test_a_page_that_would_take_minutes_is_given_up_and_the_next_is_read(
    server: HttpServer, pages: WebPageReader, stop: threading.Event
) -> None:
    server.serve("/attributes", "<div " + " ".join(f"a{n}=1" for n in range(300_000)) + ">")
    server.serve("/a", PAGE)
    with pytest.raises(PageUnavailable, match="not parsed within 5 s"):
        pages.read(server.url("/attributes"), stop)
    assert "Bitcoin rose" in pages.read(server.url("/a"), stop).text


def test_deep_nesting_crashes_nothing(server: HttpServer, pages: WebPageReader, stop: threading.Event) -> None:
    server.serve("/deep", "<div>" * 100_000 + "text")
    server.serve("/a", PAGE)
    with contextlib.suppress(PageUnavailable):  # what matters is what comes after it
        pages.read(server.url("/deep"), stop)
    assert "Bitcoin rose" in pages.read(server.url("/a"), stop).text


def test_an_address_that_is_none(pages: WebPageReader, stop: threading.Event) -> None:
    for url in ("", "http://[x", "javascript:alert(1)"):
        with pytest.raises(PageUnavailable):
            pages.read(url, stop)
