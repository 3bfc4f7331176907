"""What happened to a news source: polls, failures, recoveries."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.event import Event
from domain.values import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSourceEvent(Event):
    """Something that befell the source of that name in the FEEDS setting."""

    source: str

    @property
    def event_id(self) -> str:
        """One event of a kind for a source at a time."""
        return f"{self.source}:{self.name}:{rfc3339(self.recorded_at)}"

    @property
    def key(self) -> str:
        """In order within a source."""
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSourcePolled(NewsSourceEvent):
    """The feed answered: `entries` were read (0 when it said "not modified"), of which `new` were new to us.

    `left_out` more stood in it than are read: the oldest.
    """

    name: ClassVar[str] = "news-source-polled"
    entries: int
    new: int
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSourceFailed(NewsSourceEvent):
    """The feed could not be read. `reason` is for people."""

    name: ClassVar[str] = "news-source-failed"
    reason: str
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSourceRecovered(NewsSourceEvent):
    """The feed answers again after a failure."""

    name: ClassVar[str] = "news-source-recovered"
