"""The live feed: one WebSocket v2 connection at a time, for ever, whatever comes over it.

Protocol facts: docs.kraken.com/api/docs/guides/spot-ws-intro and recordings. Only what Kraken sends of its own accord
(heartbeats, data, answers) says that a connection lives; pings and pongs prove nothing but a listening process.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

import structlog

from adapters.kraken.backoff import Backoff
from adapters.kraken.config import KrakenConfig
from adapters.kraken.connection import Connection, open_connection
from adapters.kraken.errors import ConnectionLost
from adapters.kraken.frames import FrameReader, is_maintenance
from adapters.kraken.messages import Answer, Error, Frame, Pong, StatusFrame, TickerFrame, TradeFrame
from adapters.kraken.names import VENUE
from adapters.kraken.subscriptions import Subscription, Subscriptions
from application.ports.clock import Clock
from application.ports.market_feed import MarketSink
from application.ports.telemetry import Telemetry
from domain.event import Event
from domain.market.feed import FeedConnected, FeedConnecting, FeedDisconnected, SubscriptionRejected
from domain.values import Origin

log = structlog.get_logger(__name__)

Tap = Callable[[bytes, datetime], None]
_POLL_S = 0.1
_COUNT_EVERY_S = 1.0
_IN_MAINTENANCE = "Kraken is in maintenance"


class KrakenFeed:
    """Trades and tickers of the configured pairs, live. Implements MarketFeed; run it once at a time.

    Counts: `frames{feed}`, `refusals{reason}`, `reconnects`, `unknown_frames`, `venue_status{status}`.
    `tap` sees every message as received, before it is read. `hint` says what helps with a pair that Kraken refuses.
    """

    def __init__(
        self,
        config: KrakenConfig,
        *,
        clock: Clock,
        telemetry: Telemetry,
        tap: Tap | None = None,
        hint: Callable[[str], str] = lambda _pair: "",
    ) -> None:
        self._config, self._clock, self._telemetry, self._tap = config, clock, telemetry, tap
        self._hint = hint
        self._wanted = _Wanted(config.pairs)

    def follow(self, pairs: Sequence[str]) -> None:
        """Collect these pairs from now on, over the same connection: the others notice nothing. From any thread."""
        self._wanted.pairs = tuple(map(str, pairs))

    def run(self, sink: MarketSink, stop: threading.Event) -> None:
        """Feed `sink` until `stop` is set. Connection troubles become FeedDisconnected events, never exceptions."""
        _Run(
            wanted=self._wanted,
            hint=self._hint,
            config=self._config,
            clock=self._clock,
            telemetry=self._telemetry,
            tap=self._tap,
            sink=sink,
            stop=stop,
        ).run()


@dataclass(slots=True)
class _Wanted:
    """The pairs to collect; another tuple when they change."""

    pairs: tuple[str, ...]


class _Stamp(TypedDict):
    """What all feed events have in common."""

    occurred_at: datetime
    recorded_at: datetime
    origin: Origin
    venue: str


class _Run:
    """One run of the feed. It lives as long as `run` does; what a connection has to know is set in `_serve`."""

    def __init__(
        self,
        *,
        wanted: _Wanted,
        hint: Callable[[str], str],
        config: KrakenConfig,
        clock: Clock,
        telemetry: Telemetry,
        tap: Tap | None,
        sink: MarketSink,
        stop: threading.Event,
    ) -> None:
        self._config, self._clock, self._telemetry, self._tap = config, clock, telemetry, tap
        self._sink, self._stop = sink, stop
        self._wanted, self._pairs = wanted, wanted.pairs
        self._hint = hint
        self._left: frozenset[str] = frozenset()  # may still send, until the venue has taken note
        self._reader = FrameReader(origin=config.origin, place=config.url, feed=VENUE, telemetry=telemetry)
        self._subscriptions = Subscriptions(config, self._pairs)
        self._backoff = Backoff(config.first_backoff_s, config.longest_backoff_s)
        self._connected: set[str] = set()
        self._unsettled = True
        self._maintenance_until: float | None = None
        self._in_sink = 0.0

    def run(self) -> None:
        endpoint = self._config.url
        self._emit([FeedConnecting(**self._at(), pair=pair, endpoint=endpoint) for pair in self._pairs])
        while not self._stop.is_set():
            self._follow()
            try:
                self._connect_and_serve()
            except ConnectionLost as lost:
                if not self._stop.is_set():
                    self._pause(_IN_MAINTENANCE if self._maintenance_until is not None else str(lost))
        self._reader.flush_counts()

    def _connect_and_serve(self) -> None:
        connection = open_connection(self._config.url, timeout_s=self._config.connect_timeout_s, stop=self._stop)
        if connection is None:
            return
        log.info("connected", endpoint=self._config.url)
        try:
            self._serve(connection)
        finally:
            connection.close()

    def _serve(self, connection: Connection) -> None:
        now = heard = counted = self._now()
        self._subscriptions.begin(now)
        self._connected.clear()
        self._left = frozenset()
        self._unsettled, self._maintenance_until = True, None
        while not self._stop.is_set():
            if self._wanted.pairs is not self._pairs:
                self._follow()
            if self._unsettled and (request := self._subscriptions.next_request(now)) is not None:
                connection.send(request)
            raw = connection.receive(_POLL_S)
            now = self._now()
            if raw is not None and self._take(raw, now):
                heard = now
            elif now - heard > self._config.heartbeat_deadline_s:
                raise ConnectionLost(f"Kraken sent no sign of life for {self._config.heartbeat_deadline_s:g} s")
            self._check_deadlines(now)
            if now - counted > _COUNT_EVERY_S:
                self._reader.flush_counts()
                counted = now

    def _follow(self) -> None:
        """Take over the pairs that are wanted now."""
        wanted, before = self._wanted.pairs, self._pairs
        if wanted is before:
            return
        self._pairs = wanted
        gone, new = frozenset(before) - frozenset(wanted), [pair for pair in wanted if pair not in before]
        self._subscriptions.follow(wanted)
        self._connected -= gone
        self._left = (self._left | gone) - frozenset(wanted)
        self._unsettled = True
        if new:
            self._emit([FeedConnecting(**self._at(), pair=pair, endpoint=self._config.url) for pair in new])

    def _take(self, raw: bytes, now: float) -> bool:
        """Handle a message; returns whether it is a sign of life."""
        received_at = self._clock.now()
        if self._tap is not None:
            self._tap(raw, received_at)
        events, frame = self._reader.read(raw, received_at)
        if type(frame) is TradeFrame or type(frame) is TickerFrame:
            self._backoff.reset()
            if self._unsettled:
                self._note_data(frame, events)
        else:
            events += self._control(frame, now)
        if self._left:
            events = [event for event in events if event.key not in self._left]
        if events:
            self._emit(events)
        return not isinstance(frame, Pong)

    def _note_data(self, frame: TradeFrame | TickerFrame, events: list[Event]) -> None:
        """Who came to life? What is rare (a frame of bad rows alone) counts by its symbols where it has any."""
        channel = "trade" if isinstance(frame, TradeFrame) else "ticker"
        pairs = {row.symbol for row in frame.data}
        if not frame.data and frame.type == "snapshot" and (pair := self._subscriptions.heard_nothing(channel)):
            pairs = {pair}
        for pair in pairs:
            self._subscriptions.heard(channel, pair)
        events[:0] = self._newly_connected()
        self._unsettled = not self._subscriptions.is_settled()

    def _control(self, frame: Frame, now: float) -> list[Event]:
        match frame:
            case Answer():
                return self._answered(frame, now)
            case Error() if "rate" in frame.text.lower():
                self._subscriptions.slow_down(now)
                self._unsettled = True
            case StatusFrame():
                return self._status(frame, now)
        return []

    def _answered(self, answer: Answer, now: float) -> list[Event]:
        self._unsettled = True
        if answer.error is not None:
            self._reader.refused("error-answer", answer.error[:200])
        for warning in (answer.warnings or []) + ((answer.result and answer.result.warnings) or []):
            log.warning("kraken warns", warning=warning[:200])
        rejected = self._subscriptions.answered(answer, now)
        return [self._rejection(one) for one in rejected] + self._newly_connected()

    def _rejection(self, one: Subscription) -> Event:
        self._connected.discard(one.pair)
        reason = (one.refusal or "no reason given")[:300] + self._hint(one.pair)
        self._telemetry.count("refusals", reason="rejected-subscription")
        log.warning("subscription rejected", pair=one.pair, channel=one.channel, reason=reason)
        return SubscriptionRejected(**self._at(), pair=one.pair, channel=one.channel, reason=reason)

    def _newly_connected(self) -> list[Event]:
        if self._maintenance_until is not None:
            return []
        new = [pair for pair in self._pairs if pair not in self._connected and self._subscriptions.is_connected(pair)]
        self._connected.update(new)
        return [FeedConnected(**self._at(), pair=pair) for pair in new]

    def _status(self, frame: StatusFrame, now: float) -> list[Event]:
        if not is_maintenance(frame):
            if self._maintenance_until is None:
                return []
            self._maintenance_until = None  # the engine started anew: what it still remembers of us is unknown
            self._subscriptions.begin(now)
            self._unsettled = True
            return []
        if self._maintenance_until is not None:
            return []
        wait = self._config.maintenance_retry_s
        self._maintenance_until = now + wait
        return self._disconnected(self._working_pairs(), _IN_MAINTENANCE, wait)

    def _check_deadlines(self, now: float) -> None:
        if self._maintenance_until is not None:
            if now > self._maintenance_until:
                raise ConnectionLost(_IN_MAINTENANCE)
            return
        if not self._unsettled:
            return
        for silence in self._subscriptions.overdue(now):
            self._reader.refused("silent-subscription", silence.reason)
            self._emit(self._disconnected([silence.pair], silence.reason, silence.retry_in_s))

    def _pause(self, reason: str) -> None:
        """Tell of a lost connection and wait before the next one."""
        wait = self._backoff.next()
        self._reader.flush_counts()
        self._telemetry.count("reconnects")
        log.warning("connection lost", reason=reason, next_try_in_s=round(wait, 1), endpoint=self._config.url)
        self._emit(self._disconnected(self._working_pairs(), reason, wait))
        self._stop.wait(wait)

    def _working_pairs(self) -> list[str]:
        rejected = self._subscriptions.rejected_pairs()
        return [pair for pair in self._pairs if pair not in rejected]

    def _disconnected(self, pairs: list[str], reason: str, wait_s: float) -> list[Event]:
        self._connected.difference_update(pairs)
        self._unsettled = True
        at = self._at()
        next_try_at = at["recorded_at"] + timedelta(seconds=wait_s)
        return [FeedDisconnected(**at, pair=pair, reason=reason, next_try_at=next_try_at) for pair in pairs]

    def _emit(self, events: list[Event]) -> None:
        """Hand events on. While the sink is busy we do not read, so that time is no silence of Kraken's."""
        start = time.monotonic()
        self._sink(events)
        self._in_sink += time.monotonic() - start

    def _now(self) -> float:
        """Seconds for deadlines: those spent in the sink do not count."""
        return time.monotonic() - self._in_sink

    def _at(self) -> _Stamp:
        now = self._clock.now()
        return {"occurred_at": now, "recorded_at": now, "origin": self._config.origin, "venue": VENUE}
