"""Rows of sentiment by tag."""

import msgspec

from domain.analytics.sentiment import TagSentiment
from domain.values import Origin, plain, rfc3339


class SentimentRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the articles with a tag sounded that were recorded within an interval from `start` on.

    `score` is their mean, -1 (bad news) to 1 (good news), by that `version` of that `model`; `positive`, `neutral` and
    `negative` count the articles by label.
    """

    tag: str
    interval: str
    start: str
    articles: int
    score: str
    positive: int
    neutral: int
    negative: int
    model: str
    version: str
    origin: Origin
    recorded_at: str


class SentimentPage(msgspec.Struct, frozen=True):
    """Sentiment by tag and interval, oldest first."""

    items: list[SentimentRow]
    next_cursor: str | None


def sentiment_row(one: TagSentiment) -> SentimentRow:
    """A tag's sentiment as a row."""
    return SentimentRow(
        tag=one.tag,
        interval=one.interval.value,
        start=rfc3339(one.start),
        articles=one.articles,
        score=plain(one.score),
        positive=one.positive,
        neutral=one.neutral,
        negative=one.negative,
        model=one.model,
        version=one.model_version,
        origin=one.origin,
        recorded_at=rfc3339(one.recorded_at),
    )
