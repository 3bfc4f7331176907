"""Which tags a scored article has: scores come without them, and in a log with partitions perhaps before their article."""

from collections import OrderedDict
from collections.abc import Sequence

import structlog

from application.ports.news_reads import NewsReads
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished, ArticleRevised, article_id

log = structlog.get_logger(__name__)

_REMEMBERED = 2_000


class ArticleTags:
    """Remembers the latest articles of the log, asks the store for others, and keeps the scores of unknown ones."""

    def __init__(self, news: NewsReads) -> None:
        self._news = news
        self._tags: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._waiting: OrderedDict[str, SentimentScored] = OrderedDict()

    def add(self, article: ArticlePublished) -> Sequence[SentimentScored]:
        """Take note of an article; returns its score if that has come before it."""
        self._tags[article.event_id] = _counted(article)
        if len(self._tags) > _REMEMBERED:
            self._tags.popitem(last=False)
        waiting = self._waiting.pop(article.event_id, None)
        return [waiting] if waiting else []

    def of(self, score: SentimentScored) -> tuple[str, ...]:
        """The tags of the scored article; none while the article is not known, and then the score is kept for it."""
        tags = self._tags.get(score.article_event_id)
        if tags is not None:
            return tags
        stored = self._news.article(article_id(score.article_event_id))
        if stored:
            return _counted(stored.article)
        self._waiting[score.article_event_id] = score
        if len(self._waiting) > _REMEMBERED:
            forgotten, _ = self._waiting.popitem(last=False)
            log.warning("an article that was scored has not come: no rule counts its score", article=forgotten)
        return ()


def _counted(article: ArticlePublished) -> tuple[str, ...]:
    """The tags that an article counts for; none for a later version of one, which has been counted."""
    return () if isinstance(article, ArticleRevised) else article.tags
