"""A KrakenFeed running against a local server, and what it said so far."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from adapters.kraken.config import KrakenConfig
from adapters.kraken.feed import KrakenFeed
from domain.event import Event
from tests.telemetry import Remembered

E = TypeVar("E", bound=Event)

QUICK: dict[str, Any] = {
    "connect_timeout_s": 2,
    "heartbeat_deadline_s": 8,
    "ack_deadline_s": 6,
    "snapshot_deadline_s": 6,
    "retry_alone_s": 0.4,
    "maintenance_retry_s": 60,
    "first_backoff_s": 0.05,
    "longest_backoff_s": 0.2,
    "request_interval_s": 0.01,
    "rate_pause_s": 0.1,
}

# For tests of these very deadlines. The others wait long: on a busy machine a second may pass between two steps.
IMPATIENT: dict[str, Any] = {"heartbeat_deadline_s": 0.8, "ack_deadline_s": 0.6, "snapshot_deadline_s": 0.6}


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Running:
    """Runs the feed on a thread; `events` grows. Leaving the block stops it and checks that it stops promptly."""

    def __init__(self, url: str, pairs: Sequence[str] = ("BTC/USD",), **settings: Any) -> None:
        self.telemetry = Remembered()
        self.events: list[Event] = []
        self.hold = threading.Event()  # cleared: the sink blocks
        self.hold.set()
        config = KrakenConfig(url=url, pairs=tuple(pairs), **{**QUICK, **settings})
        self._feed = KrakenFeed(config, clock=WallClock(), telemetry=self.telemetry)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feed")

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_exc: object) -> None:
        self.hold.set()
        self._stop.set()
        start = time.monotonic()
        self._thread.join(5)
        if kind is None:
            assert not self._thread.is_alive(), "the feed did not stop"
            assert time.monotonic() - start < 3, "the feed took more than three seconds to stop"
            assert self._error is None, f"the feed ended by itself: {self._error!r}"

    def follow(self, *pairs: str) -> None:
        self._feed.follow(pairs)

    def of(self, kind: type[E], pair: str | None = None) -> list[E]:
        return [e for e in list(self.events) if isinstance(e, kind) and pair in {None, getattr(e, "pair", None)}]

    def wait_for(self, condition: Callable[[], object], timeout_s: float = 10) -> None:
        until = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < until, f"not within {timeout_s} s: {self.events}"
            assert self._error is None, f"the feed ended by itself: {self._error!r}"
            time.sleep(0.005)

    def wait_for_event(self, kind: type[E], pair: str | None = None, count: int = 1) -> E:
        self.wait_for(lambda: len(self.of(kind, pair)) >= count)
        return self.of(kind, pair)[count - 1]

    def _run(self) -> None:
        try:
            self._feed.run(self._take, self._stop)
        except BaseException as error:
            self._error = error
            raise

    def _take(self, events: Sequence[Event]) -> None:
        self.hold.wait(30)
        self.events.extend(events)
