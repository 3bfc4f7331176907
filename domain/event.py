"""What every event has: a stable name and version, a deterministic id, both times, an origin."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.values import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact in the past tense. Stored under `name` and `version`, never under a class path.

    `occurred_at` is the venue's or the publisher's time, `recorded_at` ours; both are UTC.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    occurred_at: datetime
    recorded_at: datetime
    origin: Origin

    @property
    def event_id(self) -> str:
        """Derived from the facts: a fact seen twice has one id."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """What the log keeps in order: the pair, the news source, the aggregate."""
        raise NotImplementedError
