"""From the inbox to the event log, in batches, as fast as the log is durable."""

import threading
import time

import structlog

from application.failed_records import append_apart
from application.market.inbox import Inbox
from application.ports.event_log import EventLog, LogUnavailable
from application.ports.telemetry import Telemetry
from application.progress import Progress
from domain.dead_letter import DeadLettered
from domain.event import Event

log = structlog.get_logger(__name__)

WRITER = "log-writer"
_BATCH = 2_000
_SAID_EVERY_S = 60.0


class LogWriter:
    """Appends what the inbox holds. While the log is unavailable it waits and tries again: nothing is dropped.

    An event that the log does not take becomes a dead letter.
    """

    def __init__(
        self, inbox: Inbox, event_log: EventLog, telemetry: Telemetry, progress: Progress | None = None
    ) -> None:
        self._inbox = inbox
        self._log = event_log
        self._telemetry = telemetry
        self._progress = progress or Progress("log-writer")
        self._pending: list[Event] = []  # taken out of the inbox and not in the log yet

    def run(self, stop: threading.Event) -> None:
        """Write until the inbox is closed and drained. Once `stop` is set, an unavailable log is not waited for."""
        said_at = -_SAID_EVERY_S
        while self._pending or not self._inbox.drained:
            self._progress.turn()
            self._pending = self._pending or self._inbox.take(_BATCH, timeout_s=0.25)
            if not self._pending:
                continue
            try:
                written = append_apart(self._log, self._pending, WRITER)
            except LogUnavailable as unavailable:
                self._progress.trouble(str(unavailable))
                if time.monotonic() > said_at + _SAID_EVERY_S:
                    log.warning("the event log is unavailable", reason=str(unavailable), waiting=len(self._pending))
                    said_at = time.monotonic()
                if stop.wait(1.0):
                    log.warning("stopped before the event log had everything", lost=len(self._pending))
                    return
                continue
            self._progress.trouble(None)
            for event in written:
                if isinstance(event, DeadLettered):
                    self._telemetry.count("dead_letters", kind=event.kind)
            self._pending = []
