"""What every store must do with sentiment by tag."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.page import InvalidPageCursor, Window
from domain.analytics.sentiment import LABELS, SentimentScored, tag_sentiment
from domain.market.candle import Interval
from domain.news.article import ArticlePublished
from domain.values import Origin
from tests.builders import SCORER, T0, article, at, sentiment
from tests.contracts.store import StoreUnderTest, all_pages
from tests.contracts.store_market import NOT_CURSORS, property_of_a_store

Scored = tuple[ArticlePublished, SentimentScored]


def _scored(guid: str, seconds: float, score: str, *tags: str, version: str = SCORER.version) -> Scored:
    published = article(guid, tags=tags, occurred_at=at(seconds - 7_200), recorded_at=at(seconds))
    value = Decimal(score)
    label = LABELS[1 if value == 0 else 0 if value > 0 else 2]
    times = {"occurred_at": published.occurred_at, "recorded_at": published.recorded_at}
    return published, sentiment(published, score=value, label=label, model_version=version, **times)


def _add(under_test: StoreUnderTest, *scored: Scored) -> None:
    with under_test.store.begin() as tx:
        tx.add_articles([published for published, _ in scored])
        tx.add_sentiments([score for _, score in scored])


class SentimentContract:
    def test_it_is_summed_up_by_when_the_articles_were_recorded(self, under_test: StoreUnderTest) -> None:
        a, b, c = _scored("1", 0, "0.5", "BTC", "ETF"), _scored("2", 59, "-0.25", "BTC"), _scored("3", 60, "0", "BTC")
        _add(under_test, a, b, c, _scored("4", 30, "0.9", "SOL"))
        page = under_test.sentiment.sentiment(Interval.M1, Window(), tag="btc")
        first, second = page.items
        assert (first.tag, first.interval, first.start) == ("BTC", Interval.M1, T0)
        assert (first.articles, first.positive, first.neutral, first.negative) == (2, 1, 0, 1)
        assert (first.score, first.recorded_at) == (Decimal("0.125"), at(59))
        assert (first.model, first.model_version, first.origin) == (SCORER.model, SCORER.version, Origin.LIVE)
        assert (second.start, second.articles, second.neutral, page.next_cursor) == (at(60), 1, 1, None)
        (day,) = under_test.sentiment.sentiment(Interval.D1, Window(), tag="ETF").items
        assert (day.tag, day.start, day.articles) == ("ETF", datetime(2026, 11, 22, tzinfo=UTC), 1)
        assert under_test.sentiment.sentiment(Interval.M1, Window(), tag="b%").items == []
        every = under_test.sentiment.sentiment(Interval.M1, Window()).items
        assert [(one.start, one.tag) for one in every] == [(T0, "BTC"), (T0, "ETF"), (T0, "SOL"), (at(60), "BTC")]

    def test_each_interval_has_scores_of_one_version(self, under_test: StoreUnderTest) -> None:
        old, later = _scored("1", 0, "1", "BTC", version="1"), _scored("2", 60, "1", "BTC", version="1")
        newer = (later[0], sentiment(later[0], model_version="3", score=Decimal("0.2")))
        present = (old[0], sentiment(old[0], score=Decimal("0.4")))
        foreign = (old[0], sentiment(old[0], score=Decimal(-1), model="finbert"))
        _add(under_test, old, later, newer, present, foreign)
        found = under_test.sentiment.sentiment(Interval.M1, Window()).items
        assert [(one.model_version, one.score, one.articles) for one in found] == [
            (SCORER.version, Decimal("0.4"), 1),
            ("3", Decimal("0.2"), 1),
        ]

    def test_a_window_has_whole_intervals_that_begin_within_it(self, under_test: StoreUnderTest) -> None:
        _add(under_test, *[_scored(str(number), number * 30, "0.1", "BTC") for number in range(8)])

        def found(window: Window) -> list[tuple[float, int]]:
            rows = under_test.sentiment.sentiment(Interval.M1, window, tag="BTC").items
            return [((one.start - T0).total_seconds(), one.articles) for one in rows]

        assert found(Window()) == [(0, 2), (60, 2), (120, 2), (180, 2)]
        assert found(Window(start=at(1), end=at(121))) == [(60, 2), (120, 2)]
        assert found(Window(start=at(60), end=at(180))) == [(60, 2), (120, 2)]
        assert found(Window(as_of=at(60))) == [(0, 2), (60, 1)]
        assert found(Window(start=at(61), end=at(61))) == []
        first, last = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        assert len(found(Window(start=first, end=last, as_of=last))) == 4

    @property_of_a_store
    @given(
        given_scores=st.lists(
            st.tuples(st.integers(0, 200), st.integers(-4, 4), st.sets(st.sampled_from(["BTC", "ETH", "ETF"]))),
            max_size=15,
        ),
        limit=st.integers(1, 4),
        onwards=st.booleans(),
        tag=st.sampled_from([None, "BTC"]),
    )
    def test_pages_together_are_the_whole_list(
        self,
        under_test: StoreUnderTest,
        given_scores: list[tuple[int, int, set[str]]],
        limit: int,
        onwards: bool,
        tag: str | None,
    ) -> None:
        scored = [
            _scored(str(number), seconds, str(Decimal(quarters) / 4), *sorted(tags))
            for number, (seconds, quarters, tags) in enumerate(given_scores)
        ]
        buckets: dict[tuple[datetime, str], list[SentimentScored]] = defaultdict(list)
        for published, score in scored:
            for one in published.tags:
                if tag in (None, one):
                    buckets[Interval.M1.start_of(published.recorded_at), one].append(score)
        expected = [tag_sentiment(one, Interval.M1, start, scores) for (start, one), scores in sorted(buckets.items())]
        with under_test.store.begin() as tx:
            tx.clear_read_models()
        _add(under_test, *scored)
        window = Window(limit=limit, start=T0 - timedelta(days=1) if onwards else None)
        pages = all_pages(lambda window: under_test.sentiment.sentiment(Interval.M1, window, tag=tag), window)
        assert [one for page in (pages if onwards else reversed(pages)) for one in page] == expected

    @pytest.mark.parametrize("cursor", NOT_CURSORS)
    def test_what_is_no_cursor_of_the_list_is_refused(self, under_test: StoreUnderTest, cursor: str) -> None:
        with pytest.raises(InvalidPageCursor):
            under_test.sentiment.sentiment(Interval.M1, Window(cursor=cursor))
