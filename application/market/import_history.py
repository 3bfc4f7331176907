"""Taking over history from files: into the log in batches, and from there into the store."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from application.failed_records import append_apart
from application.ports.event_log import EventLog
from application.ports.history_reads import HistoryReads
from domain.dead_letter import DeadLettered
from domain.event import Event
from domain.market.history import CandleImported
from domain.market.trade import TradeExecuted

WRITER = "import"
_BATCH = 5_000
_NAMED_REFUSALS = 5


@dataclass(slots=True)
class Imported:
    """How much was taken over, how much the tables held already, and what could not be read (the first few in words)."""

    imported: int = 0
    known: int = 0
    refused: int = 0
    first_refusals: list[str] = field(default_factory=list)


def import_history(
    events: Iterable[Event],
    counts: Imported,
    event_log: EventLog,
    reads: HistoryReads,
    catch_up: Callable[[], None],
    progress: Callable[[int], None],
) -> None:
    """Append the events that the tables do not hold yet, in batches, bringing the tables up (`catch_up`) after each.

    What cannot be read is a dead letter. `counts` is brought up with each batch, so it is right where `events` breaks off:
    what came before is taken over, then its error is raised.
    """
    batch: list[Event] = []

    def take() -> None:
        if batch:
            _take(batch, counts, event_log, reads)
            catch_up()
            progress(len(batch))
            batch.clear()

    catch_up()  # what an earlier import left in the log is there already
    try:
        for event in events:
            batch.append(event)
            if len(batch) == _BATCH:
                take()
    finally:
        take()


def _take(batch: Sequence[Event], counts: Imported, event_log: EventLog, reads: HistoryReads) -> None:
    letters = [event for event in batch if isinstance(event, DeadLettered)]
    facts = [event for event in batch if isinstance(event, TradeExecuted | CandleImported)]
    new = reads.not_stored(facts)
    written = append_apart(event_log, [*new, *letters], WRITER)
    letters = [event for event in written if isinstance(event, DeadLettered)]
    counts.imported += len(written) - len(letters)
    counts.known += len(facts) - len(new)
    counts.refused += len(letters)
    wanted = _NAMED_REFUSALS - len(counts.first_refusals)
    counts.first_refusals += [letter.reason for letter in letters[:wanted]]
