"""Taking over history from files: into the log in batches, and from there into the store."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from application.ports.event_log import EventLog
from domain.dead_letter import DeadLettered
from domain.event import Event

_BATCH = 5_000
_NAMED_REFUSALS = 5


@dataclass(slots=True)
class Imported:
    """How much was taken over, and what could not be read (the first few in words)."""

    imported: int = 0
    refused: int = 0
    first_refusals: list[str] = field(default_factory=list)


def import_history(
    events: Iterable[Event], event_log: EventLog, catch_up: Callable[[], None], progress: Callable[[int], None]
) -> Imported:
    """Append events in batches, bringing the tables up (`catch_up`) after each. What cannot be read is a dead letter."""
    counts = Imported()
    stream = iter(events)
    while batch := list(islice(stream, _BATCH)):
        for event in batch:
            if isinstance(event, DeadLettered):
                counts.refused += 1
                if counts.refused <= _NAMED_REFUSALS:
                    counts.first_refusals.append(event.reason)
        counts.imported += len(batch)
        event_log.append(batch)
        catch_up()
        progress(len(batch))
    counts.imported -= counts.refused
    return counts
