"""The end of the log, and what the store makes of it: one thread that reads for all stream clients."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from application.ports.event_log import CursorTooOld, Place, Recorded, Unreadable
from application.ports.market_reads import Touch
from application.topics import TOPICS
from domain.market.feed_health import FeedState
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted
from domain.values import parse_time
from entrypoints.api.feeds import feed_rows
from entrypoints.api.services import CurrentServices, NotReady, Services
from entrypoints.api.stream.channels import Message
from entrypoints.api.stream.repeats import Repeats, reader_from_before
from entrypoints.api.stream.translate import candle_messages, feed_message, log_messages, touched_feeds

log = structlog.get_logger(__name__)

_BATCH = 1000
_WAIT_S = 0.1
_POLL_S = 0.05
_QUIET_AFTER_S = 5.0  # the store is that much behind the log at most, in good health
_IDLE_POLL_S = 1.0
_RETRY_S = 1.0


class Listener(Protocol):
    """Who is told, on the event loop."""

    @property
    def wanted(self) -> frozenset[str]:
        """The channels that anybody listens to; read by the tail's thread."""
        ...

    def started(self, services: Services, place: Place, touch: Touch) -> None:
        """A session is followed from `place` on; its candles were last written at `touch`."""
        ...

    def configured(self, services: Services) -> None:
        """The session goes on with other pairs or feeds."""
        ...

    def deliver(self, messages: Sequence[Message], place: Place, generation: int) -> None:
        """All of the log up to `place`. Candles among the messages are of that generation of rewinds."""
        ...

    def lost(self) -> None:
        """What comes next in the log was deleted before it was read: clients must begin anew."""
        ...


class Tail:
    """Follows the current session's log from its head, in a thread, until stopped; a new session from its own head."""

    def __init__(
        self, current: CurrentServices, listener: Listener, post: Callable[..., object], stop: threading.Event
    ) -> None:
        self._current = current
        self._listener = listener
        self._post = post
        self._stop = stop
        self._rewinds: queue.SimpleQueue[tuple[int, Touch]] = queue.SimpleQueue()
        self._generation = 0
        self._asked = 0

    def rewind_candles(self, touch: Touch) -> int:
        """Ask for the candles written after `touch` once more; returns the generation in which they come."""
        self._asked += 1
        self._rewinds.put((self._asked, touch))
        return self._asked

    def run(self) -> None:
        """The thread's body. Whatever fails is logged and tried again from where it was: nothing is skipped."""
        services: Services | None = None
        follower: _Follower | None = None
        while not self._stop.is_set():
            try:
                current = self._session()
                if current is None:
                    self._stop.wait(_WAIT_S)
                    continue
                if services is None or follower is None or current.event_log is not services.event_log:
                    services, follower = current, _Follower(current, Place.at(current.event_log.head()))
                    self._post(self._listener.started, services, follower.place, current.market.last_touch())
                elif current is not services:
                    services = current
                    follower.serve_by(current)
                    self._post(self._listener.configured, current)
                self._follow(services, follower)
            except CursorTooOld:
                log.warning("the stream fell behind what the log retains", place=str(follower and follower.place))
                services = None
                self._post(self._listener.lost)
            except Exception:  # the thread's boundary: a stream that ended silently would be worse
                log.exception("reading for the stream failed and is tried again", retry_s=_RETRY_S)
                self._stop.wait(_RETRY_S)

    def _session(self) -> Services | None:
        try:
            return self._current()
        except NotReady:
            return None

    def _follow(self, services: Services, follower: "_Follower") -> None:
        with reader_from_before(services.event_log, TOPICS, follower.place) as reader:
            while not self._stop.is_set():
                current = self._session()
                if current is not services:
                    return
                records = reader.read(limit=_BATCH, timeout_s=follower.patience_s)
                place = follower.place.joined(Place.at(reader.cursor))
                self._deliver(follower.read_log(records), place, follower)
                while not self._rewinds.empty():
                    self._generation, back = self._rewinds.get()
                    follower.rewind(back)
                wanted = self._listener.wanted  # after the rewinds: who rewinds wants candles
                self._deliver(follower.read_candles(wanted), follower.place, follower)
                self._deliver(follower.read_feeds(wanted), follower.place, follower)

    def _deliver(self, messages: list[Message], place: Place, follower: "_Follower") -> None:
        if messages or place != follower.place:
            self._post(self._listener.deliver, messages, place, self._generation)
            follower.place = place


class _Follower:
    """What one session's tail remembers between two reads."""

    def __init__(self, services: Services, place: Place) -> None:
        self.place = place
        self._services = services
        self._repeats = Repeats()
        self._candles_from: Touch | None = None  # None while nobody wants them
        self._busy_until = 0.0
        self._candles_at = 0.0
        self._feeds: dict[str, tuple[Recorded, float]] = {}
        self._feeds_at = 0.0
        self._states: dict[str, FeedState] = {}

    def serve_by(self, services: Services) -> None:
        """The same session, with other pairs or feeds."""
        self._services = services

    @property
    def patience_s(self) -> float:
        """How long the next read may wait: less while the store is about to say something."""
        return _POLL_S if self._feeds or time.monotonic() < self._busy_until else _WAIT_S

    def read_log(self, records: Sequence[Recorded | Unreadable]) -> list[Message]:
        """What a batch of the log says for the first time, noting what the store will have to say on it."""
        records = [one for one in self._repeats.left_out(records) if not self.place.covers(one.position)]
        messages = log_messages(self._services, records)
        now = time.monotonic()
        if any(isinstance(r, Recorded) and isinstance(r.event, TradeExecuted | CandleImported) for r in records):
            if now >= self._busy_until:
                self._candles_at = now
            self._busy_until = now + _QUIET_AFTER_S
        self._feeds |= {name: (record, now + _QUIET_AFTER_S) for name, record in touched_feeds(records).items()}
        return messages

    def rewind(self, touch: Touch) -> None:
        """Read candles from `touch` on again."""
        self._candles_from = min(self._candles_from or touch, touch)
        self._candles_at = 0.0

    def read_candles(self, wanted: frozenset[str]) -> list[Message]:
        """Candles touched since the last look; looked for often while trades come, seldom when all is quiet."""
        now = time.monotonic()
        if "candles" not in wanted:
            self._candles_from = None  # who comes to want them rewinds to where it stands
        if self._candles_from is None or now < self._candles_at:
            return []
        candles = self._services.market.candles_after(self._candles_from, limit=_BATCH)
        messages = candle_messages(self._services, candles)
        if candles:
            self._candles_from = candles[-1][1]
            self._busy_until = now + _QUIET_AFTER_S
        self._candles_at = now + (_POLL_S if now < self._busy_until else _IDLE_POLL_S)
        return messages

    def read_feeds(self, wanted: frozenset[str]) -> list[Message]:
        """Rows of feeds that something befell, once the store knows of it, and of those that went stale or came back."""
        now = time.monotonic()
        if not self._feeds and (now < self._feeds_at or "feeds" not in wanted):
            return []
        self._feeds_at = now + _IDLE_POLL_S
        rows = feed_rows(self._services)
        messages, ready = [], {name for name, (_, deadline) in self._feeds.items() if now >= deadline}
        for row in rows:
            record, deadline = self._feeds.get(row.name, (None, 0.0))
            before = self._states.get(row.name)
            if record is not None:
                if now >= deadline or parse_time(row.recorded_at) >= record.event.recorded_at:
                    ready.add(row.name)
                    messages.append(feed_message(row, record.position))
            elif before is not None and before != row.state and FeedState.STALE in (before, row.state):
                messages.append(feed_message(row))
        self._states = {row.name: row.state for row in rows}
        self._feeds = {name: waiting for name, waiting in self._feeds.items() if name not in ready}
        if messages and not self._feeds:
            messages[-1].told = self.place
        return messages
