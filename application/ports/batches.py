"""Port: the last batches of jobs that work batch by batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.page import Page, Window

KEPT_BATCHES = 200
"""Of each job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that is done: begun at `started_at` (UTC), `rows` records of the log in `duration_ms`."""

    job: str
    batch_id: int
    started_at: datetime
    duration_ms: int
    rows: int


class BatchLog(Protocol):
    """Remembers KEPT_BATCHES of each job. Both raise StoreUnavailable."""

    def note(self, batch: Batch) -> None:
        """Keep a batch, in the place of one with the same job and number, and forget the oldest."""
        ...

    def batches(self, window: Window) -> Page[Batch]:
        """Newest first by when they began. Raises InvalidPageCursor."""
        ...
