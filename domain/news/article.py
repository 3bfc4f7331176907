"""An article as its publisher put it out, cleaned to plain text."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors import InvalidValue
from domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePublished(Event):
    """One article of one source. Title, summary and content are plain text.

    `occurred_at` is `published_at` where the feed gives one, else when we saw it. `scraped_at` is when its page was
    read, or given up. `extracted_by` names what the content came from: `trafilatura`, `beautifulsoup`, `feed-content`
    or `feed-summary`. Raises InvalidValue when source or guid is empty.
    """

    name: ClassVar[str] = "article-published"

    source: str
    guid: str
    url: str
    title: str
    summary: str
    content: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    published_at: datetime | None
    scraped_at: datetime
    extracted_by: str

    def __post_init__(self) -> None:
        for field in ("source", "guid"):
            if not getattr(self, field).strip():
                raise InvalidValue(field, f"an article needs a {field}; this one has none (title: '{self.title[:60]}')")

    @property
    def event_id(self) -> str:
        """`source:guid`, the guid being the link where the feed has none."""
        return f"{self.source}:{self.guid}"

    @property
    def key(self) -> str:
        """Articles are in order within a source."""
        return self.source

    @property
    def article_id(self) -> str:
        """A short id of this version of the article, from the event id: guids hold slashes and spaces."""
        return article_id(self.event_id)

    @property
    def first_event_id(self) -> str:
        """The id of the event that published the article: all its versions have it in common."""
        return f"{self.source}:{self.guid}"

    @property
    def first_id(self) -> str:
        """A short id for URLs, the same for all versions of the article."""
        return article_id(self.first_event_id)

    @property
    def known_since(self) -> datetime:
        """When the article, in whatever version, was first recorded."""
        return self.recorded_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRevised(ArticlePublished):
    """The publisher put the article out again under its guid with other words: this is the whole new version.

    `revision` counts versions from 1, the first being ArticlePublished. `first_recorded_at` is that of the first.
    Raises InvalidValue for a revision below 2.
    """

    name: ClassVar[str] = "article-revised"

    revision: int
    first_recorded_at: datetime

    def __post_init__(self) -> None:
        ArticlePublished.__post_init__(self)  # a class with slots is made twice: super() would mean the first
        if self.revision < 2:
            raise InvalidValue(
                "revision", f"revision is {self.revision}: expected 2 or more, as the first version is 1"
            )

    @property
    def event_id(self) -> str:
        """One for the same words as the same version."""
        words = "\0".join((self.title, self.url, self.summary, self.content))
        digest = hashlib.sha256(words.encode(errors="replace")).hexdigest()[:16]
        return f"{self.first_event_id}:{self.name}:{self.revision}:{digest}"

    @property
    def known_since(self) -> datetime:
        """When the article, in whatever version, was first recorded."""
        return self.first_recorded_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleCompleted(ArticleRevised):
    """The article's page could be read only after it was published: the same words, now with the page's text."""

    name: ClassVar[str] = "article-completed"


ARTICLE_EVENTS = (ArticlePublished, ArticleRevised, ArticleCompleted)


def article_id(event_id: str) -> str:
    """First 20 hex digits of the SHA-256 of the event id."""
    return hashlib.sha256(event_id.encode()).hexdigest()[:20]
