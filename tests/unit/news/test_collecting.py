"""The collector's parts, without the outside."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.news.articles import article
from application.news.outbox import Outbox
from application.news.page_lanes import AwaitedArticle, PageLanes
from application.news.source_state import NewsSource, SourceState
from application.ports.article_pages import PageText
from application.ports.event_log import LogUnavailable
from application.ports.news_feed import FeedEntry
from domain.event import Event
from domain.news.tags import Tags
from domain.values import Origin
from tests.telemetry import Remembered

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
SOURCE = NewsSource("Wire", "https://wire.example/feed", Origin.LIVE)
TAGS = Tags(())


def entry(**fields: object) -> FeedEntry:
    facts = {
        "guid": "g",
        "url": "https://wire.example/a",
        "title": "Bitcoin",
        "summary": "short",
        "content": "",
        "authors": (),
        "published_at": NOW,
    }
    return FeedEntry(**facts | fields)  # type: ignore[arg-type] # facts of the right types


@pytest.mark.parametrize(
    ("content", "page", "by"),
    [
        ("", None, "feed-summary"),
        ("the feed's own text", None, "feed-content"),
        ("", "the page's text", "trafilatura"),
        ("the feed's own text", "the page's text", "trafilatura"),
        ("the feed's own text", "cookies?", "feed-content"),
    ],
)
def test_which_text_wins(content: str, page: str | None, by: str) -> None:
    text = PageText(text=page, extracted_by="trafilatura") if page else None
    made = article(SOURCE, entry(content=content), text, NOW, TAGS)
    assert made.extracted_by == by
    assert made.content == {"feed-summary": "short", "feed-content": content}.get(by, page)


@pytest.mark.parametrize(
    ("published_at", "believed"),
    [
        (NOW - timedelta(days=3), True),
        (NOW + timedelta(minutes=4), True),
        (NOW + timedelta(hours=2), False),
        (None, False),
    ],
)
def test_a_date_ahead_of_us_is_not_believed(published_at: datetime | None, believed: bool) -> None:
    made = article(SOURCE, entry(published_at=published_at), None, NOW, TAGS)
    assert made.published_at == (published_at if believed else None)
    assert made.occurred_at == (published_at if believed else NOW)
    assert made.recorded_at == made.scraped_at == NOW


def test_pauses_grow_and_end() -> None:
    state = SourceState(source=SOURCE, due=0)
    pauses = []
    for state.failures in range(1, 12):
        pauses.append(state.pause_s(300, None))
    assert pauses[:4] == [15, 30, 60, 120] and pauses[-1] == 1200
    assert state.pause_s(300, 5000) == 5000


@given(st.lists(st.lists(st.integers(0, 50), max_size=20), max_size=20))
def test_nothing_is_new_twice(polls: list[list[int]]) -> None:
    state = SourceState(source=SOURCE, due=0)
    new: list[str] = []
    for poll in polls:
        ids = [str(number) for number in poll]
        new += state.unseen(ids)
        state.remember(ids)
    assert len(new) == len(set(new)) == len({number for poll in polls for number in poll})


def test_memory_is_bounded_and_keeps_what_still_comes() -> None:
    state = SourceState(source=SOURCE, due=0)
    for number in range(5000):
        state.remember(["always", str(number)])
    assert state.unseen(["always", "4999", "0"]) == ["0"]
    assert len(state._seen) == 2000


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=60))
def test_a_host_is_asked_for_one_page_at_a_time(steps: list[tuple[int, bool]]) -> None:
    lanes, started = PageLanes(3), 0
    busy: list[str] = []
    for host, finish in steps:
        if finish and busy:
            lanes.finish(busy.pop())
        lanes.add(AwaitedArticle(SOURCE, entry(url=f"https://h{host}.example/a"), 0))
        for awaited in lanes.start(0):
            assert awaited.host not in busy
            busy.append(awaited.host)
            started += 1
        assert len(busy) <= 3
    while busy:
        lanes.finish(busy.pop())
        for awaited in lanes.start(0):
            busy.append(awaited.host)
            started += 1
    assert started == len(steps), "nobody waits for ever"


def test_a_host_that_asked_for_it_rests() -> None:
    lanes = PageLanes(3)
    for _ in range(2):
        lanes.add(AwaitedArticle(SOURCE, entry(), 0))
    (first,) = lanes.start(0)
    lanes.finish(first.host, rest_until=60)
    assert not list(lanes.start(59))
    assert len(list(lanes.start(61))) == 1


class Flaky:
    def __init__(self) -> None:
        self.up = threading.Event()
        self.events: list[Event] = []

    def append(self, events: Sequence[Event]) -> None:
        if not self.up.is_set():
            raise LogUnavailable("down")
        self.events += events


def test_the_outbox_keeps_what_the_log_does_not_take() -> None:
    event_log, telemetry = Flaky(), Remembered()
    outbox = Outbox(event_log, telemetry)  # type: ignore[arg-type] # it appends, and that is all that is asked of it
    articles = [article(SOURCE, entry(guid=str(n)), None, NOW, TAGS) for n in range(3)]
    outbox.add(articles[:2])
    assert not outbox.flush()
    outbox.add(articles[2:])
    event_log.up.set()
    assert not outbox.flush(), "not asked again at once"
    assert outbox.flush(at_last=True)
    assert event_log.events == articles and telemetry.counts["articles"] == 3
    assert outbox.flush()
