"""Port: what queries read of the news."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.page import Page, Window
from domain.analytics.sentiment import SentimentScored
from domain.news.article import ArticlePublished


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article and its score; None until it was scored."""

    article: ArticlePublished
    sentiment: SentimentScored | None = None


class NewsReads(Protocol):
    """Articles, newest first by `occurred_at`. Safe for several threads."""

    def articles(
        self, window: Window, *, tag: str | None = None, source: str | None = None, text: str | None = None
    ) -> Page[ScoredArticle]:
        """Articles with a tag, of a source, with words in title, summary or content (in any case)."""
        ...

    def article(self, article_id: str) -> ScoredArticle | None:
        """One article by its short id."""
        ...

    def recorded(self, tag: str, start: datetime, end: datetime) -> list[datetime]:
        """When the articles with a tag (in any case) were recorded, within `start`..`end` (exclusive), in order.

        Those that were published more than a week before `start` are left out.
        """
        ...

    def known(self, event_ids: Collection[str]) -> set[str]:
        """Which of these articles are stored already."""
        ...
