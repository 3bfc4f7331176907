"""What every store must do with articles and their scores, and with forecasts."""

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.news_reads import ScoredArticle
from application.ports.page import InvalidPageCursor, Window
from domain.news.article import ArticleCompleted, ArticlePublished
from tests import strategies
from tests.builders import article, at, forecast, forecast_score, revised, sentiment
from tests.contracts.store import StoreUnderTest, all_pages
from tests.contracts.store_market import NOT_CURSORS, event_id, property_of_a_store


def _add(under_test: StoreUnderTest, *articles: ArticlePublished) -> None:
    with under_test.store.begin() as tx:
        tx.add_articles(articles)


def _found(under_test: StoreUnderTest, window: Window | None = None, **wanted: Any) -> list[str]:
    return [item.article.guid for item in under_test.news.articles(window or Window(), **wanted).items]


class NewsContract:
    @property_of_a_store
    @given(articles=st.lists(strategies.articles, max_size=8, unique_by=lambda article: article.event_id))
    def test_articles_come_back_as_they_are_but_for_nul(
        self, under_test: StoreUnderTest, articles: list[ArticlePublished]
    ) -> None:
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_articles(articles)
        found = [item.article for item in under_test.news.articles(Window(limit=1000)).items]
        assert sorted(found, key=event_id) == sorted(map(_without_nul, articles), key=event_id)

    def test_the_first_version_of_an_article_stays(self, under_test: StoreUnderTest) -> None:
        first = article("1", title="First")
        _add(under_test, first, article("1", title="Again"))
        _add(under_test, article("1", title="Later", tags=("ETH",), occurred_at=at(60)))
        assert under_test.news.articles(Window()).items == [ScoredArticle(first)]
        assert _found(under_test, tag="ETH") == []

    def test_one_is_found_by_its_short_id(self, under_test: StoreUnderTest) -> None:
        one = article("https://example.org/" + "long/" * 2_000)  # longer than PostgreSQL's indexes take
        _add(under_test, one)
        assert under_test.news.article(one.article_id) == ScoredArticle(one)
        assert under_test.news.article("unknown") is None
        assert under_test.news.latest([one.event_id, "CoinDesk:other"]) == {one.event_id: one}
        assert under_test.news.latest([]) == {}

    def test_a_later_version_takes_the_place_of_the_one_before(self, under_test: StoreUnderTest) -> None:
        first = article("1", title="Falls", tags=("BTC",))
        second = revised(first, 2, recorded_at=at(60), title="Rises", tags=("ETH",))
        third = revised(
            first, 3, ArticleCompleted, recorded_at=at(90), title="Rises", tags=("ETH",), content="The page."
        )
        score = sentiment(first), sentiment(second, recorded_at=at(61)), sentiment(third, recorded_at=at(91))
        for versions in ([third], [first, second, third], [second], [first]):  # a log may be read again, and in parts
            _add(under_test, *versions)
        with under_test.store.begin() as tx:
            tx.add_sentiments(score)
        listed = under_test.news.articles(Window()).items
        assert listed == [under_test.news.article(first.article_id)] == [ScoredArticle(third, score[2])]
        for moment, known in ((at(0), first), (at(59), first), (at(60), second), (at(89), second), (at(90), third)):
            (item,) = under_test.news.articles(Window(as_of=moment)).items
            assert item.article == known
            found = under_test.news.article(first.article_id, as_of=moment)
            assert found and found.article == known
        assert under_test.news.article(first.article_id, as_of=at(-1)) is None
        assert (_found(under_test, tag="BTC"), _found(under_test, tag="ETH")) == ([], ["1"])
        assert _found(under_test, Window(as_of=at(59)), tag="BTC") == ["1"]
        assert _found(under_test, text="falls") == [] and _found(under_test, Window(as_of=at(1)), text="falls") == ["1"]
        assert under_test.news.recorded("BTC", at(0), at(100)) == [at(0)], "each article once, when it was first known"
        assert under_test.news.recorded("ETH", at(0), at(100)) == []
        assert under_test.news.latest([first.event_id]) == {first.event_id: third}
        assert under_test.news.since("CoinDesk", at(10)) == [third]
        assert under_test.news.since("CoinDesk", at(91)) == under_test.news.since("Decrypt", at(0)) == []
        scored = under_test.news.article(second.article_id)
        assert scored and scored.article == second, "each version is found by its own id"

    def test_when_the_articles_of_a_tag_were_recorded(self, under_test: StoreUnderTest) -> None:
        _add(
            under_test,
            article("1", tags=("BTC", "btc"), occurred_at=at(-500), recorded_at=at(9)),
            article("2", tags=("BTC",), occurred_at=at(2)),
            article("3", tags=("ETH",), occurred_at=at(3)),
            article("4", tags=("BTC",), occurred_at=at(20)),
            article("5", tags=("BTC",), occurred_at=at(-8 * 86_400), recorded_at=at(5)),
        )
        assert under_test.news.recorded("BTC", at(0), at(20)) == [at(2), at(9)]
        assert under_test.news.recorded("btc", at(2), at(9)) == [at(2)]
        assert under_test.news.recorded("none", at(0), at(20)) == []

    def test_they_are_found_by_tag_source_and_time(self, under_test: StoreUnderTest) -> None:
        _add(
            under_test,
            article("1", tags=("BTC", "btc", "ETF"), occurred_at=at(1)),
            article("2", tags=("ETH",), source="Decrypt", occurred_at=at(2)),
            article("3", tags=(), occurred_at=at(3)),
            article("4", tags=("BTC",), occurred_at=at(4), recorded_at=at(99)),
        )
        assert _found(under_test) == ["4", "3", "2", "1"]
        assert _found(under_test, tag="BTC") == ["4", "1"]
        assert _found(under_test, tag="etf") == ["1"]
        assert _found(under_test, tag="E%") == []
        assert _found(under_test, source="Decrypt") == ["2"]
        assert _found(under_test, source="Decrypt", tag="BTC") == []
        assert _found(under_test, Window(start=at(2), end=at(4))) == ["3", "2"]
        assert _found(under_test, Window(start=at(2), end=at(5)), tag="BTC") == ["4"]
        assert _found(under_test, Window(as_of=at(50)), tag="BTC") == ["1"]

    @pytest.mark.parametrize(
        ("text", "guids"),
        [
            ("bitcoin", ["1"]),
            ("ETF  bitcoin", ["1"]),
            ("škoda", ["2"]),
            ("100%", ["2"]),
            ("%", ["2"]),
            ("_", []),
            ("\\", []),
            ("bitcoin škoda", []),
            ("   ", ["2", "1"]),
            ("\x00", []),
        ],
    )
    def test_they_are_found_by_words(self, under_test: StoreUnderTest, text: str, guids: list[str]) -> None:
        _add(
            under_test,
            article("1", title="BITCOIN falls", summary="", content="An ETF opens"),
            article("2", title="Auto", summary="ŠKODA", content="up 100% today", occurred_at=at(1)),
        )
        assert _found(under_test, text=text) == guids

    @property_of_a_store
    @given(seconds=st.lists(st.integers(0, 3), max_size=15), limit=st.integers(1, 4), tagged=st.booleans())
    def test_pages_together_are_the_whole_list(
        self, under_test: StoreUnderTest, seconds: list[int], limit: int, tagged: bool
    ) -> None:
        articles = [article(str(number), occurred_at=at(second)) for number, second in enumerate(seconds)]
        with under_test.store.begin() as tx:
            tx.clear_read_models()
            tx.add_articles(articles)
        tag = "btc" if tagged else None
        pages = all_pages(lambda window: under_test.news.articles(window, tag=tag), Window(limit=limit))
        order = sorted(articles, key=lambda article: (article.occurred_at, article.article_id), reverse=True)
        assert [item.article for page in pages for item in page] == order

    @pytest.mark.parametrize("cursor", NOT_CURSORS)
    def test_what_is_no_cursor_of_the_list_is_refused(self, under_test: StoreUnderTest, cursor: str) -> None:
        with pytest.raises(InvalidPageCursor):
            under_test.news.articles(Window(cursor=cursor))

    def test_an_article_comes_with_the_chosen_models_score(self, under_test: StoreUnderTest) -> None:
        one, other = article("1"), article("2", occurred_at=at(1))
        present, second = sentiment(one), sentiment(one, label="negative", recorded_at=at(6))
        old, newer = sentiment(one, model_version="1"), sentiment(one, model_version="3", recorded_at=at(8))
        foreign = sentiment(one, model="finbert", recorded_at=at(9))
        _add(under_test, one, other)
        with under_test.store.begin() as tx:
            tx.add_sentiments([foreign, present, second])
            tx.add_sentiments([newer, old, present])
        assert under_test.news.articles(Window()).items == [ScoredArticle(other), ScoredArticle(one, present)]
        assert under_test.news.article(one.article_id) == ScoredArticle(one, present)

    def test_what_the_present_version_has_not_scored_comes_with_another_versions_score(
        self, under_test: StoreUnderTest
    ) -> None:
        one = article("1")
        old, newer = sentiment(one, model_version="1"), sentiment(one, model_version="3", recorded_at=at(8))
        _add(under_test, one)
        with under_test.store.begin() as tx:
            tx.add_sentiments([newer, old, sentiment(one, model="finbert")])
        assert under_test.news.articles(Window()).items == [ScoredArticle(one, newer)]
        assert under_test.news.articles(Window(as_of=at(7))).items == [ScoredArticle(one, old)]
        assert under_test.news.articles(Window(as_of=at(-1))).items == []

    def test_forecasts_and_their_outcomes_may_come_in_any_order_and_twice(self, under_test: StoreUnderTest) -> None:
        issued = forecast()
        outcome = forecast_score(issued)
        with under_test.store.begin() as tx:
            tx.add_forecasts([outcome, issued])
            tx.add_forecasts([issued, outcome])


def _without_nul(article: ArticlePublished) -> ArticlePublished:
    prose = {
        field.name: getattr(article, field.name).replace("\x00", "\ufffd")
        for field in dataclass_fields(article)
        if isinstance(getattr(article, field.name), str) and field.name != "origin"
    }
    return replace(article, authors=tuple(name.replace("\x00", "\ufffd") for name in article.authors), **prose)
