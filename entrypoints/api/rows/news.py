"""Rows of the news."""

from collections.abc import Sequence

import msgspec

from application.analytics.news_price import PriceReaction
from application.ports.news_reads import ScoredArticle
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticleCompleted, ArticleRevised
from domain.values import Origin, rfc3339
from entrypoints.api.rows.numbers import plain_or_null
from entrypoints.api.rows.times import rfc3339_or_null

_CHANGES: dict[type[ArticleRevised], str] = {ArticleRevised: "revised", ArticleCompleted: "completed"}


class SentimentCell(msgspec.Struct, frozen=True, kw_only=True):
    """How an article sounds: -1 (bad news) to 1 (good news), and which version of which model said so."""

    score: float
    label: str
    model: str
    version: str


class PriceReactionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the price of a pair did within `horizon_s` after the article was recorded, in percent.

    Beside it the same without news, in `observations` windows of that length in the week before: the mean absolute
    change, and the share of them (0 to 1) that moved at least as much. What is null is not known, and `reason` says why.
    """

    pair: str
    horizon_s: int
    price_before: str | None
    price_after: str | None
    change_pct: str | None
    observations: int
    usual_change_pct: str | None
    share_as_large: str | None
    reason: str | None


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article in plain text; `sentiment` is null until it was scored, `price_reaction` wherever articles are listed.

    `revision` counts its versions from 1. In a later one, `revised_at` is when we recorded it, and `change` says why it
    came: `revised` (the publisher put it out again with other words) or `completed` (its page could be read only later).
    """

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
    price_reaction: list[PriceReactionRow] | None
    revision: int
    revised_at: str | None
    change: str | None
    event_id: str
    origin: Origin
    recorded_at: str


class ArticlePage(msgspec.Struct, frozen=True):
    """Articles, newest first."""

    items: list[ArticleRow]
    next_cursor: str | None


def article_row(scored: ScoredArticle, reactions: Sequence[PriceReaction] | None = None) -> ArticleRow:
    """An article and its score as a row, with what prices did after it where that was looked up."""
    article, score = scored.article, scored.sentiment
    later = article if isinstance(article, ArticleRevised) else None
    return ArticleRow(
        id=article.first_id,
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
        price_reaction=None if reactions is None else [_reaction_row(reaction) for reaction in reactions],
        revision=later.revision if later else 1,
        revised_at=rfc3339(later.recorded_at) if later else None,
        change=_CHANGES[type(later)] if later else None,
        event_id=article.first_event_id,
        origin=article.origin,
        recorded_at=rfc3339(article.known_since),
    )


def _sentiment_cell(score: SentimentScored) -> SentimentCell:
    return SentimentCell(score=float(score.score), label=score.label, model=score.model, version=score.model_version)


def _reaction_row(reaction: PriceReaction) -> PriceReactionRow:
    usual = reaction.usual
    return PriceReactionRow(
        pair=str(reaction.pair),
        horizon_s=int(reaction.horizon.total_seconds()),
        price_before=plain_or_null(reaction.price_before),
        price_after=plain_or_null(reaction.price_after),
        change_pct=plain_or_null(reaction.change_pct),
        observations=usual.windows if usual else 0,
        usual_change_pct=plain_or_null(usual.mean_abs_change_pct if usual else None),
        share_as_large=plain_or_null(reaction.share_as_large),
        reason=reaction.reason,
    )
