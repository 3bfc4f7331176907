"""The event store is the outbox: what was committed there goes out to the event log, in order, at least once."""

import threading

from application.house_events import HOUSE_EVENTS
from application.ports.checkpoints import Checkpoint
from application.ports.event_log import Cursor, EventLog
from application.ports.store import Store

READER = "relay"
_BATCH = 500


class Relay:
    """Copies committed events of the aggregates to the log, and remembers how far it came."""

    def __init__(self, event_log: EventLog, store: Store) -> None:
        self._log = event_log
        self._store = store
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
            self._log.append([event for _, event in waiting if not isinstance(event, HOUSE_EVENTS)])
            with self._store.begin() as tx:
                tx.save_checkpoint(READER, Checkpoint(Cursor(str(waiting[-1][0]))))
            relayed += len(waiting)
