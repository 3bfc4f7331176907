"""The collector with its real adapters, against a server that misbehaves."""

import threading
import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from adapters.memory.event_log import MemoryEventLog
from adapters.metrics.prometheus import PrometheusTelemetry
from adapters.rss.reader import RssReader
from adapters.system.clock import SystemClock
from adapters.web.client import WebClient
from adapters.web.pages import WebPageReader
from application.news.collect import NewsCollector, NewsSource
from application.ports.event_log import BEGINNING, Recorded
from application.ports.news_reads import ScoredArticle
from application.ports.page import Page, Window
from application.topics import TOPICS
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.news.article import ArticleCompleted, ArticlePublished, ArticleRevised
from domain.news.source import NewsSourceFailed, NewsSourcePolled, NewsSourceRecovered
from domain.values import Origin
from entrypoints.outside import tags_for
from tests.builders import article
from tests.facts import BTC, ETH
from tests.servers.http import Exchange, HttpServer
from tests.waiting import until

STORY = "<p>" + "Bitcoin rose as traders returned to the market after a quiet week of trading. " * 6 + "</p>"
PAGE = f"<html><body><article><h1>Head</h1>{STORY}</article></body></html>"


class Stored:
    """A store that has some articles already."""

    def __init__(self) -> None:
        self.articles_: list[ArticlePublished] = []

    def recorded(self, tag: str, start: datetime, end: datetime) -> list[datetime]:
        return []

    def latest(self, event_ids: Collection[str]) -> dict[str, ArticlePublished]:
        return {one.first_event_id: one for one in self.articles_ if one.first_event_id in event_ids}

    def since(self, source: str, start: datetime) -> list[ArticlePublished]:
        last = {one.first_event_id: one for one in self.articles_ if one.source == source}
        return [one for one in last.values() if one.recorded_at >= start]

    def article(self, article_id: str, *, as_of: datetime | None = None) -> ScoredArticle | None:
        return None

    def articles(
        self, window: Window, *, tag: str | None = None, source: str | None = None, text: str | None = None
    ) -> Page[ScoredArticle]:
        return Page([])


class World:
    """A collector that runs, and what it has appended."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.log = MemoryEventLog()
        self.stored = Stored()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(
        self,
        *paths: str,
        interval_s: float = 0.3,
        page_wait_s: float = 10,
        origin: Origin = Origin.LIVE,
        seconds: float = 5,
    ) -> None:
        web = WebClient(allow_private_hosts=[self.server.address], seconds=seconds)
        self._stop.clear()
        collector = NewsCollector(
            [NewsSource(path.strip("/"), self.server.url(path), origin) for path in paths],
            RssReader(web), WebPageReader(web), self.log, self.stored, SystemClock(), PrometheusTelemetry(),
            interval_s=interval_s, page_wait_s=page_wait_s, tags=lambda: tags_for((BTC, ETH)),
        )  # fmt: skip
        self._thread = threading.Thread(target=collector.run, args=[self._stop], name="collector")
        self._thread.start()

    def stop(self) -> float:
        """Stops it; says how many seconds that took."""
        began = time.monotonic()
        self._stop.set()
        if self._thread:
            self._thread.join(20)
            assert not self._thread.is_alive()
            self._thread = None
        return time.monotonic() - began

    def events(self, kind: type[Event] = Event) -> list[Event]:
        with self.log.reader(TOPICS, after=BEGINNING) as reader:
            records = reader.read(limit=10_000, timeout_s=0)
        return [record.event for record in records if isinstance(record, Recorded) and isinstance(record.event, kind)]

    def articles(self) -> list[ArticlePublished]:
        return [event for event in self.events() if isinstance(event, ArticlePublished)]

    def feed(self, path: str, *items: str) -> None:
        body = f'<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'
        self.server.serve(path, body, media_type="application/rss+xml")


def item(number: int, link: str = "") -> str:
    tags = f"<link>{link}</link>" if link else ""
    return (
        f'<item><title>Bitcoin {number}</title><guid isPermaLink="false">g{number}</guid>{tags}'
        f"<description>summary {number}</description><pubDate>Fri, 25 Sep 2026 14:41:53 +0000</pubDate></item>"
    )


@pytest.fixture
def world(server: HttpServer) -> Iterator[World]:
    before = set(threading.enumerate())
    world = World(server)
    yield world
    world.stop()
    assert until(lambda: not [t for t in set(threading.enumerate()) - before if t.name.startswith("news-")])


def test_an_article_is_published_once_with_its_pages_text(world: World) -> None:
    world.server.serve("/page", PAGE)
    world.feed("/Wire", item(1, "/page"))
    world.start("/Wire", origin=Origin.SIMULATED)
    assert until(world.articles)
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 4)
    world.stop()
    (found,) = world.articles()
    assert found.event_id == "Wire:g1" and found.title == "Bitcoin 1" and found.summary == "summary 1"
    assert "Bitcoin rose" in found.content and found.extracted_by == "trafilatura"
    assert found.tags == ("BTC",) and found.origin is Origin.SIMULATED
    assert found.occurred_at == found.published_at == datetime(2026, 9, 25, 14, 41, 53, tzinfo=UTC)
    assert found.recorded_at > found.occurred_at
    polls = [event for event in world.events() if isinstance(event, NewsSourcePolled)]
    assert (polls[0].entries, polls[0].new) == (1, 1) and all(poll.new == 0 for poll in polls[1:])
    assert len(world.server.asked("/page")) == 1


def test_what_is_stored_already_is_not_published_again(world: World) -> None:
    world.stored.articles_ = [article("g1", source="Wire", title="Bitcoin 1", summary="summary 1")]
    world.feed("/Wire", item(1), item(2))
    world.start("/Wire")
    assert until(world.articles)
    world.stop()
    assert [article.guid for article in world.articles()] == ["g2"]


def test_a_feed_that_says_not_modified_is_healthy(world: World) -> None:
    def conditional(exchange: Exchange) -> None:
        if exchange.headers["if-none-match"] == '"1"':
            exchange.answer(304)
        else:
            body = f"<rss version='2.0'><channel>{item(1)}</channel></rss>"
            exchange.answer(200, body.encode(), {"content-type": "text/xml", "etag": '"1"'})

    world.server.routes["/Wire"] = conditional
    world.start("/Wire")
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 3)
    assert len(world.articles()) == 1 and not world.events(NewsSourceFailed)


def test_one_failing_source_stops_nobody(world: World) -> None:
    world.server.routes["/Drip"] = lambda exchange: exchange.drip()
    world.server.serve("/Gone", "", status=404)
    world.feed("/Wire", item(1))
    world.start("/Drip", "/Gone", "/Wire")
    assert until(lambda: world.articles() and world.events(NewsSourceFailed), seconds=4)
    (found,) = world.articles()
    assert found.source == "Wire" and found.extracted_by == "feed-summary"
    failure = world.events(NewsSourceFailed)[0]
    assert isinstance(failure, NewsSourceFailed) and failure.source == "Gone"
    assert "404" in failure.reason and failure.next_try_at and failure.next_try_at > failure.recorded_at


def test_a_source_that_comes_back_says_so(world: World) -> None:
    world.server.serve("/Wire", "", status=500)
    world.start("/Wire", interval_s=0.2)
    assert until(lambda: len(world.events(NewsSourceFailed)) >= 2)
    world.feed("/Wire", item(1))
    assert until(world.articles)
    kinds = [type(event) for event in world.events()]
    back = kinds.index(NewsSourceRecovered)
    assert set(kinds[:back]) == {NewsSourceFailed} and kinds[back + 1] is NewsSourcePolled
    assert kinds.count(NewsSourceRecovered) == 1


def test_a_server_that_asks_to_be_left_alone_is(world: World) -> None:
    world.server.serve("/Wire", "", status=429, retry_after="3600")
    world.feed("/Other", item(1))
    world.start("/Wire", "/Other", interval_s=0.1)
    assert until(lambda: len(world.server.asked("/Other")) >= 8)
    assert len(world.server.asked("/Wire")) == 1
    (failure,) = world.events(NewsSourceFailed)
    assert isinstance(failure, NewsSourceFailed) and failure.next_try_at
    assert (failure.next_try_at - failure.recorded_at).total_seconds() == 3600


def test_one_request_at_a_time_a_host(world: World) -> None:
    def slow(exchange: Exchange) -> None:
        world.server.stopping.wait(0.1)
        exchange.answer(200, PAGE.encode(), {"content-type": "text/html"})

    for number in range(6):
        world.server.routes[f"/p{number}"] = slow
    world.feed("/Wire", *(item(n, f"/p{n}") for n in range(6)))
    world.start("/Wire", interval_s=30)
    assert until(lambda: len(world.articles()) == 6)
    pages = [request for request in world.server.requests if request.path != "/Wire"]
    for earlier, later in pairwise(pages):
        assert earlier.ended is not None and earlier.ended <= later.began + 0.05
    assert {article.extracted_by for article in world.articles()} == {"trafilatura"}


def test_a_page_that_does_not_come_delays_its_article_no_longer_than_agreed(world: World) -> None:
    world.server.routes["/slow"] = lambda exchange: exchange.drip()
    world.feed("/Wire", item(1, "/slow"), item(2, "/never-reached"), item(3, "/nor-that"))
    began = time.monotonic()
    world.start("/Wire", interval_s=30, page_wait_s=1)
    assert until(lambda: len(world.articles()) == 3)
    assert time.monotonic() - began < 4
    assert {article.content for article in world.articles()} == {"summary 1", "summary 2", "summary 3"}
    assert not world.server.asked("/never-reached")


def test_links_that_cannot_be_fetched_still_yield_their_articles(world: World) -> None:
    world.feed("/Wire", item(1, "/missing"), item(2, "http://127.0.0.1:1/private"), item(3, "javascript:alert(1)"))
    world.start("/Wire", interval_s=30)
    assert until(lambda: len(world.articles()) == 3)
    assert {article.extracted_by for article in world.articles()} == {"feed-summary"}
    assert {article.guid: article.url for article in world.articles()}["g3"] == ""


def test_an_entry_without_identity_is_a_dead_letter_once(world: World) -> None:
    world.feed("/Wire", "<item><title>nobody</title></item>", item(1))
    world.start("/Wire", interval_s=0.1)
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 4)
    world.stop()
    (letter,) = world.events(DeadLettered)
    assert isinstance(letter, DeadLettered)
    assert (letter.kind, letter.place) == ("news-entry", "Wire") and b"nobody" in letter.raw
    assert len(world.articles()) == 1


def test_stopping_is_prompt_and_loses_nothing(world: World) -> None:
    world.server.routes["/Drip"] = lambda exchange: exchange.drip()
    world.server.routes["/slow"] = lambda exchange: exchange.drip()
    world.feed("/Wire", item(1, "/slow"), item(2, "/slow2"))
    world.start("/Wire", "/Drip", interval_s=30)
    assert until(lambda: world.server.asked("/slow") and world.server.asked("/Drip"))
    assert world.stop() < 3
    assert {article.guid for article in world.articles()} == {"g1", "g2"}


def test_it_can_be_run_again(world: World) -> None:
    world.feed("/Wire", item(1))
    world.start("/Wire")
    assert until(world.articles)
    world.stop()
    world.stored.articles_ = world.articles()
    world.feed("/Wire", item(2), item(1))
    world.start("/Wire")
    assert until(lambda: len(world.articles()) == 2)


def entry(guid: str, title: str, text: str, link: str = "") -> str:
    address = f"<link>{link}</link>" if link else ""
    return f'<item><title>{title}</title><guid isPermaLink="false">{guid}</guid>{address}<description>{text}</description></item>'


def test_entries_of_one_guid_or_link_are_articles_of_their_own_in_every_answer(world: World) -> None:
    shared = [entry("same", f"Story {n}", f"text {n}", f"/s/{n}") for n in range(3)]
    linked = [
        f"<item><title>Outage {n}</title><link>/status</link><description>text</description></item>" for n in range(3)
    ]
    world.feed("/Wire", *shared, *linked)
    world.start("/Wire", interval_s=0.2)
    assert until(lambda: len(world.articles()) == 6)
    world.feed("/Wire", *reversed(linked), shared[1], entry("same", "Story 9", "text 9", "/s/9"))
    assert until(lambda: len(world.articles()) == 7)
    polled = len(world.events(NewsSourcePolled))
    assert until(lambda: len(world.events(NewsSourcePolled)) >= polled + 2)
    world.stop()
    assert sorted(one.title for one in world.articles()) == [f"Outage {n}" for n in range(3)] + [
        f"Story {n}" for n in (0, 1, 2, 9)
    ]
    assert len({one.event_id for one in world.articles()}) == 7


def test_an_article_whose_guid_and_link_change_at_each_fetch_is_one(world: World) -> None:
    def changing(exchange: Exchange) -> None:
        tag = f"{len(world.server.requests)}-{time.monotonic_ns()}"
        items = "".join(entry(f"g{n}-{tag}", f"Story {n}", f"text {n}", f"/s/{n}?at={tag}") for n in range(3))
        body = f"<rss version='2.0'><channel>{items}</channel></rss>"
        exchange.answer(200, body.encode(), {"content-type": "text/xml"})

    world.server.routes["/Wire"] = changing
    world.start("/Wire", interval_s=0.1)
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 4)
    world.stop()
    world.stored.articles_ = world.articles()
    world.start("/Wire", interval_s=0.1)
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 6)
    world.stop()
    assert sorted(one.title for one in world.articles()) == ["Story 0", "Story 1", "Story 2"]


def test_an_entry_published_again_with_other_words_is_a_version_of_its_article(world: World) -> None:
    world.feed("/Wire", entry("g", "Bitcoin falls", "It fell by 5 %", "/old"), entry("h", "Other", "text"))
    world.start("/Wire", interval_s=0.2)
    assert until(lambda: len(world.articles()) == 2)
    first = next(one for one in world.articles() if one.guid == "g")
    world.feed(
        "/Wire",
        entry("g", "Bitcoin falls", "Correction: it fell by 0.5 %", "/new"),
        entry("h", "Other", "text", "/moved"),
    )
    assert until(lambda: world.events(ArticleRevised))
    world.stop()
    (revised,) = world.events(ArticleRevised)
    assert isinstance(revised, ArticleRevised) and type(revised) is ArticleRevised
    assert (revised.first_id, revised.revision, revised.first_recorded_at) == (first.article_id, 2, first.recorded_at)
    assert revised.summary == "Correction: it fell by 0.5 %" and revised.url.endswith("/new")
    assert revised.occurred_at == first.occurred_at and revised.event_id != first.event_id
    world.stored.articles_ = world.articles()
    world.start("/Wire", interval_s=0.1)
    polled = len(world.events(NewsSourcePolled))
    assert until(lambda: len(world.events(NewsSourcePolled)) >= polled + 3)
    assert len(world.events(ArticlePublished)) == 3, "nothing is published again after a restart"


def test_an_article_is_completed_when_its_slow_page_comes(world: World) -> None:
    gate = threading.Event()

    def slow(exchange: Exchange) -> None:
        gate.wait(10)
        exchange.answer(200, PAGE.encode(), {"content-type": "text/html"})

    world.server.routes["/slow"] = slow
    world.feed("/Wire", item(1, "/slow"))
    world.start("/Wire", interval_s=30, page_wait_s=0.3)
    assert until(world.articles)
    gate.set()
    assert until(lambda: world.events(ArticleCompleted))
    first, completed = world.articles()
    assert first.extracted_by == "feed-summary" and isinstance(completed, ArticleCompleted)
    assert "Bitcoin rose" in completed.content and completed.extracted_by == "trafilatura"
    assert (completed.first_id, completed.title) == (first.article_id, first.title)
    assert (completed.occurred_at, completed.first_recorded_at) == (first.occurred_at, first.recorded_at)


def test_an_article_is_completed_after_a_restart(world: World) -> None:
    world.server.serve("/down", "", status=503)
    world.feed("/Wire", item(1, "/down"))
    world.start("/Wire", interval_s=30)
    assert until(world.articles)
    world.stop()
    world.stored.articles_ = world.articles()
    world.server.serve("/down", PAGE)
    world.start("/Wire", interval_s=30)
    assert until(lambda: world.events(ArticleCompleted))
    world.stop()
    world.stored.articles_ = world.articles()
    asked = len(world.server.asked("/down"))
    world.start("/Wire", interval_s=0.1)
    assert until(lambda: len(world.events(NewsSourcePolled)) >= 5)
    assert len(world.events(ArticleCompleted)) == 1 and len(world.server.asked("/down")) == asked


def test_no_feed_waits_for_others_that_hang(world: World) -> None:
    hanging = [f"/Drip{number}" for number in range(12)]
    for path in hanging:
        world.server.routes[path] = lambda exchange: exchange.drip()
    world.feed("/Wire", item(1))
    world.start(*hanging, "/Wire", interval_s=0.2, seconds=120)
    assert until(lambda: len(world.server.asked("/Wire")) >= 4)
    assert not world.events(NewsSourceFailed) and len(world.articles()) == 1


def test_a_notice_in_the_articles_place_is_not_taken(world: World) -> None:
    notice = "We and our partners store cookies on your device to personalise advertising. Accept all, or manage. " * 6
    world.server.serve("/a", f"<html><body><article><p>{notice}</p></article></body></html>")
    world.feed("/Wire", entry("g", "Ether slides below support", "Traders sold the token on Monday", "/a"))
    world.start("/Wire", interval_s=30)
    assert until(world.articles)
    (found,) = world.articles()
    assert (found.extracted_by, found.content) == ("feed-summary", "Traders sold the token on Monday")
