"""Rows of the news tables <-> the domain's articles and scores."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_

from adapters.sql.tables import article_data
from adapters.sql.types import storable
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticleCompleted, ArticlePublished, ArticleRevised, article_id
from domain.values import Origin

Row = Any  # sqlalchemy's Row: its attributes are the query's columns

_ARTICLE_FIELDS = (
    "source", "guid", "url", "title", "summary", "content", "occurred_at", "published_at", "scraped_at",
    "extracted_by", "recorded_at",
)  # fmt: skip


def article_row(article: ArticlePublished) -> dict[str, object]:
    """For an insert by the column types."""
    later = article if isinstance(article, ArticleRevised) else None
    return {
        "article_id": article.article_id,
        "event_id": article.event_id,
        "authors": [storable(author) for author in article.authors],
        "tags": [storable(tag) for tag in article.tags],
        "origin": article.origin,
        "first_id": later and later.first_id,
        "event": later and later.name,
        "revision": later and later.revision,
        "first_recorded_at": later and later.first_recorded_at,
        **{field: getattr(article, field) for field in _ARTICLE_FIELDS},
    }


def to_article(row: Row) -> ArticlePublished:
    """The article in a row, as which version it is."""
    fields = {field: getattr(row, field) for field in _ARTICLE_FIELDS}
    fields |= {"authors": tuple(row.authors), "tags": tuple(row.tags), "origin": Origin(row.origin)}
    if row.event is None:
        return ArticlePublished(**fields)
    kind = ArticleCompleted if row.event == ArticleCompleted.name else ArticleRevised
    return kind(**fields, revision=row.revision, first_recorded_at=row.first_recorded_at)


def present_at(as_of: datetime | None) -> ColumnElement[bool]:
    """Which rows are the last version of their article, of those recorded by `as_of`."""
    ends = article_data.c.superseded_at
    return ends.is_(None) if as_of is None else or_(ends.is_(None), ends > as_of)


_SCORE_FIELDS = ("article_event_id", "model", "model_version", "score", "label", "recorded_at")


def score_row(score: SentimentScored) -> dict[str, object]:
    """For an insert by the column types."""
    return {
        "article_id": article_id(score.article_event_id),
        "event_id": score.event_id,
        "timestamp": score.occurred_at,
        "origin": score.origin,
        **{field: getattr(score, field) for field in _SCORE_FIELDS},
    }


def to_score(row: Row, article_recorded_at: datetime) -> SentimentScored:
    """The score in a row, of an article that was recorded at that time."""
    return SentimentScored(
        occurred_at=row.timestamp,
        article_recorded_at=article_recorded_at,
        origin=Origin(row.origin),
        **{field: getattr(row, field) for field in _SCORE_FIELDS},
    )
