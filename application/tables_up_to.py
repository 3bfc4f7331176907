"""Whether the tables hold everything that was recorded up to a time, so that an answer about that time stays the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from application.ports.checkpoints import CheckpointReads
from application.ports.clock import Clock
from application.ports.event_log import EventLog, Place
from application.ports.log_inspection import LogInspection
from application.store import TOPICS, stored_up_to
from domain.values import rfc3339

REACHES_LOG_WITHIN = timedelta(seconds=0.5)
"""How long after its `recorded_at` an event may reach the log."""

_RECENT = timedelta(minutes=10)  # tables that stand still for longer are told by `health/`


class NotReached(Exception):
    """The tables have not reached a time that was asked for."""

    def __init__(self, time: datetime) -> None:
        super().__init__(f"the tables have not reached {rfc3339(time)}")
        self.time = time


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log at a moment, `at`."""

    at: datetime
    place: Place


class TablesUpTo:
    """Compares the log position of the tables with the head of the log. For use by many threads at once."""

    def __init__(self, event_log: EventLog, inspection: LogInspection, places: CheckpointReads, clock: Clock) -> None:
        self._log = event_log
        self._inspection = inspection
        self._places = places
        self._clock = clock
        self._complete_to = datetime.min.replace(tzinfo=UTC)

    def must_ask(self, time: datetime) -> bool:
        """Return whether the tables may lack what was recorded up to `time`: it is recent, and not known to be complete."""
        return time > self._complete_to and time > self._clock.now() - _RECENT

    def open_for_s(self, time: datetime) -> float:
        """Return for how many seconds the log may still receive what was recorded up to `time`; 0 for a future time."""
        now = self._clock.now()
        return 0.0 if time > now else max(0.0, (time + REACHES_LOG_WITHIN - now).total_seconds())

    def head(self) -> Head:
        """Return the log's head as it is now. Raises LogUnavailable."""
        return Head(self._clock.now(), Place.at(self._log.head()).within(TOPICS))

    def reach(self, head: Head) -> bool:
        """Return whether the tables have applied the log up to `head`. Raises LogUnavailable, StoreUnavailable."""
        stored = stored_up_to(self._places)
        # The records between the two may be of other topics, or deleted.
        reached = stored.reaches(head.place) or not any(self._inspection.behind(stored, TOPICS).values())
        if reached:
            self._complete_to = max(self._complete_to, head.at - REACHES_LOG_WITHIN)
        return reached
