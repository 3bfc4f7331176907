"""What to do about dead letters: read them again once what was wrong is mended, or give them up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from application.isolation import Failed, Failure, is_of_the_surroundings
from application.ports.alert_reads import DeadLetterReads, KeptLetter
from application.ports.clock import Clock
from application.ports.event_log import EventLog, Position, Recorded, Unreadable
from application.ports.page import Window
from domain.dead_letter import DeadLettered, DeadLetterSettled
from domain.errors import NotAllowed, NotFound
from domain.event import Event
from domain.values import Origin

LOG_RECORD = "log-record"
"""The kind of a letter that holds a record of the log as it stood there."""

APPLY = "apply"
"""The kind of a letter that holds a record of the log which one of its readers could not process."""

MOST_AT_ONCE = 1_000
_MOST_REFUSED = 10_000  # letters that still cannot be read are passed over, but not for ever

ReadAgain = Callable[[DeadLettered], Sequence[Event]]
"""Reads a letter's raw bytes once more; what still cannot be read comes back as DeadLettered."""


def letter_of(record: Unreadable, *, now: datetime, origin: Origin) -> DeadLettered:
    """The letter of a record that could not be understood: its bytes, its reason, and where it stands."""
    return DeadLettered(
        kind=LOG_RECORD,
        **_where(record.topic, record.position),
        reason=record.reason,
        raw=record.raw,
        occurred_at=now,
        recorded_at=now,
        origin=origin,
    )


def letter_of_failed(
    failed: Failed[Recorded | Unreadable],
    reader: str,
    value_of: Callable[[Event], bytes],
    *,
    now: datetime,
    origin: Origin,
) -> DeadLettered:
    """The letter of a record that a reader could not process; `origin` is for one that is no event. Raises LogUnavailable.

    Its bytes are those of the log, so that the record can be read again; the words for it where it cannot be encoded.
    """
    record, failure = failed.record, failed.failure
    return DeadLettered(
        kind=APPLY,
        **_where(record.topic, record.position),
        reason=f"{reader} could not process it: {failure.reason}",
        raw=record.raw if isinstance(record, Unreadable) else bytes_of(record.event, value_of),
        reader=reader,
        location=failure.location,
        occurred_at=now,
        recorded_at=now,
        origin=record.event.origin if isinstance(record, Recorded) else origin,
    )


def bytes_of(event: Event, value_of: Callable[[Event], bytes]) -> bytes:
    """An event's bytes; where it has none that a log takes, what Python says of it."""
    try:
        return value_of(event)
    except Exception as error:
        if is_of_the_surroundings(error):
            raise
        return repr(event).encode("utf-8", "backslashreplace")


def _is_it(event: DeadLettered, letter: DeadLettered) -> bool:
    """Whether reading a letter gave the letter again; a record that a reader failed on may be another dead letter."""
    return letter.kind != APPLY or event.letter_id == letter.letter_id


def _where(topic: str, position: Position) -> dict[str, Any]:
    partition, offset = position
    return {
        # In a log with one order the place says it all: reading the record again gives the same letter.
        "place": topic if partition else f"{topic}@{offset}",
        "partition": int(partition.rpartition("/")[2]) if partition else None,
        "offset": offset if partition else 0,
    }


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of many letters: those dealt with, the events they gave, and how many were refused, the first for `reason`.

    `more` says that there were more than MOST_AT_ONCE.
    """

    letter_ids: Sequence[str]
    events: int
    refused: int
    reason: str | None
    more: bool


class DeadLetterCommands:
    """Redrives and drops. Both are events, so that a rebuild remembers them."""

    def __init__(
        self, event_log: EventLog, reads: DeadLetterReads, clock: Clock, readers: Mapping[str, ReadAgain]
    ) -> None:
        self._log = event_log
        self._reads = reads
        self._clock = clock
        self._readers = readers

    def redrive(self, letter_id: str) -> int:
        """Read a letter again; returns how many events it gave. Its facts keep their ids, so twice makes no duplicate.

        Raises NotFound, and NotAllowed when it is settled already or still cannot be read, with the reason.
        """
        letter = self._open(letter_id).letter
        read_again = self._readers.get(letter.kind)
        if read_again is None:
            raise NotAllowed(f"dead letter {letter_id} is a {letter.kind}: no part of this version can read it again")
        events = list(read_again(letter))
        unread = [event.reason for event in events if isinstance(event, DeadLettered) and _is_it(event, letter)]
        if unread:
            raise NotAllowed(f"dead letter {letter_id} still cannot be read: {unread[0]}")
        self._log.append([*events, self._settled(letter, "redriven")])
        return len(events)

    def drop(self, letter_id: str) -> None:
        """Give a letter up; it stays on record as dropped. Raises NotFound, NotAllowed when it is settled already."""
        self._log.append([self._settled(self._open(letter_id).letter, "dropped")])

    def redrive_all(self, *, kind: str | None = None, place: str | None = None) -> Settled:
        """Read open letters of a kind and a place (None: any) again, the newest first, up to MOST_AT_ONCE that can be read.

        Those refused stay open, and keep none of the others from their turn.
        """
        return self._each(self.redrive, kind, place)

    def drop_all(self, *, kind: str | None = None, place: str | None = None) -> Settled:
        """Give the newest MOST_AT_ONCE open letters of a kind and a place (None: any) up."""

        def drop(letter_id: str) -> int:
            self.drop(letter_id)
            return 0

        return self._each(drop, kind, place)

    def _each(self, settle: Callable[[str], int], kind: str | None, place: str | None) -> Settled:
        settled: list[str] = []
        refused, reason, events = 0, None, 0
        cursor: str | None = None
        while len(settled) < MOST_AT_ONCE and refused < _MOST_REFUSED:
            wanted = MOST_AT_ONCE - len(settled)
            page = self._reads.dead_letters(Window(limit=wanted, cursor=cursor), kind=kind, place=place)
            for kept in page.items:
                try:
                    events += settle(kept.letter.letter_id)
                except (NotAllowed, NotFound) as error:
                    refused, reason = refused + 1, reason or str(error)
                except Exception as error:
                    if is_of_the_surroundings(error):
                        raise
                    words = f"dead letter {kept.letter.letter_id} still cannot be read: {Failure.of(error).reason}"
                    refused, reason = refused + 1, reason or words
                else:
                    settled.append(kept.letter.letter_id)
            cursor = page.next_cursor
            if cursor is None:
                break
        return Settled(settled, events, refused, reason, more=cursor is not None)

    def _open(self, letter_id: str) -> KeptLetter:
        kept = self._reads.dead_letter(letter_id)
        if kept is None:
            raise NotFound(f"there is no dead letter '{letter_id[:40]}'")
        if kept.outcome != "open":
            raise NotAllowed(f"dead letter {letter_id} is {kept.outcome} already")
        return kept

    def _settled(self, letter: DeadLettered, outcome: str) -> DeadLetterSettled:
        now = self._clock.now()
        return DeadLetterSettled(
            letter_id=letter.letter_id, outcome=outcome, occurred_at=now, recorded_at=now, origin=letter.origin
        )
