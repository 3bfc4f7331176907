"""Writing articles and their scores."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from sqlalchemy import or_, select

from adapters.sql.news_rows import Row, article_row, score_row
from adapters.sql.statements import chunks, insert_new, only_writer_of
from adapters.sql.tables import article_data, article_tag, sentiment_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished, article_id


class NewsWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_articles(self, articles: Sequence[ArticlePublished]) -> None:
        """Add articles and their later versions, each a row of its own; those before the last are superseded."""
        only_writer_of(self.connection, article_data.name)
        once: dict[str, ArticlePublished] = {}
        for article in articles:
            once.setdefault(article.article_id, article)
        for chunk in chunks(list(once)):
            query = select(article_data.c.article_id).where(article_data.c.article_id.in_(chunk))
            for known in self.connection.scalars(query):
                del once[known]
        insert_new(self.connection, article_data, [article_row(article) for article in once.values()])
        tags = [
            {"tag": tag, "occurred_at": article.occurred_at, "article_id": article.article_id}
            for article in once.values()
            for tag in dict.fromkeys(tag.lower() for tag in article.tags)
        ]
        insert_new(self.connection, article_tag, tags)
        self._supersede({article.first_id for article in once.values()})

    def _supersede(self, first_ids: Collection[str]) -> None:
        """Mark each version but the last as superseded when the next one was recorded."""
        table = article_data.c
        for chunk in chunks(list(first_ids)):
            query = select(
                table.article_id, table.first_id, table.revision, table.recorded_at, table.superseded_at
            ).where(or_(table.article_id.in_(chunk), table.first_id.in_(chunk)))
            versions: dict[str, list[Row]] = {}
            for row in self.connection.execute(query):
                versions.setdefault(row.first_id or row.article_id, []).append(row)
            for rows in versions.values():
                rows.sort(key=lambda row: (row.revision or 1, row.recorded_at, row.article_id))
                for row, following in pairwise([*rows, None]):
                    ends = following and following.recorded_at
                    if row is not None and row.superseded_at != ends:
                        one = article_data.update().where(table.article_id == row.article_id)
                        self.connection.execute(one.values(superseded_at=ends))

    def add_sentiments(self, scores: Sequence[SentimentScored]) -> None:
        """Add sentiment scores; the first by a version of a model stays."""
        only_writer_of(self.connection, sentiment_data.name)
        once: dict[tuple[str, str, str], SentimentScored] = {}
        for score in scores:
            once.setdefault((article_id(score.article_event_id), score.model, score.model_version), score)
        key = (sentiment_data.c.article_id, sentiment_data.c.model, sentiment_data.c.model_version)
        for chunk in chunks(list(dict.fromkeys(article for article, _, _ in once))):
            for article, model, version in self.connection.execute(select(*key).where(key[0].in_(chunk))):
                once.pop((article, model, version), None)
        insert_new(self.connection, sentiment_data, [score_row(score) for score in once.values()])
