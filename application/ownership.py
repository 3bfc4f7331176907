"""Whose data a shared log and store hold: one source's, for ever, so that simulated data is never taken for the market's."""

from application.ports.checkpoints import Checkpoint
from application.ports.event_log import BEGINNING
from application.ports.store import Store
from domain.errors import NotAllowed

READER = "source"


def claim(store: Store, source: str) -> None:
    """Note on a new store that it is `source`'s. Raises NotAllowed when it is another's, and StoreUnavailable."""
    with store.begin() as tx:
        held = tx.checkpoint(READER)
        if held is None:
            tx.save_checkpoint(READER, Checkpoint(BEGINNING, state=source))
        elif held.state != source:
            raise NotAllowed(
                f"this database holds the data named '{held.state}', and the source's is '{source}': "
                "they must not mix; name another database and log for it, or the source that these are for"
            )
