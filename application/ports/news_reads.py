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

    def article(self, article_id: str, *, as_of: datetime | None = None) -> ScoredArticle | None:
        """One article by its short id, in its last version, or one of its versions by that version's id.

        `as_of`: what was known then.
        """
        ...

    def recorded(self, tag: str, start: datetime, end: datetime) -> list[datetime]:
        """When the articles with a tag (in any case) were first recorded, within `start`..`end` (exclusive), in order.

        Those that were published more than a week before `start` are left out.
        """
        ...

    def latest(self, event_ids: Collection[str]) -> dict[str, ArticlePublished]:
        """The last version of each of these articles that are stored. The ids are those of their first versions."""
        ...

    def since(self, source: str, start: datetime) -> list[ArticlePublished]:
        """The last versions of a source's articles that were recorded from `start` on, in order."""
        ...
