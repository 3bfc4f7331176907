"""What queries read of the news."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, or_, select

from adapters.sql.engine import reading
from adapters.sql.listing import Listing
from adapters.sql.news_rows import present_at, to_article, to_score
from adapters.sql.scorers import scorer_at
from adapters.sql.statements import chunks
from adapters.sql.tables import article_data, article_tag, sentiment_data
from application.ports.news_reads import ScoredArticle
from application.ports.page import Page, Window
from application.ports.sentiment_model import ModelVersion
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished, article_id

_NEWEST_FIRST = Listing("articles", article_data, article_data.c.occurred_at, (article_data.c.article_id,))
_TAGGED = Listing("articles", article_data, article_tag.c.occurred_at, (article_tag.c.article_id,))
_PUBLISHED_BEFORE = timedelta(days=7)  # what is first seen later is no news


class SqlNewsReads:
    """See application.ports.news_reads.NewsReads.

    Articles come with the scores of the chosen model: those of its present version, and what that has not scored, with
    another version's, the greatest. With `as_of` they come with the scores known then, by the version of then.
    """

    def __init__(self, engine: Engine, chosen: ModelVersion) -> None:
        self._engine = engine
        self._chosen = chosen

    def articles(
        self, window: Window, *, tag: str | None = None, source: str | None = None, text: str | None = None
    ) -> Page[ScoredArticle]:
        """Articles with a tag (in any case), of a source, that have every word of `text` somewhere."""
        query, listing = select(article_data).where(present_at(window.as_of)), _NEWEST_FIRST
        if tag is not None:
            with_tag = article_tag.c.article_id == article_data.c.article_id
            query = query.join(article_tag, with_tag).where(article_tag.c.tag == tag.lower())
            listing = _TAGGED
        if source is not None:
            query = query.where(article_data.c.source == source)
        query = _with_words(query, text or "")
        with reading(self._engine) as connection:
            page = listing.page(connection, query, window, to_article)
            scores = self._scores(connection, page.items, window.as_of)
        items = [ScoredArticle(article, scores.get(article.article_id)) for article in page.items]
        return Page(items, page.next_cursor)

    def article(self, article_id: str, *, as_of: datetime | None = None) -> ScoredArticle | None:
        """One article by its short id, or one of its versions by that version's; see the port."""
        table = article_data.c
        query = select(article_data).where(or_(table.article_id == article_id, table.first_id == article_id))
        if as_of is not None:
            query = query.where(table.recorded_at <= as_of)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(table.revision.desc(), table.recorded_at.desc())).all()
            versions = [row for row in rows if row.first_id is not None]
            row = next((row for row in versions if row.article_id == article_id), None)
            row = row or next(iter([*versions, *rows]), None)
            if row is None:
                return None
            article = to_article(row)
            scores = self._scores(connection, [article], as_of)
            return ScoredArticle(article, scores.get(article.article_id))

    def recorded(self, tag: str, start: datetime, end: datetime) -> list[datetime]:
        """When the articles with a tag were recorded, in order; see the port."""
        at, published = article_data.c.recorded_at, article_tag.c.occurred_at
        query = (
            select(at)
            .join(article_tag, article_tag.c.article_id == article_data.c.article_id)
            .where(article_tag.c.tag == tag.lower(), published >= start - _PUBLISHED_BEFORE, at >= start, at < end)
            .where(article_data.c.first_id.is_(None))
            .order_by(at)
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(query))

    def latest(self, event_ids: Collection[str]) -> dict[str, ArticlePublished]:
        """The last version of each of these articles that are stored, by the id of their first; see the port."""
        by_id = {article_id(event_id): event_id for event_id in event_ids}
        table = article_data.c
        found: dict[str, ArticlePublished] = {}
        with reading(self._engine) as connection:
            for chunk in chunks(list(by_id)):
                either = or_(table.article_id.in_(chunk), table.first_id.in_(chunk))
                for row in connection.execute(select(article_data).where(either, present_at(None))):
                    found[by_id[row.first_id or row.article_id]] = to_article(row)
        return found

    def since(self, source: str, start: datetime) -> list[ArticlePublished]:
        """The last versions of a source's articles that were recorded from `start` on; see the port."""
        table = article_data.c
        query = select(article_data).where(table.source == source, table.recorded_at >= start, present_at(None))
        with reading(self._engine) as connection:
            return [to_article(row) for row in connection.execute(query.order_by(table.recorded_at))]

    def _scores(
        self, connection: Connection, articles: list[ArticlePublished], as_of: datetime | None
    ) -> dict[str, SentimentScored]:
        """Each article's score that is to be shown."""
        found: dict[str, SentimentScored] = {}
        table = sentiment_data.c
        scorer = scorer_at(connection, self._chosen, as_of)
        recorded_at = {article.article_id: article.recorded_at for article in articles}
        present_last = (table.model_version == scorer.version, table.model_version)
        for chunk in chunks(list(recorded_at)):
            query = select(sentiment_data).where(table.article_id.in_(chunk), table.model == scorer.model)
            if as_of is not None:
                query = query.where(table.recorded_at <= as_of)
            for row in connection.execute(query.order_by(*present_last)):
                found[row.article_id] = to_score(row, recorded_at[row.article_id])
        return found


def _with_words(query: Select[Any], text: str) -> Select[Any]:
    columns = (article_data.c.title, article_data.c.summary, article_data.c.content)
    for word in dict.fromkeys(text.split()):
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query
