"""The newest events in memory, so that readers who keep up need neither the file nor the codec."""

import threading
import time
from collections.abc import Sequence

from application.ports.event_log import Recorded


class Tail:
    """Where the log begins and ends, its newest events, and a wake-up for those who wait for more.

    Places are positions: `oldest` and `head` are those of the last record before, and of the last record within.
    It holds between `size` and a quarter more events. Safe for several threads.
    """

    def __init__(self, *, oldest: int, head: int, size: int) -> None:
        self._changed = threading.Condition()
        self._oldest = oldest
        self._head = head
        self._size = size
        self._records: list[Recorded] = []
        self._closed = False

    @property
    def oldest(self) -> int:
        """The oldest place that can still be read from."""
        return self._oldest

    @oldest.setter
    def oldest(self, position: int) -> None:
        with self._changed:
            self._oldest = position

    @property
    def head(self) -> int:
        """The place after the newest event."""
        return self._head

    @property
    def closed(self) -> bool:
        """Whether nothing will come any more."""
        return self._closed

    def extend(self, first: int, records: Sequence[Recorded]) -> None:
        """Take the records that were appended from position `first` on, and wake who waits for them."""
        with self._changed:
            if first != self._head + 1:
                self._records.clear()  # somebody else wrote to the file in between: what we hold is no run any more
            self._records += records
            self._head = first + len(records) - 1
            if len(self._records) > self._size * 5 // 4:
                del self._records[: len(self._records) - self._size]
            self._changed.notify_all()

    def after(self, position: int, limit: int) -> Sequence[Recorded] | None:
        """Up to `limit` records after a position, of all topics; None where they must be read from the file."""
        with self._changed:
            start = position - self._head + len(self._records)
            return None if start < 0 else self._records[start : start + limit]

    def wait_beyond(self, position: int, deadline: float) -> bool:
        """Wait until the log is longer than `position` or closed, or `time.monotonic()` is past `deadline`."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._closed or self._head > position, max(0.0, deadline - time.monotonic())
            )

    def close(self) -> None:
        """Wake all who wait: nothing will come any more."""
        with self._changed:
            self._closed = True
            self._records.clear()
            self._changed.notify_all()
