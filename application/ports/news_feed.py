"""Port: a news feed, read once."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry, as plain text. `guid` is the link where the feed gives none; `url` is empty, or http(s).

    `content` is the article's text where the feed carries it, else empty. `published_at` is UTC; None where the feed
    gives no date, or none that can be.
    """

    guid: str
    url: str
    title: str
    summary: str
    content: str
    authors: tuple[str, ...]
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEntry:
    """An entry that no article can be made of, and why."""

    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the feed's server wants to be shown at the next request, to answer "not modified"."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """What a feed said. Without entries when it was `not_modified`; `left_out` entries were beyond the limit."""

    entries: tuple[FeedEntry, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()
    left_out: int = 0
    not_modified: bool = False
    validators: Validators = Validators()


class FeedUnavailable(Exception):
    """The feed could not be read; the message is for people. `retry_after_s`: the server asked to be left alone so long."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class FeedReader(Protocol):
    """Reads feeds. Safe for several threads."""

    def read(self, url: str, validators: Validators, stop: threading.Event) -> FeedAnswer:
        """Fetch and read the feed at `url`; breaks off when `stop` is set. Raises FeedUnavailable."""
        ...

    def close(self) -> None:
        """Give back what it holds; a later read takes it again."""
        ...
