"""The bounded queue between the feed and the log."""

import threading
from collections import deque
from collections.abc import Sequence

from application.ports.telemetry import Telemetry
from domain.event import Event
from domain.market.ticker import TickerUpdated


class Inbox:
    """Holds events until the log has them. When it is full, tickers coalesce (the latest of a pair stays, the others
    are counted) and everything else waits: so the feed stops reading, and no trade is ever dropped.

    A recording must give the same rows each time: with `coalesce` off its tickers wait too.
    """

    def __init__(self, telemetry: Telemetry, *, capacity: int = 20_000, coalesce: bool = True) -> None:
        self._telemetry = telemetry
        self._capacity = capacity
        self._coalesce = coalesce
        self._events: deque[Event] = deque()
        self._tickers: dict[str, TickerUpdated] = {}  # the latest of each pair, while there is no room
        self._changed = threading.Condition()
        self._closed = False

    def put(self, events: Sequence[Event]) -> None:
        """Add events in order; waits for room. After `close` nothing more is taken in."""
        with self._changed:
            for event in events:
                if isinstance(event, TickerUpdated) and self._coalesce and self._must_coalesce(event):
                    if event.pair in self._tickers:
                        self._telemetry.count("tickers_coalesced")
                    self._tickers[event.pair] = event
                    continue
                while len(self._events) >= self._capacity and not self._closed:
                    self._changed.notify_all()  # whoever takes may be waiting for what was put in just now
                    self._changed.wait()
                if self._closed:
                    return
                self._events.append(event)
            self._changed.notify_all()

    def take(self, limit: int, timeout_s: float) -> list[Event]:
        """Up to `limit` events in order; waits for the first. Empty after the timeout, or once closed and drained."""
        with self._changed:
            if not self._events and not self._tickers and not self._closed:
                self._changed.wait(timeout_s)
            taken = [self._events.popleft() for _ in range(min(limit, len(self._events)))]
            if not self._events:
                taken += self._tickers.values()
                self._tickers.clear()
            self._changed.notify_all()
            self._telemetry.gauge("queue_depth", len(self._events), queue="inbox")
            return taken

    def close(self) -> None:
        """Take nothing more; what is in it can still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def drained(self) -> bool:
        """Closed, and everything taken out."""
        with self._changed:
            return self._closed and not self._events and not self._tickers

    def _must_coalesce(self, ticker: TickerUpdated) -> bool:
        # A pair whose ticker already waits stays in the waiting room, or its tickers would change their order.
        return len(self._events) >= self._capacity or ticker.pair in self._tickers
