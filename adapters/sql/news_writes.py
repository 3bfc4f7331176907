"""Writing articles and their scores."""

from collections.abc import Sequence

from sqlalchemy import select

from adapters.sql.news_rows import article_row, score_row
from adapters.sql.statements import chunks, insert_new, only_writer_of
from adapters.sql.tables import article_data, article_tag, sentiment_data
from adapters.sql.unit_of_work import UnitOfWork
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished, article_id


class NewsWrites(UnitOfWork):
    """See application.ports.store.Writes."""

    def add_articles(self, articles: Sequence[ArticlePublished]) -> None:
        """Add articles; one is one by its event id, and the first version of it stays."""
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
