"""What a reader does with records that it could not process: they go to the log as dead letters."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from application.dead_letters import APPLY, letter_of_failed
from application.isolation import Failed, Failure, is_of_the_surroundings, isolate
from application.ports.clock import Clock
from application.ports.event_log import EventLog, Recorded, Unreadable
from application.ports.telemetry import Telemetry
from application.topics import topic_of
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.values import Origin

log = structlog.get_logger(__name__)

_LONGEST_RAW = 1 << 20  # bytes


def append_apart(event_log: EventLog, events: Sequence[Event], writer: str) -> Sequence[Event]:
    """Append events; one that the log does not take becomes a dead letter of `writer`. Raises LogUnavailable.

    Returns what was appended, the letters included. When it raises, appending all again is right.
    """
    try:
        event_log.append(events)
    except Exception as error:
        if is_of_the_surroundings(error):
            raise
    else:
        return events
    failed = {id(one.record): one for one in isolate(events, event_log.append)}
    letters = [_unwritten(one, writer) for one in failed.values()]
    event_log.append(letters)
    return [*(event for event in events if id(event) not in failed), *letters]


def _unwritten(failed: Failed[Event], writer: str) -> DeadLettered:
    event, failure = failed.record, failed.failure
    log.error("an event could not be appended", writer=writer, kind=event.name, reason=failure.reason)
    return DeadLettered(
        kind=APPLY,
        place=topic_of(event),
        offset=0,
        reason=f"{writer} could not append it: {failure.reason}",
        raw=repr(event).encode("utf-8", "backslashreplace")[:_LONGEST_RAW],
        reader=writer,
        location=failure.location,
        occurred_at=event.recorded_at,
        recorded_at=event.recorded_at,
        origin=event.origin,
    )


class FailedRecords:
    """Appends dead letters to the log. A reader does that before it saves its log position.

    After a crash between the two the reader fails again, and gives the same letters under the same ids.
    """

    def __init__(self, event_log: EventLog, clock: Clock, telemetry: Telemetry, *, origin: Origin) -> None:
        self._log = event_log
        self._clock = clock
        self._telemetry = telemetry
        self._origin = origin

    def set_aside(self, failed: Sequence[Failed[Recorded | Unreadable]], reader: str) -> None:
        """Append a dead letter for each record of the log that `reader` could not process. Raises LogUnavailable."""
        now = self._clock.now()
        self._append(
            [letter_of_failed(one, reader, self._log.value_of, now=now, origin=self._origin) for one in failed]
        )

    def set_aside_from(self, place: str, number: int, raw: bytes, failure: Failure, reader: str) -> None:
        """The same for what does not come from the log: it has a number at its place. Raises LogUnavailable."""
        now = self._clock.now()
        letter = DeadLettered(
            kind=APPLY,
            place=place,
            offset=number,
            reason=f"{reader} could not process it: {failure.reason}",
            raw=raw,
            reader=reader,
            location=failure.location,
            occurred_at=now,
            recorded_at=now,
            origin=self._origin,
        )
        self._append([letter])

    def _append(self, letters: Sequence[DeadLettered]) -> None:
        for letter in letters:
            self._telemetry.count("dead_letters", kind=APPLY)
            log.error(
                "a record could not be processed", reader=letter.reader, place=letter.place, partition=letter.partition,
                offset=letter.offset, reason=letter.reason, location=letter.location,
            )  # fmt: skip
        try:
            self._log.append(letters)
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            for letter in letters:
                self._append_somehow(letter)

    def _append_somehow(self, letter: DeadLettered) -> None:
        """Append a letter, without its bytes where the log does not take them: it is too large with them, say."""
        try:
            self._log.append([letter])
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            words = f"{letter.reason} (its {len(letter.raw)} bytes are left out: they do not fit)"
            self._log.append([replace(letter, raw=b"", reason=words)])
