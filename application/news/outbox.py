"""Events on their way to the log, kept while it cannot be written."""

import time
from collections import Counter
from collections.abc import Sequence

import structlog

from application.failed_records import append_apart
from application.ports.event_log import EventLog, LogUnavailable
from application.ports.telemetry import Telemetry
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.news.article import ArticlePublished

log = structlog.get_logger(__name__)

WRITER = "news"
_PAUSE_S = 1.0


class Outbox:
    """Holds events in order until the log has them. Not for several threads."""

    def __init__(self, event_log: EventLog, telemetry: Telemetry) -> None:
        self._log = event_log
        self._telemetry = telemetry
        self._events: list[Event] = []
        self._retry_at = 0.0

    def add(self, events: Sequence[Event]) -> None:
        """Send these next."""
        self._events += events

    def flush(self, *, at_last: bool = False) -> bool:
        """Append what waits; whether nothing waits any more. `at_last`: now or never."""
        if not self._events:
            return True
        if time.monotonic() < self._retry_at and not at_last:
            return False
        try:
            written = append_apart(self._log, self._events, WRITER)
        except LogUnavailable as error:
            self._retry_at = time.monotonic() + _PAUSE_S
            say = log.error if at_last else log.warning
            say("the log cannot be written", reason=str(error), waiting=len(self._events), given_up=at_last)
            return False
        articles = Counter((e.source, e.extracted_by) for e in written if isinstance(e, ArticlePublished))
        for (source, extracted_by), count in articles.items():
            self._telemetry.count("articles", count, source=source, extracted_by=extracted_by)
        for event in written:
            if isinstance(event, DeadLettered) and event.reader == WRITER:
                self._telemetry.count("dead_letters", kind=event.kind)
        self._events = []
        return True
