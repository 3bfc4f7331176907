"""From a feed's entry, and its page where it could be read, to the event."""

from datetime import datetime
from typing import Any

from application.news.known_articles import KnownArticle
from application.news.relevance import is_about
from application.news.source_state import NewsSource
from application.ports.article_pages import PageText
from application.ports.news_feed import FeedEntry
from domain.admission import AHEAD_AT_MOST, EARLIEST
from domain.news.article import ArticleCompleted, ArticlePublished, ArticleRevised
from domain.news.tags import Tags

_LEAD = 1_000  # characters: what an article is about stands there; further down all sorts of things are mentioned

FROM_FEED = frozenset({"feed-content", "feed-summary"})
"""What `extracted_by` says of a text that is not the page's."""


def entry_of(article: ArticlePublished) -> FeedEntry:
    """The entry that an article without its page's text was made of."""
    return FeedEntry(
        guid=article.guid,
        url=article.url,
        title=article.title,
        summary=article.summary,
        content=article.content if article.extracted_by == "feed-content" else "",
        authors=article.authors,
        published_at=article.published_at,
    )


def article(source: NewsSource, entry: FeedEntry, page: PageText | None, now: datetime, tags: Tags) -> ArticlePublished:
    """The article as it is known at `now`. Its text is the page's where that `serves`, else the feed's."""
    return ArticlePublished(**_facts(source, entry, page, now, tags, entry.guid, None))


def next_version(
    source: NewsSource,
    entry: FeedEntry,
    page: PageText | None,
    now: datetime,
    known: KnownArticle,
    tags: Tags,
    *,
    is_completed: bool,
) -> ArticlePublished:
    """The first version of an article, or the one after its latest.

    `is_completed`: its words are as they were, and its page could be read only now.
    """
    latest = known.latest
    if latest is None:
        return ArticlePublished(**_facts(source, entry, page, now, tags, known.guid, None))
    kind = ArticleCompleted if is_completed else ArticleRevised
    facts = _facts(source, entry, page, now, tags, known.guid, latest)
    return kind(**facts, revision=known.revision + 1, first_recorded_at=latest.known_since)


def serves(page: PageText | None, entry: FeedEntry) -> bool:
    """Whether the page's text is the article's.

    A page that says less than half of what the feed says is a teaser, or asks for consent, as does one that shares
    nothing with title and summary: then the feed's text stands.
    """
    if page is None or not is_about(page.text, entry.title, entry.summary):
        return False
    return len(page.text) * 2 >= len(entry.content or entry.summary)


def _facts(
    source: NewsSource,
    entry: FeedEntry,
    page: PageText | None,
    now: datetime,
    tags: Tags,
    guid: str,
    latest: ArticlePublished | None,
) -> dict[str, Any]:
    content, extracted_by = entry.content or entry.summary, "feed-content" if entry.content else "feed-summary"
    if page is not None and serves(page, entry):
        content, extracted_by = page.text, page.extracted_by
    published_at = entry.published_at
    if published_at and not EARLIEST <= published_at <= now + AHEAD_AT_MOST:
        published_at = None  # as for trades: a wrong clock or zone, not a fact
    return {
        "source": source.name,
        "guid": guid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content": content,
        "authors": entry.authors,
        "tags": tags.of(entry.title, entry.summary, content[:_LEAD]),
        "published_at": published_at,
        "scraped_at": now,
        "extracted_by": extracted_by,
        "occurred_at": published_at or (latest.occurred_at if latest else now),
        "recorded_at": now,
        "origin": source.origin,
    }
