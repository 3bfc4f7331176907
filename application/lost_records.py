"""Telling which records of the log were deleted or lost before a reader had read them: each gap is a dead letter."""

from datetime import datetime

import structlog

from application.ports.clock import Clock
from application.ports.event_log import EventLog, Place
from application.ports.store import Store
from application.store import stored_up_to
from domain.dead_letter import DeadLettered
from domain.values import Origin

log = structlog.get_logger(__name__)

LOG_GAP = "log-gap"
"""The kind of a letter that stands for records that a reader can never read; it holds no bytes."""


def lost_records(read: Place, oldest: Place, *, reader: str, now: datetime, origin: Origin) -> list[DeadLettered]:
    """Return a letter for each partition that begins behind where `reader` stands.

    A partition that it has not read at all tells nothing: the reader may be new. The same gap gives the same letter.
    """
    letters = []
    for partition, last in sorted(oldest.numbers.items()):
        known = read.numbers.get(partition)
        if known is None or known >= last:
            continue
        topic, _, number = partition.rpartition("/")
        letters.append(
            DeadLettered(
                kind=LOG_GAP,
                place=topic or f"log@{last}",
                partition=int(number) if topic else None,
                offset=last if topic else 0,
                reason=f"the records {known + 1} to {last} were gone from the log before they were read: they are lost",
                raw=b"",
                reader=reader,
                occurred_at=now,
                recorded_at=now,
                origin=origin,
            )
        )
    return letters


def note_lost_records(event_log: EventLog, store: Store, clock: Clock, *, reader: str, origin: Origin) -> int:
    """Append a letter for each gap between what the tables hold and where the log begins; returns how many.

    Raises LogUnavailable, StoreUnavailable.
    """
    with store.begin() as tx:
        stored = stored_up_to(tx)
    letters = lost_records(stored, Place.at(event_log.oldest()), reader=reader, now=clock.now(), origin=origin)
    if letters:
        event_log.append(letters)
    for letter in letters:
        log.error("records of the log were lost", place=letter.place, partition=letter.partition, reason=letter.reason)
    return len(letters)
