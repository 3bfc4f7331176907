"""From a feed's entry, and its page where it could be read, to the event."""

from datetime import datetime, timedelta

from application.news.source_state import NewsSource
from application.ports.article_pages import PageText
from application.ports.news_feed import FeedEntry
from domain.news.article import ArticlePublished
from domain.news.tags import Tags

_AHEAD_AT_MOST = timedelta(minutes=5)  # as for trades: a later time is a wrong clock or zone, not a fact
_LEAD = 1_000  # characters: what an article is about stands there; further down all sorts of things are mentioned


def event_id(source: NewsSource, entry: FeedEntry) -> str:
    """The id that the entry's article has."""
    return f"{source.name}:{entry.guid}"


def article(source: NewsSource, entry: FeedEntry, page: PageText | None, now: datetime, tags: Tags) -> ArticlePublished:
    """The article as it is known at `now`. Its text is the page's, else the feed's.

    A page that says less than half of what the feed says is a teaser, or asks for consent: then the feed's text stands.
    """
    content, extracted_by = entry.content or entry.summary, "feed-content" if entry.content else "feed-summary"
    if page and len(page.text) * 2 >= len(content):
        content, extracted_by = page.text, page.extracted_by
    published_at = entry.published_at
    if published_at and published_at > now + _AHEAD_AT_MOST:
        published_at = None
    return ArticlePublished(
        source=source.name,
        guid=entry.guid,
        url=entry.url,
        title=entry.title,
        summary=entry.summary,
        content=content,
        authors=entry.authors,
        tags=tags.of(entry.title, entry.summary, content[:_LEAD]),
        published_at=published_at,
        scraped_at=now,
        extracted_by=extracted_by,
        occurred_at=published_at or now,
        recorded_at=now,
        origin=source.origin,
    )
