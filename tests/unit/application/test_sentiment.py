"""Articles of the log get scores, once for each version of a model."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.sql.news_reads import SqlNewsReads
from adapters.sql.sentiment_reads import SqlSentimentReads
from application.analytics.sentiment import SentimentScoring, scores_of
from application.ports.event_log import BEGINNING, Recorded
from application.ports.page import Window
from application.ports.sentiment_model import ModelVersion, SentimentModel, Verdict
from application.topics import ANALYTICS_EVENTS
from domain.analytics.sentiment import SentimentScored
from domain.event import Event
from domain.market.candle import Interval
from domain.news.article import ArticlePublished
from domain.values import Origin
from tests.builders import SCORER, article, at, ticker
from tests.unit.application.conftest import World
from tests.waiting import until


class ByLength:
    """The longer the better."""

    def __init__(self, identity: ModelVersion = SCORER) -> None:
        self.identity = identity
        self.read: list[tuple[str, str]] = []

    def score(self, title: str, text: str) -> Verdict:
        self.read.append((title, text))
        return Verdict(Decimal(min(len(title), 100)) / 100, "positive")


def _scoring(world: World, model: SentimentModel | None = None) -> SentimentScoring:
    return SentimentScoring(world.event_log, world.store, model or ByLength(), world.failed, world.clock)


def _scores(world: World) -> list[SentimentScored]:
    with world.event_log.reader([ANALYTICS_EVENTS], after=BEGINNING) as reader:
        records = reader.read(limit=10_000, timeout_s=0)
    events: list[Event] = [record.event for record in records if isinstance(record, Recorded)]
    return [event for event in events if isinstance(event, SentimentScored)]


def test_a_score_is_recorded_when_it_was_made() -> None:
    published = article("1", occurred_at=at(-50), recorded_at=at(7), origin=Origin.BACKFILL, title="12345")
    assert scores_of([published], ByLength(), at(9)) == [
        SentimentScored(
            article_event_id=published.event_id, model="vader", model_version=SCORER.version, score=Decimal("0.05"),
            label="positive", occurred_at=at(-50), recorded_at=at(9), article_recorded_at=at(7), origin=Origin.BACKFILL,
        )
    ]  # fmt: skip


def test_an_article_is_read_by_its_content_or_else_the_feeds_summary() -> None:
    model = ByLength()
    scores_of([article("1", content="C", summary="S"), article("2", content="", summary="S", title="")], model, at())
    assert model.read == [("Bitcoin rises", "C"), ("", "S")]


def test_each_article_is_scored_once_and_after_a_restart_those_that_came_meanwhile(world: World) -> None:
    world.event_log.append([article("1"), ticker(), article("2")])
    assert _scoring(world).catch_up() == 2
    world.event_log.append([article("3"), ticker()])
    assert _scoring(world).catch_up() == 1
    assert _scoring(world).catch_up() == 0
    assert [score.article_event_id for score in _scores(world)] == ["CoinDesk:1", "CoinDesk:2", "CoinDesk:3"]


def test_another_version_scores_all_again(world: World) -> None:
    world.event_log.append([article("1"), article("2")])
    _scoring(world).catch_up()
    assert _scoring(world, ByLength(ModelVersion("vader", "3"))).catch_up() == 2
    assert _scoring(world).catch_up() == 0
    ids = [score.event_id for score in _scores(world)]
    assert len(set(ids)) == len(ids) == 4


def test_a_later_version_changes_no_answer_about_the_past(world: World) -> None:
    """A session, and the same log once more with a later version of the model a day after: all questions about then."""
    published = [
        article(str(n), title="x" * (n % 7 + 1), occurred_at=at(60 * n - 30), recorded_at=at(60 * n)) for n in range(8)
    ]
    for one in published:
        world.clock.advance(one.recorded_at + timedelta(seconds=2) - world.clock.now())
        world.event_log.append([one])
        _scoring(world).catch_up()
    world.projection.catch_up()

    def answers() -> list[Any]:
        found: list[Any] = [_said(world, None, as_first_known=True)]
        for moment in [at(seconds) for seconds in range(-10, 500, 7)]:
            found += [_said(world, moment), world.news.articles(Window(as_of=moment)).items]
        return found

    before = answers()
    assert len({str(answer) for answer in before}) > 8, "they differ from moment to moment"
    world.clock.advance(timedelta(days=1))
    later = ByLength(ModelVersion(SCORER.model, f"{SCORER.version}.1"))
    another = ByLength(ModelVersion("finbert", "9"))
    for model in (later, another):
        _scoring(world, model).catch_up()
        world.projection.catch_up()
        world.news = SqlNewsReads(world.engine, model.identity)
        world.sentiment = SqlSentimentReads(world.engine, model.identity)
        assert answers() == before
        shown = {item.sentiment and item.sentiment.model_version for item in world.news.articles(Window()).items}
        assert shown == {model.identity.version}, "the present is the new version's"


def _said(world: World, as_of: datetime | None, *, as_first_known: bool = False) -> list[Any]:
    window = Window(as_of=as_of)
    return list(world.sentiment.sentiment(Interval.M5, window, tag="BTC", as_first_known=as_first_known).items)


def test_a_score_made_twice_is_known_since_the_first_time(world: World) -> None:
    world.event_log.append([article("1")])
    first = scores_of([article("1")], ByLength(), at(5))
    again = scores_of([article("1")], ByLength(), at(500))
    assert [score.event_id for score in first] == [score.event_id for score in again]
    world.event_log.append([*first, *again])
    world.projection.catch_up()
    (shown,) = world.news.articles(Window()).items
    assert shown.sentiment and shown.sentiment.recorded_at == at(5)


def test_a_crash_before_the_place_was_saved_repeats_the_same_events(world: World) -> None:
    world.event_log.append([article("1")])
    scoring = _scoring(world)
    begin, calls = world.store.begin, 0

    def failing() -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("crash")
        return begin()

    world.store.begin = failing  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="crash"):
        scoring.catch_up()
    world.store.begin = begin  # type: ignore[method-assign]
    assert _scoring(world).catch_up() == 1
    first, second = _scores(world)
    assert first == second
    world.projection.catch_up()
    (found,) = world.news.articles(Window()).items
    assert found.sentiment == first


def test_a_new_version_begins_at_the_oldest_article_that_is_left(world: World) -> None:
    world.event_log.append([article("1"), article("2")])
    with world.event_log.reader([], after=world.event_log.head()) as reader:
        world.event_log.delete_before(reader.cursor)
    world.event_log.append([article("3")])
    _scoring(world).catch_up()
    assert [score.article_event_id for score in _scores(world)] == ["CoinDesk:3"]


def test_it_scores_while_articles_come(world: World) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=_scoring(world).run, args=(stop,))
    worker.start()
    try:
        world.event_log.append([article("1", title="", summary="", content="")])
        assert until(lambda: len(_scores(world)) == 1)
    finally:
        stop.set()
        worker.join()
    assert _scores(world)[0].score == 0


def test_rebuilt_tables_have_the_same_sentiment(world: World) -> None:
    published: list[ArticlePublished] = [article(str(number), recorded_at=at(number)) for number in range(5)]
    world.event_log.append(published)
    _scoring(world).catch_up()
    world.projection.catch_up()
    before = world.rows()
    world.rebuild.run()
    assert world.rows() == before
    assert len(before["sentiment_data"]) == 5
    assert len(world.sentiment.sentiment(Interval.H1, Window(), tag="BTC").items) == 1
