"""Port: how far each reader of the log has come. Part of a store's transaction."""

from dataclasses import dataclass
from typing import Protocol

from application.ports.event_log import Cursor


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A reader's place, and what it must remember beside it (JSON; empty where the rows say it all)."""

    cursor: Cursor
    state: str = ""


class Checkpoints(Protocol):
    """Places by the reader's name, such as `store` or `alerting`."""

    def checkpoint(self, reader: str) -> Checkpoint | None:
        """The last one saved; None before the first."""
        ...

    def checkpoints(self, prefix: str) -> dict[str, Checkpoint]:
        """Those of all readers whose name starts with `prefix`, by name."""
        ...

    def save_checkpoint(self, reader: str, checkpoint: Checkpoint) -> None:
        """Save with the transaction's rows."""
        ...


class CheckpointReads(Protocol):
    """Looks at places without a transaction that writes."""

    def checkpoints(self, prefix: str) -> dict[str, Checkpoint]:
        """Those of all readers whose name starts with `prefix`, by name. Raises StoreUnavailable."""
        ...
