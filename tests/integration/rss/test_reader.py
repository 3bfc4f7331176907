import gzip
import threading
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from adapters.rss.reader import RssReader
from adapters.web.client import WebClient
from application.ports.news_feed import FeedUnavailable, Validators
from tests import real_data
from tests.servers.http import Exchange, HttpServer

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>
<item><title>A</title><guid isPermaLink="false">1</guid><link>/a</link></item></channel></rss>"""
RSS = "application/rss+xml"
NONE = Validators()
Pack = Callable[[bytes], bytes]


@pytest.fixture
def reader(web: WebClient) -> Iterator[RssReader]:
    reader = RssReader(web)
    yield reader
    reader.close()


def refusal(reader: RssReader, url: str) -> FeedUnavailable:
    with pytest.raises(FeedUnavailable) as error:
        reader.read(url, NONE, threading.Event())
    return error.value


def test_a_feed_and_its_validators(server: HttpServer, reader: RssReader, stop: threading.Event) -> None:
    date = "Fri, 25 Sep 2026 16:22:09 GMT"

    def conditional(exchange: Exchange) -> None:
        if exchange.headers["if-none-match"] == '"7"' and exchange.headers["if-modified-since"] == date:
            exchange.answer(304)
        else:
            exchange.answer(200, FEED.encode(), {"content-type": RSS, "etag": '"7"', "last-modified": date})

    server.routes["/feed"] = conditional
    first = reader.read(server.url("/feed"), NONE, stop)
    assert [entry.url for entry in first.entries] == [server.url("/a")]
    assert first.validators == Validators(etag='"7"', last_modified=date)
    again = reader.read(server.url("/feed"), first.validators, stop)
    assert again.not_modified and not again.entries and again.validators == first.validators


def test_links_are_relative_to_where_the_redirect_led(
    server: HttpServer, reader: RssReader, stop: threading.Event
) -> None:
    server.redirect("/feed", "/deeper/feed", status=301)
    server.serve("/deeper/feed", FEED.replace("<link>/a", "<link>a"), media_type="text/xml")
    assert reader.read(server.url("/feed"), NONE, stop).entries[0].url == server.url("/deeper/a")


def test_what_is_refused_and_why(server: HttpServer, reader: RssReader) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + FEED.partition("?>")[2]
    server.serve("/bomb", bomb, media_type=RSS)
    server.serve("/page", "<html><body>Are you human?</body></html>")
    server.serve("/picture", b"GIF89a", media_type="image/gif")
    server.serve("/huge", gzip.compress(bytes(20_000_000)), media_type=RSS, content_encoding="gzip")
    server.serve("/busy", "", status=429, retry_after="77")
    assert "entities" in str(refusal(reader, server.url("/bomb")))
    assert "not a feed" in str(refusal(reader, server.url("/page")))
    assert "where a feed was expected" in str(refusal(reader, server.url("/picture")))
    assert "too large" in str(refusal(reader, server.url("/huge")))
    assert "404" in str(refusal(reader, server.url("/nothing")))
    assert refusal(reader, server.url("/busy")).retry_after_s == 77


def test_without_permission_a_private_feed_is_refused(server: HttpServer) -> None:
    server.serve("/feed", FEED, media_type=RSS)
    assert "ALLOW_PRIVATE_HOSTS" in str(refusal(RssReader(WebClient()), server.url("/feed")))
    assert not server.requests


@real_data.real_data("news/feeds_hostile")
def test_hostile_documents_end_in_entries_or_words(
    server: HttpServer, reader: RssReader, stop: threading.Event
) -> None:
    for number, path in enumerate(sorted(real_data.path("news/feeds_hostile").rglob("*.xml"))):
        server.serve(f"/{number}", path.read_bytes(), media_type="application/xml")
        try:
            reader.read(server.url(f"/{number}"), NONE, stop)
        except FeedUnavailable as error:
            assert "not a feed" in str(error) or "entities" in str(error), path.name


def twice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body))


def test_the_content_goes_before_its_headers(server: HttpServer, reader: RssReader, stop: threading.Event) -> None:
    encodings = ["aws-chunked", "none", "utf-8", "identity", "gzip", "br", "gzip, aws-chunked", ""]
    media_types = ["binary/octet-stream", "application/json", "text/css", "image/png", "nonsense", ""]
    packed: list[Pack] = [bytes, gzip.compress, twice]
    for encoding, media_type, pack in product(encodings, media_types, packed):
        server.serve("/feed", pack(FEED.encode()), media_type=media_type, content_encoding=encoding)
        assert [entry.guid for entry in reader.read(server.url("/feed"), NONE, stop).entries] == ["1"]


def test_validators_of_a_304_are_taken_over(server: HttpServer, reader: RssReader, stop: threading.Event) -> None:
    server.serve("/feed", "", status=304, etag='"9"')
    shown = Validators(etag='"8"', last_modified="Fri, 25 Sep 2026 16:22:09 GMT")
    answer = reader.read(server.url("/feed"), shown, stop)
    assert answer.not_modified and answer.validators == Validators(etag='"9"', last_modified=shown.last_modified)
    assert "304" in str(refusal(reader, server.url("/feed")))
