from datetime import timedelta

import pytest

from application.ports.news_reads import ScoredArticle
from domain.errors import InvalidValue
from domain.news.article import ArticleCompleted, ArticleRevised
from entrypoints.api.rows.news import article_row
from tests.builders import T0, article, revised

LATER = T0 + timedelta(minutes=5)


@pytest.mark.parametrize(("kind", "change"), [(ArticleRevised, "revised"), (ArticleCompleted, "completed")])
def test_a_later_version_has_the_articles_own_id_and_times(kind: type[ArticleRevised], change: str) -> None:
    first = article("g")
    row = article_row(ScoredArticle(first))
    assert (row.revision, row.revised_at, row.change) == (1, None, None)
    later = article_row(ScoredArticle(revised(first, 2, kind, title="Corrected", recorded_at=LATER)))
    assert (later.id, later.event_id, later.recorded_at) == (row.id, row.event_id, row.recorded_at)
    assert (later.title, later.revision, later.change) == ("Corrected", 2, change)
    assert later.revised_at is not None and later.revised_at > row.recorded_at


def test_versions_are_facts_of_their_own() -> None:
    first = article("g")
    ids = {
        version.event_id
        for version in (
            first, revised(first), revised(first, 3), revised(first, title="Other"), revised(first, kind=ArticleCompleted),
        )
    }  # fmt: skip
    assert len(ids) == 5 and revised(first).event_id == revised(first).event_id
    with pytest.raises(InvalidValue, match="expected 2 or more"):
        revised(first, 1)
