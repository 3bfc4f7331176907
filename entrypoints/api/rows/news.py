"""Rows of the news."""

import msgspec

from application.ports.news_reads import ScoredArticle
from domain.analytics.sentiment import SentimentScored
from domain.values import Origin, rfc3339
from entrypoints.api.rows.times import rfc3339_or_null


class SentimentCell(msgspec.Struct, frozen=True, kw_only=True):
    """How an article sounds: -1 (bad news) to 1 (good news), and which version of which model said so."""

    score: float
    label: str
    model: str
    version: str


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article in plain text; `sentiment` is null until it was scored."""

    id: str
    title: str
    url: str
    source: str
    summary: str
    content: str
    published_at: str | None
    scraped_at: str
    tags: list[str]
    guid: str
    authors: list[str]
    extracted_by: str
    sentiment: SentimentCell | None
    event_id: str
    origin: Origin
    recorded_at: str


class ArticlePage(msgspec.Struct, frozen=True):
    """Articles, newest first."""

    items: list[ArticleRow]
    next_cursor: str | None


def article_row(scored: ScoredArticle) -> ArticleRow:
    """An article and its score as a row."""
    article, score = scored.article, scored.sentiment
    return ArticleRow(
        id=article.article_id,
        title=article.title,
        url=article.url,
        source=article.source,
        summary=article.summary,
        content=article.content,
        published_at=rfc3339_or_null(article.published_at),
        scraped_at=rfc3339(article.scraped_at),
        tags=list(article.tags),
        guid=article.guid,
        authors=list(article.authors),
        extracted_by=article.extracted_by,
        sentiment=None if score is None else _sentiment_cell(score),
        event_id=article.event_id,
        origin=article.origin,
        recorded_at=rfc3339(article.recorded_at),
    )


def _sentiment_cell(score: SentimentScored) -> SentimentCell:
    return SentimentCell(score=float(score.score), label=score.label, model=score.model, version=score.model_version)
