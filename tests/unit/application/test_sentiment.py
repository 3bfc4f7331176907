"""Articles of the log get scores, once for each version of a model."""

import threading
from decimal import Decimal
from typing import Any

import pytest

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
    return SentimentScoring(world.event_log, world.store, model or ByLength(), world.failed)


def _scores(world: World) -> list[SentimentScored]:
    with world.event_log.reader([ANALYTICS_EVENTS], after=BEGINNING) as reader:
        records = reader.read(limit=10_000, timeout_s=0)
    events: list[Event] = [record.event for record in records if isinstance(record, Recorded)]
    return [event for event in events if isinstance(event, SentimentScored)]


def test_a_score_speaks_of_its_articles_times() -> None:
    published = article("1", occurred_at=at(-50), recorded_at=at(7), origin=Origin.BACKFILL, title="12345")
    assert scores_of([published], ByLength()) == [
        SentimentScored(
            article_event_id=published.event_id, model="vader", model_version=SCORER.version, score=Decimal("0.05"),
            label="positive", occurred_at=at(-50), recorded_at=at(7), origin=Origin.BACKFILL,
        )
    ]  # fmt: skip


def test_an_article_is_read_by_its_content_or_else_the_feeds_summary() -> None:
    model = ByLength()
    scores_of([article("1", content="C", summary="S"), article("2", content="", summary="S", title="")], model)
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
