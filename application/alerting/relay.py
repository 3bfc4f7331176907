"""The event store is the outbox: what was committed there goes out to the event log, in order, at least once."""

import threading
from collections.abc import Sequence

from application.dead_letters import bytes_of
from application.failed_records import FailedRecords
from application.house_events import HOUSE_EVENTS
from application.isolation import isolate
from application.ports.checkpoints import Checkpoint
from application.ports.clock import Clock
from application.ports.event_log import Cursor, EventLog
from application.ports.event_store import UnreadableEvent
from application.ports.store import Store
from domain.admission import Admission
from domain.event import Event

READER = "relay"
EVENT_STORE = "event-store"
"""The place of the relay's dead letters: their offset is the event's position in the event store."""
_BATCH = 500


class Unrelayable(Exception):
    """A stored event that cannot go to the log."""


class Relay:
    """Copies committed events of the aggregates to the log, and remembers how far it came.

    An event that this version cannot read, that the admission refuses, or that the log does not take, becomes a dead
    letter; the relay goes on with the next ones.
    """

    def __init__(self, event_log: EventLog, store: Store, failed: FailedRecords, clock: Clock) -> None:
        self._log = event_log
        self._store = store
        self._failed = failed
        self._clock = clock
        self._wake = threading.Event()

    def wake(self) -> None:
        """Something was committed: look now, not at the next turn."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop` is set; what is committed by then goes out."""
        while not stop.is_set():
            self._wake.wait(0.5)
            self._wake.clear()
            self.relay_pending()
        self.relay_pending()

    def relay_pending(self) -> int:
        """Relay all that waits; returns how many events that were."""
        relayed = 0
        while True:
            with self._store.begin() as tx:
                checkpoint = tx.checkpoint(READER)
                waiting = tx.after(int(checkpoint.cursor) if checkpoint else 0, limit=_BATCH)
            if not waiting:
                return relayed
            for one in isolate(waiting, self._append):
                position, event = one.record
                raw = event.payload if isinstance(event, UnreadableEvent) else bytes_of(event, self._log.value_of)
                self._failed.set_aside_from(EVENT_STORE, position, raw, one.failure, READER)
            with self._store.begin() as tx:
                tx.save_checkpoint(READER, Checkpoint(Cursor(str(waiting[-1][0]))))
            relayed += len(waiting)

    def _append(self, waiting: Sequence[tuple[int, Event | UnreadableEvent]]) -> None:
        events: list[Event] = []
        admission = Admission(self._clock.now())
        for _, event in waiting:
            if isinstance(event, UnreadableEvent):
                raise Unrelayable(event.reason)
            if not isinstance(event, HOUSE_EVENTS):
                admission.admit(event)
                events.append(event)
        self._log.append(events)
