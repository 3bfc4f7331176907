"""A recording played as if it came from Kraken now: JSON Lines of `{"received_at": RFC 3339, "raw": "the frame"}`."""

import threading
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypedDict

import msgspec
import structlog

from adapters.kraken.errors import RecordingError
from adapters.kraken.frames import FrameReader
from adapters.kraken.messages import Answer, TickerFrame, TradeFrame
from adapters.kraken.names import VENUE
from application.ports.clock import Clock
from application.ports.market_feed import MarketSink
from application.ports.telemetry import Telemetry
from domain.admission import Admission
from domain.dead_letter import DeadLettered
from domain.errors import InvalidValue
from domain.event import Event
from domain.market.feed import FeedConnected, FeedConnecting, FeedEnded, SubscriptionRejected
from domain.values import Origin, parse_time

log = structlog.get_logger(__name__)

LONGEST_LINE = 32 * 1024 * 1024
_COUNT_EVERY = 1000

KIND = "recording-line"


class Line(msgspec.Struct):
    """One frame of a recording, verbatim."""

    received_at: str
    raw: str


class RecordingFeed:
    """Plays a recording through the live feed's own frame handling. Implements MarketFeed.

    `speed` 1 keeps the recording's pace, 10 is ten times as fast, 0 as fast as it goes. `pairs` limits what is played
    to these; without it all are. There is no REST and no deadline; `recorded_at` is the frame's `received_at`.
    Raises RecordingError for a file that cannot be read.
    """

    def __init__(
        self, path: Path, *, speed: float, clock: Clock, telemetry: Telemetry, pairs: Collection[str] | None = None
    ) -> None:
        if speed < 0:
            raise RecordingError(
                f"speed {speed:g} cannot be: expected 0 (as fast as it goes), 1 (its own pace) or more"
            )
        self._path, self._speed, self._clock, self._telemetry, self._pairs = path, speed, clock, telemetry, pairs
        _open(path).close()

    def follow(self, pairs: Sequence[str]) -> None:
        """A recording is played as it is: the pairs that it began with."""

    def run(self, sink: MarketSink, stop: threading.Event) -> None:
        """Feed `sink` until the recording ends or `stop` is set."""
        with _open(self._path) as file:
            _Playing(self._path, self._speed, self._telemetry, self._pairs, self._clock).play(file, sink, stop)


class _Stamp(TypedDict):
    occurred_at: datetime
    recorded_at: datetime
    origin: Origin
    venue: str


class _Playing:
    def __init__(
        self, path: Path, speed: float, telemetry: Telemetry, pairs: Collection[str] | None, clock: Clock
    ) -> None:
        self._place, self._speed, self._pairs = f"recording:{path.name}", speed, pairs
        self._reader = FrameReader(origin=Origin.RECORDING, place=self._place, feed="recording", telemetry=telemetry)
        self._telemetry = telemetry
        self._clock = clock
        self._admission = Admission(clock.now())  # of a recent moment: see `play`
        self._at = self._admission.now  # of the last frame; until there is one, the present
        self._first: tuple[datetime, float] | None = None
        self._seen: dict[str, None] = dict.fromkeys(pairs or ())
        self._live: set[str] = set()

    def play(self, file: BinaryIO, sink: MarketSink, stop: threading.Event) -> None:
        number = 0
        while not stop.is_set() and (text := file.readline(LONGEST_LINE)):
            number += 1
            if not text.strip():
                continue
            if (events := self._events(number, text, stop)) and not stop.is_set():
                sink(events)
            if number % _COUNT_EVERY == 0:
                self._reader.flush_counts()
                self._admission = Admission(self._clock.now())
        self._reader.flush_counts()
        if not stop.is_set():
            log.info("recording ended", place=self._place, lines=number)
            if ended := [FeedEnded(**self._stamp(), pair=pair) for pair in self._seen]:
                sink(ended)

    def _events(self, number: int, text: bytes, stop: threading.Event) -> list[Event]:
        try:
            line = _decode_line(text)
            at = parse_time(line.received_at, "received_at")
            raw = line.raw.encode()
            self._admission.admit_time("received_at", at)
        except (msgspec.MsgspecError, UnicodeError, InvalidValue) as error:
            return [self._broken(number, text, str(error))]
        starting = self._start(at)
        self._wait(at, stop)
        self._at = at
        events, frame = self._reader.read(raw, at, self._admission.now)
        events = [event for event in events if self._is_wanted(event)]
        if isinstance(frame, TradeFrame | TickerFrame):
            events[:0] = self._newly_live(events)
        elif isinstance(frame, Answer) and frame.error is not None and frame.symbol is not None:
            events += self._rejected(frame.symbol[:40], frame.error[:300])
        return [*starting, *events]

    def _rejected(self, pair: str, reason: str) -> list[Event]:
        if self._pairs is not None and pair not in self._pairs:
            return []
        self._reader.refused("rejected-subscription", reason)
        return [SubscriptionRejected(**self._stamp(), pair=pair, channel="unknown", reason=reason)]

    def _start(self, at: datetime) -> list[Event]:
        if self._first is not None:
            return []
        self._first = (at, time.monotonic())
        self._at = at
        return [FeedConnecting(**self._stamp(), pair=pair, endpoint=self._place) for pair in self._seen]

    def _wait(self, at: datetime, stop: threading.Event) -> None:
        if self._speed and self._first is not None:
            recorded, started = self._first
            due = (at - recorded).total_seconds() / self._speed
            stop.wait(max(0.0, due - (time.monotonic() - started)))

    def _is_wanted(self, event: Event) -> bool:
        return self._pairs is None or isinstance(event, DeadLettered) or event.key in self._pairs

    def _newly_live(self, events: list[Event]) -> list[Event]:
        new = dict.fromkeys(
            event.key for event in events if not isinstance(event, DeadLettered) and event.key not in self._live
        )
        self._live.update(new)
        self._seen.update(new)
        return [FeedConnected(**self._stamp(), pair=pair) for pair in new]

    def _broken(self, number: int, text: bytes, reason: str) -> DeadLettered:
        reason = f'line {number}: {reason[:200]}; expected {{"received_at": RFC 3339, "raw": "the frame as received"}}'
        self._reader.refused("broken-line", reason)
        return DeadLettered(
            occurred_at=self._at,
            recorded_at=self._at,
            origin=Origin.RECORDING,
            kind=KIND,
            place=self._place,
            reason=reason,
            raw=text,
            offset=number,
        )

    def _stamp(self) -> _Stamp:
        return {"occurred_at": self._at, "recorded_at": self._at, "origin": Origin.RECORDING, "venue": VENUE}


_decode_line = msgspec.json.Decoder(Line).decode


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise RecordingError(
            f"the recording {path} cannot be read ({error.strerror or error}): expected a file made by `cryptoviz record`"
        ) from error
