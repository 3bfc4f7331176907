"""The collector's parts, without the outside."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.news.articles import article, next_version
from application.news.known_articles import Guids, KnownArticle, KnownArticles, known_article
from application.news.outbox import Outbox
from application.news.page_lanes import COMPLETED_WITHIN_S, AwaitedArticle, Outcome, PageLanes
from application.news.relevance import is_about
from application.news.source_state import NewsSource, SourceState
from application.ports.article_pages import PageText
from application.ports.event_log import LogUnavailable
from application.ports.news_feed import FeedEntry, Validators
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


def known(guid: str = "g", **fields: object) -> KnownArticle:
    made = entry(guid=guid, **fields)
    found = known_article(made, NOW)
    found.published(article(SOURCE, made, None, NOW, TAGS))
    return found


def test_a_whole_feed_is_asked_for_once_a_day() -> None:
    state = SourceState(source=SOURCE, due=0)
    shown = Validators(etag='"1"')
    state.answered(0, 300, shown, is_whole=True)
    for hour in range(24):
        assert state.conditions(hour * 3600) == shown
        state.answered(hour * 3600, 300, shown, is_whole=False)
    assert state.conditions(86_400) == Validators()


def test_memory_is_bounded_and_keeps_what_still_comes() -> None:
    articles, one = KnownArticles(), known()
    for number in range(5000):
        for guid in ("always", str(number)):
            articles.put(guid, one)
    assert articles.get("always") and articles.get("4999") and articles.get("0") is None
    assert len(articles) == 2000


TITLES, LINKS = st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "https://x.example/1", "https://x.example/2"])
ENTRIES = st.lists(
    st.builds(
        lambda guid, title, link: entry(guid=guid, title=title, url=link), st.sampled_from(["g", "h"]), TITLES, LINKS
    ),
    max_size=8,
)


@given(st.lists(ENTRIES, max_size=5))
def test_entries_of_an_answer_are_one_only_if_guid_title_and_link_are(answers: list[list[FeedEntry]]) -> None:
    guids = Guids()
    for answer in answers:
        own = guids.own(answer)
        assert len({one.guid for one in own}) == len(own) == len({(one.guid, one.title, one.url) for one in answer})
        assert {one.guid for one in guids.own(list(reversed(answer)))} == {one.guid for one in own}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=12, unique_by=lambda pair: pair[0]))
def test_articles_with_changing_guids_are_found_by_their_words(stories: list[tuple[int, int]]) -> None:
    """Stories with a number; several may have the same words."""
    articles, fetch, seen = KnownArticles(), 0, set()
    for fetch in range(3):
        answer = [entry(guid=f"{number}-{fetch}", title=f"story {words}") for number, words in stories]
        for one, same in zip(answer, articles.matched(answer, NOW), strict=True):
            assert (same is None) == (fetch == 0)
            articles.put(one.guid, same or known(one.guid, title=one.title))
            seen.add(id(articles.get(one.guid)))
        assert len(seen) == len(stories)


@pytest.mark.parametrize(
    ("later", "is_same"),
    [
        ({}, True),
        ({"url": "https://wire.example/b"}, True),
        ({"summary": "other words"}, True),  # under the same title and link
        ({"summary": "other words", "url": "https://wire.example/b"}, False),
        ({"title": "Ether"}, False),
        ({"published_at": NOW + timedelta(hours=23)}, True),
        ({"published_at": NOW + timedelta(hours=24)}, False),
        ({"published_at": None}, True),
    ],
)
def test_what_makes_another_article_under_another_guid(later: dict[str, object], is_same: bool) -> None:
    articles = KnownArticles()
    articles.put("g", known())
    (same,) = articles.matched([entry(guid="other", **later)], NOW + timedelta(hours=3))
    assert (same is not None) == is_same
    shown = articles.matched([entry(guid="g"), entry(guid="other", **later)], NOW)
    assert shown[1] is None, "it is shown beside the one that it resembles"


def test_versions_become_rarer() -> None:
    one, now, versions = known(), NOW, 0
    for minute in range(24 * 60):
        now = NOW + timedelta(minutes=minute)
        changed = entry(summary=f"{minute} comments")
        assert one.differs_from(changed) or minute == 0
        if one.may_be_revised(now):
            one.take(changed, now)
            one.published(next_version(SOURCE, changed, None, now, one, TAGS, is_completed=False))
            versions += 1
    assert 20 < versions < 35 and one.revision == versions + 1
    one.take(changed, now)
    assert not one.differs_from(entry(summary=f"  {changed.summary}\n", url="https://moved.example/"))


@pytest.mark.parametrize(
    ("title", "text", "is_about_it"),
    [
        ("Ether slides as traders sell", "Ether fell on Monday as traders sold the token after a week of gains.", True),
        (
            "Ether slides as traders sell",
            "We value your privacy. We and our partners store cookies to show content. Accept?",
            False,
        ),
        (
            "Ether slides as traders sell",
            "Please enable JavaScript in your browser and sign in to continue with the news.",
            False,
        ),
        ("SEC sues", "The SEC filed a lawsuit. " * 20, True),
        ("SEC sues", "Cookies help us to offer services. " * 20, False),
        ("比特币价格上涨", "周一比特币的价格突破十万美元。", True),
        ("比特币价格上涨", "我们使用饼干来改善您的体验，请接受。", False),
        ("Биткойн растёт после решения", "В понедельник биткойн растёт: рынок ждал решения регулятора.", True),
        ("", "anything", True),
    ],
)
def test_what_a_page_must_share_with_its_entry(title: str, text: str, is_about_it: bool) -> None:
    assert is_about(text, title, "") == is_about_it


def waiting(host: int, now: float = 0.0) -> AwaitedArticle:
    made = entry(url=f"https://h{host}.example/{now}")
    known = known_article(made, NOW)
    return AwaitedArticle(source=SOURCE, entry=made, known=known, deadline=now + 10, until=now + COMPLETED_WITHIN_S)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=60))
def test_a_host_is_asked_for_one_page_at_a_time(steps: list[tuple[int, bool]]) -> None:
    lanes, started = PageLanes(3), 0
    busy: list[AwaitedArticle] = []
    for host, finish in steps:
        if finish and busy:
            lanes.finish(busy.pop(), Outcome.DONE, 0)
        lanes.add(waiting(host))
        for awaited in lanes.start(0):
            assert awaited.host not in [one.host for one in busy]
            busy.append(awaited)
            started += 1
        assert len(busy) <= 3
    while busy:
        lanes.finish(busy.pop(), Outcome.DONE, 0)
        for awaited in lanes.start(0):
            busy.append(awaited)
            started += 1
    assert started == len(steps), "nobody waits for ever"


def test_a_host_that_asked_for_it_rests() -> None:
    lanes = PageLanes(3)
    for _ in range(2):
        lanes.add(waiting(1))
    (first,) = lanes.start(0)
    lanes.finish(first, Outcome.HOST_TROUBLE, 0, retry_after_s=60)
    assert not list(lanes.start(59))
    assert len(list(lanes.start(61))) == 1


def test_a_page_that_is_late_is_asked_for_until_its_time_is_over() -> None:
    lanes, late, now = PageLanes(3), waiting(1), 0.0
    lanes.add(late)
    late.is_published = True
    asked: list[float] = []
    while now < COMPLETED_WITHIN_S + 1_000:
        for awaited in lanes.start(now):
            asked.append(now)
            lanes.finish(awaited, Outcome.PAGE_TROUBLE, now)
        now += 5
    assert asked[:3] == [0, 30, 90] and 8 <= len(asked) <= 12 and asked[-1] < COMPLETED_WITHIN_S
    other = waiting(1, now)
    lanes.add(other)
    other.known.turn += 1
    assert not list(lanes.start(now)), "a later version of the article is awaited"


TROUBLE = st.sampled_from([Outcome.HOST_TROUBLE, Outcome.PAGE_TROUBLE, Outcome.DONE])


@settings(max_examples=100)
@given(
    failing=st.lists(st.lists(st.tuples(TROUBLE, st.sampled_from([0.5, 9.0, 30.0])), min_size=1), max_size=40),
    arrivals=st.lists(st.floats(0, 600), min_size=1, max_size=30),
)
def test_a_healthy_host_never_waits_for_others(
    failing: list[list[tuple[Outcome, float]]], arrivals: list[float]
) -> None:
    """With a clock of its own: each failing host takes its time for each request, the healthy one answers at once."""
    lanes, now = PageLanes(64), 0.0
    ends: list[tuple[float, AwaitedArticle, Outcome]] = []
    turns = [0] * len(failing)
    for host, _ in enumerate(failing):
        for _ in range(3):
            lanes.add(waiting(host + 1))
    for arrival in sorted(arrivals):
        now = arrival
        for end in [one for one in ends if one[0] <= now]:
            ends.remove(end)
            lanes.finish(end[1], end[2], end[0])
        healthy = waiting(0, now)
        lanes.add(healthy)
        started = list(lanes.start(now))
        assert healthy in started
        for awaited in started:
            host = int(awaited.host[1 : awaited.host.index(".")]) - 1
            if host < 0:
                lanes.finish(awaited, Outcome.DONE, now)
            else:
                outcome, takes_s = failing[host][turns[host] % len(failing[host])]
                turns[host] += 1
                ends.append((now + takes_s, awaited, outcome))


@settings(max_examples=100)
@given(
    outcomes=st.lists(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 5.0, 10.0])), min_size=1), max_size=12),
    interval_s=st.sampled_from([10.0, 60.0, 300.0]),
)
def test_a_healthy_feed_is_never_later_than_its_interval(
    outcomes: list[list[tuple[bool, float]]], interval_s: float
) -> None:
    """With a clock of its own: failing feeds take their time, and each has its own next try."""
    healthy = SourceState(source=SOURCE, due=0)
    others = [SourceState(source=SOURCE, due=0) for _ in outcomes]
    ends: dict[int, tuple[float, bool]] = {}
    turns, polled, tick = [0] * len(others), [0.0], interval_s / 100
    for step in range(int(3 * interval_s / tick)):
        now = step * tick
        for number, (at, fine) in list(ends.items()):
            if at <= now:
                del ends[number]
                if fine:
                    others[number].answered(now, interval_s, Validators(), is_whole=True)
                else:
                    pause_s = others[number].failed(now, interval_s, None)
                    assert pause_s <= 4 * interval_s
        for number, state in enumerate(others):
            if state.starts(now):
                fine, takes_s = outcomes[number][turns[number] % len(outcomes[number])]
                turns[number] += 1
                ends[number] = (now + takes_s, fine)
        if healthy.starts(now):
            assert now - polled[-1] <= interval_s + tick
            polled.append(now)
            healthy.answered(now, interval_s, Validators(), is_whole=True)
    assert len(polled) >= 3


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
