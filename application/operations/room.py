"""How much a day of data takes on the disk, and for how many days there is room."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.event_log import BEGINNING, Cursor, EventLog, Place, Recorded
from application.ports.storage_report import DiskReport, StorageReport
from application.topics import TOPICS

DAYS_AT_LEAST = 3.0  # with room for less, the disk is told to be short
FREE_AT_LEAST = 100_000_000  # bytes; below, the disk counts as full
_DAY = timedelta(days=1)
_FRESH = timedelta(minutes=1)
_SPAN_AT_LEAST = timedelta(minutes=10)  # of data, before a rate is told


@dataclass(frozen=True, slots=True)
class Room:
    """What there is on the disk, in bytes. `bytes_per_day` is None until there are ten minutes of data."""

    free_bytes: int
    bytes_per_day: float | None

    @property
    def days(self) -> float | None:
        """For how many days there is room at the present rate; None where that is not known."""
        return self.free_bytes / self.bytes_per_day if self.bytes_per_day else None

    @property
    def is_short(self) -> bool:
        """Whether somebody should make room."""
        return self.free_bytes < FREE_AT_LEAST or (self.days is not None and self.days < DAYS_AT_LEAST)

    def __str__(self) -> str:
        """In words, such as `0.3 GB a day, room for 120 days`."""
        if self.free_bytes < FREE_AT_LEAST:
            return (
                f"the disk has {self.free_bytes / 1e6:.0f} MB left: nothing is lost, but when it is full nothing more is "
                "collected until there is room"
            )
        if self.bytes_per_day is None or self.days is None:
            return f"{self.free_bytes / 1e9:,.1f} GB free; what a day takes is known after some minutes of data"
        of = f"{self.bytes_per_day / 1e9:.1f} GB" if self.bytes_per_day >= 1e8 else f"{self.bytes_per_day / 1e6:.0f} MB"
        return f"{of} a day, room for {min(self.days, 9999):,.0f} days"


class Rooms:
    """Measures the rate once a minute at most. Safe for several threads.

    The rate is that of the last day: the share of the log's records that it brought, of all that log and store take.
    Where the last day brought less than ten minutes of data it is that of all the log's time.
    """

    def __init__(self, disk: DiskReport, report: StorageReport, event_log: EventLog, clock: Clock) -> None:
        self._disk = disk
        self._report = report
        self._log = event_log
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[datetime, float | None] | None = None

    def room(self) -> Room:
        """How much there is. Raises LogUnavailable, StoreUnavailable."""
        with self._lock:
            now, usage = self._clock.now(), self._disk.usage()
            if self._last is None or not self._last[0] <= now < self._last[0] + _FRESH:
                self._last = now, self._bytes_per_day(now, usage.log_bytes)
            return Room(usage.free_bytes, self._last[1])

    def _bytes_per_day(self, now: datetime, log_bytes: int) -> float | None:
        oldest = self._log.oldest()
        for after in (
            self._log.before(now - _DAY),
            oldest,
        ):  # of all its time where there is too little of the last day
            first = self._first_after(after)
            if first is not None and now - first >= _SPAN_AT_LEAST:
                begin, since, head = (_number(cursor) for cursor in (oldest, after, self._log.head()))
                share = (head - since) / max(head - begin, 1)
                taken = (log_bytes + self._report.database_bytes()) * share
                return taken * (_DAY / (now - first if after == oldest else min(now - first, _DAY)))
        return None

    def _first_after(self, after: Cursor) -> datetime | None:
        with self._log.reader(TOPICS, after=after) as reader:
            while records := reader.read(limit=100, timeout_s=0):
                for record in records:
                    if isinstance(record, Recorded):
                        return record.event.recorded_at
        return None


def _number(cursor: Cursor) -> int:
    return 0 if cursor == BEGINNING else Place.at(cursor).numbers.get("", 0)
